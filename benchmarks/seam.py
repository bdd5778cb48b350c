"""Seconds of restamp, seal, dvc repro and a plan where nothing is to be done.

Every file that the study would make is there, made up, small, and like no other; the times are
those of looking at thousands of files, not of reading large ones.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from timing import processor, write

from biqa.workflow.plan import Plan

REPOSITORY = Path(__file__).resolve().parents[1]
CODE = ("Snakefile", "workflow", "config", "src", ".dvcignore", ".gitignore", "profiles")
NOBODY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "Nobody"), ("EMAIL", "nobody@example.org"))
}


def copy_code(folder: Path) -> None:
    """Copy what a rebuild needs."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in CODE:
        source = REPOSITORY / name
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name, follow_symlinks=False)


class Folder:
    """A copy of the workflow, and commands timed in it, first with this Python's environment."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {
            **os.environ,
            **NOBODY,
            "PYTHONPATH": str(root / "src"),
            "XDG_CACHE_HOME": str(root.parent / "cache"),
        }
        self.cpu_seconds = 0.0
        self.use(Path(sys.executable))

    def use(self, python: Path) -> None:
        """Take the commands from another environment from now on."""
        self.python = python
        self.environment["PATH"] = os.pathsep.join([str(python.parent), os.environ["PATH"]])

    def call(self, *words: str) -> tuple[float, str]:
        """Return the seconds of a command and what it said; a status other than 0 is an error.

        ``cpu_seconds`` is what it took of the processors: on a busy machine that says more.
        """
        started, before = time.perf_counter(), os.times()
        done = subprocess.run(
            words,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        seconds, after = time.perf_counter() - started, os.times()
        self.cpu_seconds = sum(after[2:4]) - sum(before[2:4])  # of processes that have ended
        assert done.returncode == 0, f"{words}\n{done.stdout[-3000:]}"
        return seconds, done.stdout

    def biqa(self, *words: str) -> tuple[float, str]:
        """Call a step of biqa."""
        return self.call(str(self.python), "-m", "biqa", *words)


def fill(folder: Folder) -> int:
    """Write every output of every rule, with a text of its own; return how many there are."""
    _, said = folder.call("snakemake", "--dry-run", "--forceall")
    lines = re.findall(r"^    output: (.+)$", said, re.MULTILINE)
    paths = sorted(path for line in lines for path in line.split(", "))
    for number, path in enumerate(paths):
        (folder.root / path).parent.mkdir(parents=True, exist_ok=True)
        (folder.root / path).write_text(f'{{"{number}": 0.5}}\n')
    return len(paths)


def write_records(root: Path, study: str) -> None:
    """Let each run and prior say that it was made by the spec that the study names."""
    with contextlib.chdir(root):
        plan = Plan.of({"study": study})
        specs = {f"runs/{path}": plan.training_spec(run) for path, run in plan.runs.items()}
        specs |= {f"priors/{path}": plan.prior_spec(path) for path in plan.priors}
        for path, spec in specs.items():
            record = Path(plan.results, path, "record.json")
            record.write_text(json.dumps({"spec": json.loads(spec), "made up": path}))


def set_up(folder: Folder, study: str) -> int:
    """Make the study with all its results, in dvc.lock and git; return the number of files."""
    copy_code(folder.root)
    folder.biqa("study", study)
    n_files = fill(folder)
    write_records(folder.root, study)
    folder.call("git", "init", "--quiet", "--initial-branch", "main")
    folder.call("dvc", "init", "--quiet")
    shutil.copy(REPOSITORY / ".dvc" / "config", folder.root / ".dvc" / "config")
    folder.call("dvc", "commit", "--quiet", "--force")
    folder.call("git", "add", "--all")
    folder.call("git", "commit", "--quiet", "--message", "made up")
    return n_files


def main() -> None:
    """Measure, insist that nothing was left to do, and write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", default="paper")
    parser.add_argument("--rounds", type=int, default=3, help="of all but the first restamp")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place) / "study")
        folder.root.mkdir()
        n_files = set_up(folder, args.study)
        rows: list[dict[str, object]] = []

        def timed(what: str, seconds: float) -> None:
            took = {"seconds": seconds, "cpu_seconds": folder.cpu_seconds}
            rows.append({"what": what, "files": n_files, **took})
            print(
                f"{what}: {seconds:.1f} s, of the processors {folder.cpu_seconds:.1f} s", flush=True
            )

        seconds, said = folder.biqa("restamp")
        assert "changed" not in said, said
        timed("restamp, first in a clone", seconds)
        for _ in range(args.rounds):
            timed("restamp again", folder.biqa("restamp")[0])
            seconds, said = folder.call("dvc", "repro")
            assert "Running stage" not in said, said
            timed("dvc repro, nothing to do", seconds)
            seconds, said = folder.call("snakemake", "-n")
            assert "Nothing to be done" in said, said
            timed("snakemake -n, nothing to do", seconds)
            seconds, said = folder.biqa("seal")
            assert said.startswith("sealed: nothing"), said
            timed("seal, nothing to do", seconds)
    write("seam", [row | {"device": processor()} for row in rows])


if __name__ == "__main__":
    main()
