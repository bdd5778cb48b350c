"""What the stages of a study read and make, and who keeps it: DVC's cache, or git.

In dvc.yaml ``cache: false`` is for git, and ``push: false`` for pictures and weights of others:
they stay in this machine's cache, and a push does not give them on.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from biqa.workflow.plan import RUN_FILES, Plan
from biqa.workflow.sources import PACKAGE, imported

IN_GIT = {"cache": False}
NOT_OURS = {"push": False}
PREDICTIONS = "predictions.csv.gz"
SHOWN = {"test_srcc": "SRCC", "test_plcc": "PLCC"}  # columns of the median curves
Out = str | dict[str, dict[str, bool]]


def source_deps(steps: Iterable[str]) -> list[str]:
    """Return the code that the steps run: a file a command, otherwise whole packages."""
    modules = imported(f"biqa.commands.{step}" for step in steps)
    paths = {_source(module) for module in modules}
    return sorted(paths | {"src/biqa/workflow"})


def _source(module: str) -> str:
    """Return the file of a command or of a module at the top, or the package it lies in."""
    _, part, *inner = module.split(".")
    if part == "commands" and inner:
        return f"src/biqa/commands/{inner[0]}.py"
    return f"src/biqa/{part}" if (PACKAGE / part).is_dir() else f"src/biqa/{part}.py"


def prepared_outs(plan: Plan, weights: Iterable[str]) -> list[Out]:
    """Return archives, checks, pictures, splits and weights of the study's datasets."""
    datasets = list(plan.study.raw["datasets"])
    trained = dict.fromkeys(run.dataset for run in plan.runs.values())
    return [
        *(_of_dataset(plan, name, f"data/archives/{name}.archive") for name in datasets),
        *(f"data/verified/{name}.json" for name in datasets),
        *(_of_dataset(plan, name, plan.prepared(name)) for name in datasets),
        *({f"data/splits/{name}": IN_GIT} for name in trained),
        *({file: NOT_OURS} for file in weights),
    ]


def _of_dataset(plan: Plan, name: str, path: str) -> Out:
    return path if name in plan.generated else {path: NOT_OURS}


def run_outs(plan: Plan) -> list[Out]:
    """Return the folder of all runs; file by file where git keeps all but the weights."""
    if not plan.study.predictions_in_git:
        return [f"{plan.results}/runs"]
    weights = [name for name in RUN_FILES if name.endswith(".safetensors")]
    return [*plan.run_files(*weights), *({path: IN_GIT} for path in run_paths(plan))]


def run_paths(plan: Plan) -> list[str]:
    """Return what is read of the runs: their folder, or all their files but the weights."""
    if not plan.study.predictions_in_git:
        return [f"{plan.results}/runs"]
    kept = [name for name in RUN_FILES if not name.endswith(".safetensors")]
    return plan.run_files(*kept, PREDICTIONS)


def evaluation_outs(plan: Plan) -> list[Out]:
    """Return metrics and curves of all runs, and the median curves that DVC plots."""
    return _results(plan, "curves", "curves.csv", "metrics.csv")


def median_outs(plan: Plan) -> list[Out]:
    """Return what DVC reads as its metrics."""
    return _results(plan, "metrics.json")


def published_outs(plan: Plan) -> list[Out]:
    """Return verdicts, figures, report and tables."""
    return _results(plan, "claims.csv", "claims.json", "figures", "report", "tables")


def _results(plan: Plan, *names: str) -> list[Out]:
    paths = [f"{plan.results}/{name}" for name in names]
    return [{path: IN_GIT} for path in paths] if plan.study.results_in_git else list(paths)


def plots(plan: Plan) -> list[dict[str, Any]]:
    """Return a plot of every dataset, model and recipe: the test part by epoch, a line a loss."""
    panels: dict[str, list[str]] = {}
    for file in plan.curve_files():
        panels.setdefault(str(Path(file).parent), []).append(file)
    return [
        {
            f"{label} by epoch, {', '.join(Path(folder).parts[-3:])}": {
                "x": "epoch",
                "y": dict.fromkeys(files, column),
                "x_label": "epoch",
                "y_label": f"median {label}, test part",
                "title": f"{', '.join(Path(folder).parts[-3:])}: {label} by epoch",
            }
        }
        for folder, files in panels.items()
        for column, label in SHOWN.items()
    ]
