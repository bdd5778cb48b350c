"""Find the official archive of a dataset in a folder, or download it."""

import argparse
import os
import sys
import time
from pathlib import Path

VARIABLE = "BIQA_ARCHIVES"
HERE = "data/archives"
SECONDS_BETWEEN = {True: 0.2, False: 10.0}  # lines of progress; on a terminal, and elsewhere


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this step."""
    usual = os.pathsep.join(filter(None, (os.environ.get(VARIABLE), HERE)))
    parser.add_argument("--dataset", required=True, help="name of a module of biqa.datasets")
    parser.add_argument(
        "--archives",
        default=usual,
        help=f"folders to look in, with {os.pathsep!r} between them (default: those of the "
        f"variable {VARIABLE}, then {HERE})",
    )
    parser.add_argument(
        "--checksums",
        type=Path,
        help="folder that keeps the checksums of first downloads, to compare later ones with",
    )
    parser.add_argument("--output", required=True, type=Path, help="archive to make")


def run(arguments: argparse.Namespace) -> None:
    """Obtain the archive; say on stderr how it goes."""
    from biqa.datasets import dataset
    from biqa.download import obtain

    folders = [Path(folder) for folder in arguments.archives.split(os.pathsep) if folder]
    obtain(
        dataset(arguments.dataset),
        folders,
        arguments.output,
        say=_Console(),
        checksums=arguments.checksums,
    )


class _Console:
    """Lines on stderr; on a terminal a passing line is written over by the next one."""

    def __init__(self) -> None:
        self.is_terminal = sys.stderr.isatty()
        self.said = time.monotonic()
        self.is_open = False  # the cursor stands behind a passing line

    def __call__(self, line: str, *, passing: bool = False) -> None:
        now = time.monotonic()
        if passing and now - self.said < SECONDS_BETWEEN[self.is_terminal]:
            return
        self.said = now
        start = "\r\x1b[K" if self.is_open else ""
        self.is_open = passing and self.is_terminal
        print(start + line, end="" if self.is_open else "\n", file=sys.stderr, flush=True)
