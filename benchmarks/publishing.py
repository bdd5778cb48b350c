"""Seconds from predictions to metrics, verdicts, tables, figures and report of a whole study.

The predictions are made up, with the study's runs, numbers of pictures and epochs; what is timed
are the commands that the rules call, each a process of its own, as many at once as there are cores.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from timing import processor, write

from biqa.baselines.recipe import BaselineRecipe
from biqa.datasets import dataset
from biqa.files import write_json, write_table
from biqa.recipes import Recipe
from biqa.workflow.baselines import spec_of
from biqa.workflow.plan import Plan
from biqa.workflow.runs import Run
from biqa.workflow.study import Study

ENDINGS = {
    "table": {"csv": "csv", "markdown": "md", "latex": "tex", "html": "html"},
    "figure": {"svg": "svg", "png": "png", "pdf": "pdf"},
}


AnyRecipe = Recipe | BaselineRecipe


def epochs_of(recipe: AnyRecipe) -> int:
    """Return the epochs of a recipe; a hand-crafted method's only one is its regression."""
    return recipe.epochs if isinstance(recipe, Recipe) else 1


def parts_of(n: int, recipe: AnyRecipe, rng: np.random.Generator) -> np.ndarray:
    """Return the part of each of ``n`` pictures, in the protocol's fractions."""
    protocol = recipe.protocol
    parts = ("train", "validation", "test")
    names = np.empty(n, dtype="U10")
    cuts = np.rint(np.cumsum([getattr(protocol, part) for part in parts]) * n).astype(int)
    order = rng.permutation(n)
    for part, chosen in zip(parts, np.split(order, cuts[:-1]), strict=True):
        names[chosen] = part
    return names


def write_lightly(file: Path, table: pd.DataFrame) -> None:
    """Write a table packed less than results are, which reads as fast and is written faster."""
    file.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(file, index=False, compression={"method": "gzip", "compresslevel": 1})


class MadeUpRuns:
    """Writes run folders as ``train`` and ``predict`` leave them."""

    def __init__(self, study: Study, results: Path) -> None:
        self.study, self.results = study, results
        self.mos: dict[str, np.ndarray] = {}
        self.epochs: dict[tuple[str, str, int, int], tuple[pd.DataFrame, bytes]] = {}

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
        folder.mkdir(parents=True)
        write_lightly(folder / "predictions.csv.gz", pd.concat(tables))
        (folder / "epochs.csv.gz").write_bytes(epochs)
        history = self._history(recipe, rng)
        write_table(folder / "history.csv", history)
        write_json(folder / "record.json", self._record(run, recipe, history))

    def _mos(self, name: str) -> np.ndarray:
        if name not in self.mos:
            rng = np.random.default_rng(len(name))
            self.mos[name] = np.round(rng.beta(5, 3, dataset(name).n_images), 6)
        return self.mos[name]

    def _judged(self, run: Run, recipe: AnyRecipe) -> tuple[pd.DataFrame, bytes]:
        """Return the pictures with parts, and the scores of all epochs as a file's bytes.

        Runs of one division and as many epochs share the latter: it takes long to write.
        """
        key = (run.dataset, recipe.protocol.name, epochs_of(recipe), run.split)
        if key not in self.epochs:
            mos, rng = self._mos(run.dataset), np.random.default_rng(run.split)
            pictures = pd.DataFrame({"name": _names(run.dataset, mos), "mos": mos})
            pictures["part"] = parts_of(len(mos), recipe, rng)
            shown = pictures[pictures["part"] != "train"]
            noise = rng.normal(scale=0.1, size=(len(shown), epochs_of(recipe)))
            scores = pd.DataFrame(np.round(shown[["mos"]].to_numpy() + noise, 7), shown.index)
            scores.columns = [f"epoch_{epoch + 1}" for epoch in scores.columns]
            file = self.results / "epochs.csv.gz"
            write_lightly(file, pd.concat([shown[["name", "part"]], scores], axis=1))
            self.epochs[key] = pictures, file.read_bytes()
        return self.epochs[key]

    def _predicted(
        self, pictures: pd.DataFrame, noise: float, rng: np.random.Generator
    ) -> pd.DataFrame:
        scores = pictures["mos"] + rng.normal(scale=noise, size=len(pictures))
        return pictures.assign(predicted=scores.round(7))[
            ["dataset", "name", "part", "mos", "predicted"]
        ]

    def _history(self, recipe: AnyRecipe, rng: np.random.Generator) -> pd.DataFrame:
        epoch = np.arange(1, epochs_of(recipe) + 1)
        history = pd.DataFrame({"epoch": epoch, "lr": 1e-4, "train_loss": 1 / epoch})
        for part in ("validation", "test"):
            for metric in ("srcc", "plcc"):
                curve = 0.9 - 0.5 / epoch + rng.normal(scale=0.01, size=len(epoch))
                there = part == "test" or recipe.protocol.validation
                history[f"{part}_{metric}"] = curve if there else np.nan
        return history

    def _record(self, run: Run, recipe: AnyRecipe, history: pd.DataFrame) -> dict[str, object]:
        choose = recipe.protocol.choose
        column = f"{choose.removeprefix('best_')}_srcc"
        best = len(history) if choose == "last" else int(history[column].to_numpy().argmax()) + 1
        spec = spec_of(self.study, run)
        record = {"run": spec["run"], "spec": spec, "choose": choose, "epochs": len(history)}
        record |= {"epoch_chosen": best, "parameters": 1_000_000, "seconds": 60.0, "code": "0" * 16}
        record |= {"device": "none", "machine": "none", "commit": "", "seed": 0, "libraries": {}}
        return record


