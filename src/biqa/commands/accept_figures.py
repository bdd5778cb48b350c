"""Take the tables and figures that check-figures has drawn into results, dvc.lock and git."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study."""
    parser.add_argument("--study", default="livec", help="default: %(default)s")


def run(arguments: argparse.Namespace) -> None:
    """Copy, renew dvc.lock where it knows the study, and stage for a commit."""
    from biqa.seam.regenerate import accept

    accepted = accept(Path(), arguments.study)
    for path in accepted:
        print(path)
    print("staged; git commit does the rest" if accepted else "nothing has changed")
