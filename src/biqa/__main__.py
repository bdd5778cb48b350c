"""``python -m biqa <step> …``: one sub-command a step of the workflow."""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence

from biqa import __version__, commands
from biqa.errors import InputError
from biqa.seam.shares import said_peak, take_share
from biqa.seam.steps import join_workflow, leave_workflow
from biqa.warm.client import ENTERED, ask


def _parser() -> argparse.ArgumentParser:
    """Return the parser; only the modules of the commands are imported, not what they use."""
    parser = argparse.ArgumentParser(prog="biqa", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    steps = parser.add_subparsers(dest="step", required=True, metavar="step")
    for found in sorted(pkgutil.iter_modules(commands.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{commands.__name__}.{found.name}")
        summary = (module.__doc__ or "").strip()
        step = steps.add_parser(found.name.replace("_", "-"), help=summary, description=summary)
        module.add_arguments(step)
        step.set_defaults(call=module.run)
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Run one step; an ``InputError`` or a missing file is one line on stderr and status 1."""
    arguments = _parser().parse_args(words)
    try:
        arguments.call(arguments)
    except (InputError, FileNotFoundError) as error:
        print(f"biqa {arguments.step}: {error}", file=sys.stderr)
        return 1
    return 0


def main_or_warm() -> int:
    """Run one step in a child of the warm process, where there is one, otherwise here.

    Before that it joins its workflow, and takes the share of a GPU that its recipe asks for.
    """
    words = sys.argv[1:]
    if os.environ.pop(ENTERED, ""):
        return _measured(words)
    try:
        note = join_workflow(words)
        slots = take_share(words)
    except InputError as error:
        print(f"biqa {words[0]}: {error}", file=sys.stderr)
        return 1
    status = ask(words, [file.fileno() for file in ([note] if note else []) + slots])
    if status is None:
        status = _measured(words)
    if note:
        leave_workflow(note)
    return status


def _measured(words: Sequence[str]) -> int:
    """Run one step here; if it used a GPU, say how much of its memory."""
    status = main(words)
    peak = said_peak()
    if peak:
        print(f"biqa {words[0]}: {peak}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main_or_warm())