def _names(name: str, mos: np.ndarray) -> list[str]:
    return [f"{name}_{number:05d}.png" for number in range(len(mos))]


def write_gradients(plan: Plan, results: Path) -> None:
    """Write the gradient maps that figures show, of four small pictures."""
    rng = np.random.default_rng(0)
    names = np.array([f"picture{number}" for number in range(4)])
    pictures = rng.integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
    for file in plan.gradient_files():
        target = results / Path(file).relative_to(plan.results)
        gradients = rng.random((4, 64, 64), dtype=np.float32)
        np.savez_compressed(target, names=names, pictures=pictures, gradients=gradients)


def commands(study: Study, results: Path) -> Iterator[dict[str, list[list[str]]]]:
    """Yield, one after another, the steps that may run side by side with their rules' commands."""
    named = ["--study-file", str(study.file), "--results", str(results)]
    yield {"evaluate": [["evaluate", *named, "--jobs", str(os.cpu_count())]]}
    tables = [f"--metrics={results}/metrics.csv", f"--curves={results}/curves.csv"]
    folder = [f"--output={results}/metrics.json", f"--output-folder={results}/curves"]
    claims = [f"--output-{kind}={results}/claims.{kind}" for kind in ("csv", "json")]
    yield {
        "summary": [["summary", *tables, *folder]],
        "claims": [["claims", "--results", str(results), *claims]],
        **{step: list(_artefacts(study, results, step, named)) for step in ENDINGS},
    }
    yield {"report": [["report", *named, f"--output={results}/report/index.html"]]}


def _artefacts(study: Study, results: Path, step: str, named: list[str]) -> Iterator[list[str]]:
    for name in study.raw.get(f"{step}s", {}):
        path = results / f"{step}s" / name
        files = [f"--output-{kind}={path}.{end}" for kind, end in ENDINGS[step].items()]
        yield [step, *named, "--artefact", name, *files]


def seconds_of(words: list[str]) -> float:
    """Run one step and return how long it took."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "biqa", *words], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Write the predictions, run the steps, write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", default="paper", help="one without tables of subsets")
    parser.add_argument("--folder", type=Path, help="keep the made-up results here")
    args = parser.parse_args()
    plan = Plan.of({"study": args.study})
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as scratch:
        results = (args.folder or Path(scratch)) / plan.results
        if not (results / "epochs.csv.gz").is_file():
            writer = MadeUpRuns(plan.study, results)
            for number, run in enumerate(plan.runs.values()):
                writer.write(run, number)
            write_gradients(plan, results)
        started = time.perf_counter()
        with ThreadPoolExecutor(os.cpu_count()) as cores:
            for together in commands(plan.study, results):
                waiting = {step: cores.map(seconds_of, each) for step, each in together.items()}
                for step, each in waiting.items():
                    seconds = list(each)
                    rows.append({"step": step, "jobs": len(seconds), "seconds": sum(seconds)})
        total = time.perf_counter() - started
    n_jobs = sum(int(row["jobs"]) for row in rows)  # type: ignore[call-overload]
    rows.append({"step": "all, from start to end", "jobs": n_jobs, "seconds": total})
    facts = {"study": args.study, "runs": len(plan.runs), "device": processor()}
    facts["cores"] = os.cpu_count()
    write("publishing", [row | facts for row in rows])


if __name__ == "__main__":
    main()
