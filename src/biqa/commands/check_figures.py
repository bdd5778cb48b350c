"""Draw tables and figures again from the stored predictions; fail where git has other bytes."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study."""
    parser.add_argument("--study", default="livec", help="default: %(default)s")


def run(arguments: argparse.Namespace) -> None:
    """Compare, write the summary, and fail on a difference."""
    import os

    from biqa.errors import InputError
    from biqa.files import write_text
    from biqa.seam.job_summary import tell_job
    from biqa.seam.regenerate import ASIDE, regenerate
    from biqa.seam.summary import summary

    comparison = regenerate(Path(), arguments.study)
    folder = (ASIDE / arguments.study).absolute()
    write_text(folder / "summary.md", summary(comparison, folder))
    tell_job(Path(), comparison, folder, os.environ)
    if comparison.differs:
        first = (*comparison.changed, *comparison.new, *comparison.gone)
        raise InputError(
            f"{len(first)} files differ from git, {first[0]} first; {folder}/summary.md shows "
            f"them; 'python -m biqa accept-figures --study {arguments.study}' takes the new ones"
        )
    print(f"{len(comparison.same)} files are as in git")
