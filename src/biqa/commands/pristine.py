"""Find an archive of pristine pictures in the folders that may hold it and link it."""

import argparse
import os
from pathlib import Path

from biqa.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the folders and the link."""
    parser.add_argument(
        "--archives",
        default=os.environ.get("BIQA_ARCHIVES", ""),
        help="folders to look in, default: the environment variable BIQA_ARCHIVES",
    )
    parser.add_argument("--output", type=Path, required=True, help="the link to make")


def run(arguments: argparse.Namespace) -> None:
    """Link the archive, or say where it was looked for."""
    from biqa.download import link

    name = arguments.output.name
    folders = [Path(folder) for folder in arguments.archives.split(os.pathsep) if folder]
    found = [folder / name for folder in folders if (folder / name).is_file()]
    if not found:
        looked = ", ".join(map(str, folders)) or "no folder: BIQA_ARCHIVES is not set"
        raise InputError(
            f"{name} not found (looked in {looked}); pack the 24 Kodak photographs (PNG, 768x512, "
            "r0k.us/graphics/kodak) as a zip of that name, put it in a folder and name the folder "
            "in the environment variable BIQA_ARCHIVES; or let the study say basis: scenes"
        )
    link(found[0], arguments.output)
