"""Decode every picture of an archive and check its labels against the published facts."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this step."""
    parser.add_argument("--dataset", required=True, help="name of a module of biqa.datasets")
    parser.add_argument("--archive", required=True, type=Path, help="the official archive")
    parser.add_argument("--output", required=True, type=Path, help="report to write (JSON)")


def run(arguments: argparse.Namespace) -> None:
    """Verify the archive and write the report."""
    from biqa.datasets import dataset
    from biqa.files import write_json
    from biqa.verification import verify

    write_json(arguments.output, verify(dataset(arguments.dataset), arguments.archive))
