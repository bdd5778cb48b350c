"""After clone, pull or checkout: let Snakemake know which results are current."""

import argparse
from pathlib import Path

N_SHOWN = 5  # reasons and files a line is printed of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the stages of dvc.yaml say what there is."""


def run(arguments: argparse.Namespace) -> None:
    """Restamp the repository in the present folder and say what was found."""
    from biqa.seam.restamp import restamp

    done = restamp(Path())
    print(f"current: {', '.join(done.current) or 'no stage'}")
    for verdict in done.changed:
        reasons = [*verdict.reasons[:N_SHOWN], "…"][: len(verdict.reasons)]
        print(f"changed: {verdict.stage.name} ({'; '.join(reasons)})")
    if done.aged:
        print(f"not made here, so snakemake will make them again: {len(done.aged)} files")
        for file in done.aged[:N_SHOWN]:
            print(f"  {file}")
        print("  where they belong to the last commit: git stash, restamp, git stash pop")
