"""Find a weights file in the folders that may hold it and link it."""

import argparse
import os
from pathlib import Path

from biqa.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the file's name, the folders, and the link."""
    parser.add_argument("--file", required=True, help="name of a safetensors file")
    parser.add_argument(
        "--folders",
        default=os.environ.get("BIQA_WEIGHTS", ""),
        help="folders to look in, default: the environment variable BIQA_WEIGHTS",
    )
    parser.add_argument("--output", type=Path, required=True, help="the link to make")


def run(arguments: argparse.Namespace) -> None:
    """Link the file, or say where it was looked for."""
    from biqa.download import link

    folders = [Path(name) for name in arguments.folders.split(os.pathsep) if name]
    for folder in folders:
        found = folder / arguments.file
        if found.is_file():
            link(found, arguments.output)
            return
    looked = ", ".join(map(str, folders)) or "no folder: BIQA_WEIGHTS is not set"
    raise InputError(
        f"weights {arguments.file} not found (looked in {looked}); put the file in a folder and "
        "name that folder in the environment variable BIQA_WEIGHTS"
    )
