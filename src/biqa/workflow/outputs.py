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
KEPT = (*(name for name in RUN_FILES if not name.endswith(".safetensors")), "predictions.csv.gz")
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


def prepared_outs(plan: Plan, found: Iterable[str]) -> list[Out]:
    """Return archives, checks, pictures and splits of the study's datasets, and files of others.

    ``found`` are weights and archives of photographs that the study starts from.
    """
    datasets = list(plan.study.raw["datasets"])
    trained = dict.fromkeys(run.dataset for run in plan.runs.values())
    return [
        *(_of_dataset(plan, name, f"data/archives/{name}.archive") for name in datasets),
        *(f"data/verified/{name}.json" for name in datasets),
        *(_of_dataset(plan, name, plan.prepared(name)) for name in datasets),
        *({plan.study.splits_of(name): IN_GIT} for name in trained),
        *({file: NOT_OURS} for file in found),
    ]


def _of_dataset(plan: Plan, name: str, path: str) -> Out:
    return path if name in plan.generated else {path: NOT_OURS}


def run_outs(plan: Plan) -> list[Out]:
    """Return the folders of the runs; file by file where git keeps all but the weights."""
    if not plan.study.predictions_in_git:
        return [*_folders(plan, plan.network_runs)]
    weights = [name for name in RUN_FILES if name.endswith(".safetensors")]
    runs = plan.network_runs
    return [*plan.run_files(*weights, runs=runs), *plan.gradient_files(), *_kept(plan, runs)]


def baseline_outs(plan: Plan) -> list[Out]:
    """Return what hand-crafted methods learn beforehand, their features and their runs."""
    methods = plan.baselines.labels()
    basis = any(plan.baselines.basis_file(method) for method in methods)
    runs, in_git = _baseline_runs(plan), plan.study.predictions_in_git
    return [
        *([f"{plan.results}/basis"] if basis else []),
        f"{plan.results}/features",
        *(_kept(plan, runs) if in_git else _folders(plan, runs)),
    ]


def _baseline_runs(plan: Plan) -> list[str]:
    networks = set(plan.network_runs)
    return [path for path in plan.runs if path not in networks]


def _kept(plan: Plan, runs: list[str]) -> list[Out]:
    return [{path: IN_GIT} for path in plan.run_files(*KEPT, runs=runs)]


def _folders(plan: Plan, runs: list[str]) -> list[str]:
    """Return the fewest folders that hold these runs of a study and none of its others.

    DVC looks at every folder that it is told of, at each call: at thousands of them for minutes.
    """
    elsewhere = {folder for path in plan.runs.keys() - set(runs) for folder in _down_to(path)}
    highest = (next(one for one in _down_to(path) if one not in elsewhere) for path in runs)
    return [f"{plan.results}/{folder}" for folder in dict.fromkeys(highest)]


def _down_to(path: str) -> list[str]:
    """Return the folders from that of all runs down to the run's."""
    return ["/".join(("runs", *path.split("/")[:depth])) for depth in range(path.count("/") + 2)]


def run_paths(plan: Plan) -> list[str]:
    """Return what is read of the runs: their folders, or all their files but the weights."""
    if not plan.study.predictions_in_git:
        return [*_folders(plan, plan.network_runs), *_folders(plan, _baseline_runs(plan))]
    return [*plan.run_files(*KEPT), *plan.gradient_files()]


def evaluation_outs(plan: Plan) -> list[Out]:
    """Return metrics and curves of all runs, and the median curves that DVC plots."""
    subsets = ["subsets.csv"] if plan.subsets_file() else []
    return _results(plan, "curves", "curves.csv", "metrics.csv", *subsets)


def median_outs(plan: Plan) -> list[Out]:
    """Return what DVC reads as its metrics."""
    return _results(plan, "metrics.json")


def published_outs(plan: Plan) -> list[Out]:
    """Return verdicts, figures, report and tables."""
    return _results(plan, "claims.csv", "claims.json", "figures", "report", "tables")


def theory_outs(plan: Plan) -> list[Out]:
    """Return the folder of what theory says of the losses."""
    return _results(plan, "theory")


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
