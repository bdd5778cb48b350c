"""After a finished snakemake run: let DVC know what was made."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the one exception that can be made."""
    parser.add_argument(
        "--drop-missing",
        action="store_true",
        help="let files that dvc.lock lists and that are gone leave it",
    )


def run(arguments: argparse.Namespace) -> None:
    """Seal the repository in the present folder and say what has changed in dvc.lock."""
    from biqa.seam.seal import seal

    done = seal(Path(), drop_missing=arguments.drop_missing)
    print(f"sealed: {', '.join(done.stages) or 'nothing, dvc.lock describes what is here'}")
    if done.difference:
        print(done.difference)
