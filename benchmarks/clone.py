"""Seconds of each step by which a new clone takes over a finished study, and has nothing to do.

The results have to lie in this checkout. A copy of it seals them and pushes them to a folder; a
clone of the copy then does what a reader does: install, dvc pull, restamp, snakemake -n.
"""

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from seam import REPOSITORY, Folder
from timing import processor, write

from biqa.errors import InputError

MADE = ("data", "results", ".snakemake")  # what a rebuild leaves, with the times that it noted
ENVIRONMENT = ".venv"


def publish(author: Folder, study: str) -> None:
    """Fill a clone of this checkout with its results; seal, push and commit them there."""
    author.call("git", "clone", "--quiet", str(REPOSITORY), ".")
    if not (REPOSITORY / "results" / study / "metrics.json").is_file():
        raise InputError(
            f"{REPOSITORY}/results/{study} has no metrics.json; first 'snakemake --cores all "
            f"--config study={study}'"
        )
    for name in MADE:
        shutil.copytree(REPOSITORY / name, author.root / name, dirs_exist_ok=True)
    author.biqa("study", study)
    author.call("dvc", "remote", "add", "--quiet", "--default", "store", "../store")
    _, said = author.biqa("seal")
    print(said, flush=True)
    author.call("dvc", "push", "--quiet")
    author.call("git", "add", "--all")
    author.call("git", "commit", "--quiet", "--message", f"{study}, sealed")


def take_over(reader: Folder, *, install: bool) -> list[dict[str, object]]:
    """Do what README tells a reader, step by step; return the seconds of each."""
    rows: list[dict[str, object]] = []

    def timed(step: str, seconds: float) -> None:
        rows.append({"step": step, "seconds": seconds, "cpu_seconds": reader.cpu_seconds})
        print(f"{step}: {seconds:.1f} s, {reader.cpu_seconds:.1f} s of CPU", flush=True)

    if install:
        timed("install", reader.call("make", f"{ENVIRONMENT}/.done")[0])
        reader.use(reader.root / ENVIRONMENT / "bin" / "python")
    seconds, said = reader.call("dvc", "pull")
    found = re.search(r"(\d+) files? fetched", said)
    rows.append({"step": "files pulled", "count": int(found[1]) if found else 0})
    timed("dvc pull", seconds)
    seconds, said = reader.biqa("restamp")
    assert "changed" not in said, said
    timed("restamp", seconds)
    seconds, said = reader.call("snakemake", "-n")
    assert "Nothing to be done" in said, said[-3000:]
    timed("snakemake -n, nothing to do", seconds)
    return rows


def main() -> None:
    """Publish, take over, and write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", default="demo")
    parser.add_argument(
        "--no-install", action="store_true", help="use this environment in place of a new one"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        author, reader = (Folder(Path(place) / name) for name in ("author", "reader"))
        author.root.mkdir()
        try:
            publish(author, args.study)
        except InputError as error:
            sys.exit(f"{Path(__file__).name}: {error}")
        author.call("git", "clone", "--quiet", str(author.root), str(reader.root))
        rows = take_over(reader, install=not args.no_install)
    facts = {"study": args.study, "device": processor()}
    write("clone", [row | facts for row in rows])


if __name__ == "__main__":
    main()
