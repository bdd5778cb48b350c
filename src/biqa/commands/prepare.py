"""Decode the pictures of a verified archive once, to one size, into one folder."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this step."""
    parser.add_argument("--dataset", required=True, help="name of a module of biqa.datasets")
    parser.add_argument("--archive", required=True, type=Path, help="the official archive")
    parser.add_argument("--verified", required=True, type=Path, help="report of the step verify")
    parser.add_argument("--size", required=True, help="native, or height x width: 256x256")
    parser.add_argument("--output-folder", required=True, type=Path, help="folder to write to")


def run(arguments: argparse.Namespace) -> None:
    """Check that this very archive was verified and that there is space; prepare its pictures."""
    from biqa.datasets import dataset
    from biqa.datasets.archive import Archive
    from biqa.pictures.prepare import make_sure_of_space, prepare
    from biqa.verification import check_report

    definition = dataset(arguments.dataset)
    with Archive(arguments.archive) as archive:
        sizes = check_report(arguments.verified, definition, arguments.archive)
        make_sure_of_space(arguments.output_folder, sizes, arguments.size)
        prepare(definition, archive, arguments.size, arguments.output_folder)
