"""How time grows: an epoch with the number of pictures, a plan and an evaluation with that of runs.

If it grows in proportion, the seconds a picture or a run stay what they are.
"""

import argparse
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import yaml
from publishing import MadeUpRuns
from timing import processor, write
from training import make_pictures, our_loop, recipe_for

from biqa.evaluation import gather
from biqa.training.device import prepared_device
from biqa.workflow.runs import runs_of
from biqa.workflow.study import load_study

Row = dict[str, object]


def epochs(counts: list[int]) -> list[Row]:
    """Return the seconds of a pass of CNNIQA over each number of pictures, after one pass."""
    recipe = recipe_for("cpu", "float32", 1)
    prepared_device(recipe.hardware)
    rows: list[Row] = []
    for n in counts:
        with tempfile.TemporaryDirectory() as folder:
            work = our_loop("cnniqa", recipe, make_pictures(Path(folder), n))
            work()
            started = time.perf_counter()
            work()
            rows.append(_row("an epoch of cnniqa, pictures", n, started))
    return rows


def plans(study: str, splits: list[int]) -> list[Row]:
    """Return the seconds of a dry run of ``study`` with each number of splits."""
    rows: list[Row] = []
    for n_splits in splits:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("config", "workflow"):
                shutil.copytree(name, f"{folder}/{name}")
            shutil.copy("Snakefile", folder)
            file = Path(folder, "config/studies", f"{study}.yaml")
            raw = yaml.safe_load(file.read_text(encoding="utf-8"))
            raw["splits"] = n_splits
            file.write_text(yaml.safe_dump(raw), encoding="utf-8")
            command = ["snakemake", "-n", "--quiet", "all", "--forceall"]
            started = time.perf_counter()
            subprocess.run([*command, "--config", f"study={study}"], cwd=folder, check=True)
            rows.append(_row("a plan, runs", len(runs_of(load_study(file))), started))
    return rows


def evaluations(study_name: str, counts: list[int]) -> list[Row]:
    """Return the seconds that one process takes to judge each number of made-up runs."""
    study = load_study(Path(f"config/studies/{study_name}.yaml"))
    runs = list(runs_of(study).values())
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        writer = MadeUpRuns(study, Path(folder))
        chosen = [runs[at * len(runs) // max(counts)] for at in range(max(counts))]
        for number, run in enumerate(chosen):
            writer.write(run, number)
        for n in counts:
            spaced = chosen[:: max(counts) // n][:n]
            started = time.perf_counter()
            gather([Path(folder, "runs", run.path) for run in spaced])
            rows.append(_row("an evaluation, runs", n, started))
    return rows


def _row(what: str, n: int, started: float) -> Row:
    seconds = time.perf_counter() - started
    return {"what": what, "n": n, "seconds": seconds, "milliseconds_each": 1000 * seconds / n}


def main() -> None:
    """Measure all three and write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", default="paper")
    parser.add_argument("--pictures", type=int, nargs="+", default=[64, 128, 256, 512])
    parser.add_argument("--splits", type=int, nargs="+", default=[1, 5, 10, 20])
    parser.add_argument("--runs", type=int, nargs="+", default=[25, 50, 100, 200])
    args = parser.parse_args()
    rows = epochs(args.pictures) + plans(args.study, args.splits)
    rows += evaluations(args.study, args.runs)
    write("scaling", [row | {"device": processor(), "threads": 1} for row in rows])


if __name__ == "__main__":
    main()
