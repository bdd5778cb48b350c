"""Seconds from predictions to metrics, verdicts, tables, figures and report of a whole study.

The predictions are made up, with the study's runs, numbers of pictures and epochs; what is timed
are the commands that the rules call, one after another, each a process of its own.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from timing import processor, write

from biqa.datasets import dataset
from biqa.files import write_json, write_table
from biqa.recipes import Recipe, plain
from biqa.workflow.runs import Run, runs_of, training_spec
from biqa.workflow.study import Study, load_study

ENDINGS = {
    "table": {"csv": "csv", "markdown": "md", "latex": "tex", "html": "html"},
    "figure": {"svg": "svg", "png": "png", "pdf": "pdf"},
}


def parts_of(n: int, recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """Return the part of each of ``n`` pictures, in the protocol's fractions."""
    protocol = recipe.protocol
    parts = ("train", "validation", "test")
    names = np.empty(n, dtype="U10")
    cuts = np.rint(np.cumsum([getattr(protocol, part) for part in parts]) * n).astype(int)
    order = rng.permutation(n)
    for part, chosen in zip(parts, np.split(order, cuts[:-1]), strict=True):
        names[chosen] = part
    return names


class MadeUpRuns:
    """Writes run folders as ``train`` and ``predict`` leave them."""

    def __init__(self, study: Study, results: Path) -> None:
        self.study, self.results = study, results
        self.mos: dict[str, np.ndarray] = {}
        self.epochs: dict[tuple[str, str, int], tuple[pd.DataFrame, bytes]] = {}

    def write(self, run: Run, number: int) -> None:
        """Write one run; ``number`` seeds it."""
        rng = np.random.default_rng(number)
        recipe = self.study.recipes[run.recipe]
        folder = self.results / "runs" / run.path
        pictures, epochs = self._judged(run, recipe)
        good = 0.05 + 0.05 * rng.random()
        tables = [self._predicted(pictures.assign(dataset=run.dataset), good, rng)]
        for other in run.also_test_on:
            cross = pd.DataFrame({"name": _names(other, self._mos(other)), "part": "cross"})
            cross = cross.assign(mos=self._mos(other), dataset=other)
            tables.append(self._predicted(cross, 2 * good, rng))
        write_table(folder / "predictions.csv.gz", pd.concat(tables))
        (folder / "epochs.csv.gz").write_bytes(epochs)
        history = self._history(recipe, rng)
        write_table(folder / "history.csv", history)
        write_json(folder / "record.json", self._record(run, recipe, history))

    def _mos(self, name: str) -> np.ndarray:
        if name not in self.mos:
            rng = np.random.default_rng(len(name))
            self.mos[name] = np.round(rng.beta(5, 3, dataset(name).n_images), 6)
        return self.mos[name]

    def _judged(self, run: Run, recipe: Recipe) -> tuple[pd.DataFrame, bytes]:
        """Return the pictures with parts, and the scores of all epochs as a file's bytes.

        Runs that differ in model or loss alone share the latter: packing it takes longer than
        all that is timed here.
        """
        key = (run.dataset, run.recipe, run.split)
        if key not in self.epochs:
            mos, rng = self._mos(run.dataset), np.random.default_rng(run.split)
            pictures = pd.DataFrame({"name": _names(run.dataset, mos), "mos": mos})
            pictures["part"] = parts_of(len(mos), recipe, rng)
            shown = pictures[pictures["part"] != "train"]
            noise = rng.normal(scale=0.1, size=(recipe.epochs, len(shown)))
            scores = {
                f"epoch_{epoch}": np.round(shown["mos"].to_numpy() + noise[epoch - 1], 7)
                for epoch in range(1, recipe.epochs + 1)
            }
            file = self.results / "epochs.csv.gz"
            write_table(file, shown[["name", "part"]].assign(**scores))
            self.epochs[key] = pictures, file.read_bytes()
        return self.epochs[key]

    def _predicted(
        self, pictures: pd.DataFrame, noise: float, rng: np.random.Generator
    ) -> pd.DataFrame:
        scores = pictures["mos"] + rng.normal(scale=noise, size=len(pictures))
        return pictures.assign(predicted=scores.round(7))[
            ["dataset", "name", "part", "mos", "predicted"]
        ]

    def _history(self, recipe: Recipe, rng: np.random.Generator) -> pd.DataFrame:
        epoch = np.arange(1, recipe.epochs + 1)
        history = pd.DataFrame({"epoch": epoch, "lr": recipe.lr, "train_loss": 1 / epoch})
        for part in ("validation", "test"):
            for metric in ("srcc", "plcc"):
                curve = 0.9 - 0.5 / epoch + rng.normal(scale=0.01, size=len(epoch))
                there = part == "test" or recipe.protocol.validation
                history[f"{part}_{metric}"] = curve if there else np.nan
        return history

    def _record(self, run: Run, recipe: Recipe, history: pd.DataFrame) -> dict[str, object]:
        choose = recipe.protocol.choose
        column = f"{choose.removeprefix('best_')}_srcc"
        best = len(history) if choose == "last" else int(history[column].to_numpy().argmax()) + 1
        spec = training_spec(self.study, run)
        record = {"run": spec["run"], "spec": spec, "choose": choose, "epochs": recipe.epochs}
        record |= {"epoch_chosen": best, "parameters": 1_000_000, "seconds": 60.0, "code": "0" * 16}
        record |= {"device": "none", "machine": "none", "commit": "", "seed": 0, "libraries": {}}
        assert plain(recipe) == spec["recipe"]
        return record


def _names(name: str, mos: np.ndarray) -> list[str]:
    return [f"{name}_{number:05d}.png" for number in range(len(mos))]


def commands(study: Study, results: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each step with the command that its rule calls."""
    named = ["--study-file", str(study.file), "--results", str(results)]
    yield "evaluate", ["evaluate", *named, "--jobs", str(os.cpu_count())]
    files = [f"--output-{kind}={results}/claims.{kind}" for kind in ("csv", "json")]
    yield "claims", ["claims", "--results", str(results), *files]
    for step, endings in ENDINGS.items():
        for name in study.raw.get(f"{step}s", {}):
            path = results / f"{step}s" / name
            files = [f"--output-{kind}={path}.{end}" for kind, end in endings.items()]
            yield step, [step, *named, "--artefact", name, *files]
    yield "report", ["report", *named, f"--output={results}/report/index.html"]


def main() -> None:
    """Write the predictions, run the steps, write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", default="paper")
    parser.add_argument("--folder", type=Path, help="keep the made-up results here")
    args = parser.parse_args()
    study = load_study(Path(f"config/studies/{args.study}.yaml"))
    with tempfile.TemporaryDirectory() as scratch:
        results = (args.folder or Path(scratch)) / "results" / args.study
        runs = runs_of(study)
        if not (results / "epochs.csv.gz").is_file():
            writer = MadeUpRuns(study, results)
            for number, run in enumerate(runs.values()):
                writer.write(run, number)
        seconds: dict[str, list[float]] = {}
        for step, words in commands(study, results):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-m", "biqa", *words], check=True, capture_output=True)
            seconds.setdefault(step, []).append(time.perf_counter() - started)
    rows: list[dict[str, object]] = [
        {"step": step, "jobs": len(each), "seconds": sum(each)} for step, each in seconds.items()
    ]
    total = sum(sum(each) for each in seconds.values())
    rows.append({"step": "all", "jobs": sum(map(len, seconds.values())), "seconds": total})
    facts = {"study": args.study, "runs": len(runs), "device": processor()}
    write("publishing", [row | facts for row in rows])


if __name__ == "__main__":
    main()
