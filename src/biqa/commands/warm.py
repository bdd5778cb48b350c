"""Load the large libraries once, and fork the steps of a workflow; the workflow starts it."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where steps ask, and whose end is the end."""
    parser.add_argument("--socket", type=Path, required=True, help="made in a folder of its own")
    parser.add_argument("--watch", type=int, required=True, help="process to end with")


def run(arguments: argparse.Namespace) -> None:
    """Serve until the watched process has ended."""
    from biqa.warm.server import Server, load

    load()
    Server(arguments.socket, arguments.watch).serve()
