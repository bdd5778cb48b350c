"""A study that nobody ran: results of the agreed layout, from a seeded generator."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from biqa.datasets.definition import Dataset

LOSSES = (
    *("mse", "mae", "norm_in_norm", "linearity_induced"),
    *("mono", "plcc_srcc", "ranknet", "dcq"),
)
MODELS = ("cnniqa", "resnet18")
PARAMETERS = {"cnniqa": 720_000, "resnet18": 11_200_000}
SPLITS, EPOCHS, N_TEST = 5, 6, 40
METRICS = ("srcc", "plcc", "krcc", "plcc_logistic4", "plcc_logistic5", "rmse", "rmse_mapped")
CHOICES = ("last", "best_validation", "best_test")
COLLAPSED = {("cnniqa", "mono", split) for split in range(SPLITS)} | {("resnet18", "mono", 2)}

OUTPUTS = {
    "table": {
        **{"--output-csv": "csv", "--output-markdown": "md"},
        **{"--output-latex": "tex", "--output-html": "html"},
    },
    "figure": {"--output-svg": "svg", "--output-png": "png", "--output-pdf": "pdf"},
}
PRINTED = {
    "table": "dcq_table4",
    "label": "ResNet-50, printed",
    "keys": {"backbone": "ResNet-50"},
    "rows": {"mse": "MSE", "norm_in_norm": "Norm-in-Norm", "dcq": "DCQ"},
    "datasets": {"livec": "TID2013"},
    "metrics": {"plcc": "PLCC", "srcc": "SRCC"},
}


def definition(name: str, title: str, *, is_proxy: bool) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        n_images=1162,
        n_references=0,
        score_name="proxy score" if is_proxy else "MOS",
        score_range=(0.0, 100.0),
        higher_is_better=True,
        is_proxy=is_proxy,
        citation="Nobody, Nowhere, 2026",
        licence="none",
        homepage="",
        archive="none.zip",
        read_labels=lambda archive: pd.DataFrame(),
    )


FACTS = {
    "livec": definition("livec", "LIVE Challenge", is_proxy=False),
    "demo": definition(
        "demo", "Demonstration: synthetic distortions with proxy scores", is_proxy=True
    ),
}


def study(datasets: tuple[str, ...] = ("livec",)) -> dict[str, Any]:
    common = {"paper": "DCQ", "rows": "loss"}
    few = {**common, "datasets": [datasets[0]], "models": ["resnet18"], "losses": ["mse", "dcq"]}
    return {
        "title": "Eight losses, made up",
        "summary": "Nothing here was trained.",
        "splits": SPLITS,
        "datasets": {name: {"size": "native"} for name in datasets},
        "models": {name: {} for name in MODELS},
        "losses": {name: {} for name in LOSSES},
        "runs": [{"datasets": "all", "models": "all", "losses": "all", "recipes": ["short"]}],
        "tables": {
            "losses": {
                **common,
                "title": "Losses compared",
                "metrics": ["plcc", "srcc"],
                "published": PRINTED,
                "note": "Our network is smaller.",
            },
            "optimism": {
                "paper": "ours",
                "title": "Choosing the epoch on the test part",
                "rows": "choice",
                "losses": ["mse", "dcq"],
                "models": ["resnet18"],
                "metrics": ["srcc"],
                "statistic": "mean",
            },
        },
        "figures": {
            "convergence": {
                **common,
                "paper": "Norm-in-Norm",
                "title": "Convergence",
                "kind": "convergence",
                "metric": "plcc",
            },
            "spread": {**common, "title": "Spread over the splits", "kind": "spread"},
            "scatter": {
                **common,
                "title": "Predictions",
                "kind": "scatter",
                "models": ["resnet18"],
                "datasets": [datasets[0]],
            },
            "choice": {"paper": "ours", "title": "Choice of the epoch", "kind": "choice"},
            "speed": {**few, "title": "Epochs", "kind": "speed", "metric": "plcc"},
            "plane": {**few, "title": "SRCC against PLCC", "kind": "plane"},
            "density": {**few, "title": "Densities", "kind": "density"},
            "size": {"paper": "DCQ", "title": "Size", "kind": "size", "losses": ["mse", "dcq"]},
        },
    }


def write_study(folder: Path, content: dict[str, Any]) -> Path:
    file = folder / "config" / "studies" / "made_up.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return file


def outputs(kind: str, folder: Path, stem: str = "t") -> list[object]:
    """Return the words that name the files of a table or figure, those of ``folder``."""
    named = ((option, folder / f"{stem}.{end}") for option, end in OUTPUTS[kind].items())
    return [word for pair in named for word in pair]


def write_results(
    results: Path, datasets: tuple[str, ...] = ("livec",), *, n_splits: int = SPLITS
) -> None:
    """Write metrics.csv, curves.csv and the run folders of ``study``."""
    rng = np.random.default_rng(4)
    rows, curves = [], []
    for dataset, model, loss, split in product(datasets, MODELS, LOSSES, range(n_splits)):
        collapsed = (model, loss, split) in COLLAPSED
        run = {"dataset": dataset, "model": model, "loss": loss, "recipe": "short", "split": split}
        start = rng.uniform(0.3, 0.6)
        history = _history(rng, start, collapsed=collapsed)
        curves.append(history.assign(**run)[[*run, *history.columns]])
        rows += _rows(rng, run, start + 0.3, collapsed=collapsed)
        _write_run(rng, results, run, collapsed=collapsed)
    pd.DataFrame(rows).to_csv(results / "metrics.csv", index=False)
    pd.concat(curves).to_csv(results / "curves.csv", index=False)


def _history(rng: np.random.Generator, start: float, *, collapsed: bool) -> pd.DataFrame:
    epoch = np.arange(1, EPOCHS + 1)
    table = pd.DataFrame({"epoch": epoch, "lr": 1e-4, "train_loss": 1 / epoch})
    for column in ("validation_srcc", "validation_plcc", "test_srcc", "test_plcc"):
        rising = start + 0.3 * (1 - np.exp(-epoch / 2)) + rng.normal(scale=0.01, size=EPOCHS)
        table[column] = np.nan if collapsed else rising
    return table


def _rows(
    rng: np.random.Generator, run: dict[str, Any], level: float, *, collapsed: bool
) -> list[dict[str, Any]]:
    rows = []
    for place, choice in enumerate(CHOICES):
        level_here = level + 0.01 * place + rng.normal(scale=0.01)
        values = {metric: level_here + 0.01 * i for i, metric in enumerate(METRICS)}
        if collapsed:
            values = dict.fromkeys(METRICS, np.nan)
        rows.append(
            {
                **run,
                "tested_on": run["dataset"],
                "choice": choice,
                "protocol_choice": choice == "best_validation",
                "epoch": np.nan if collapsed else EPOCHS - place,
                "n_pictures": N_TEST,
                **values,
                "status": "collapsed" if collapsed else "ok",
                "fit_note": "",
            }
        )
    return rows


def _write_run(
    rng: np.random.Generator, results: Path, run: dict[str, Any], *, collapsed: bool
) -> None:
    folder = results / "runs" / "/".join(str(run[key]) for key in list(run)[:4])
    folder = folder / f"split{run['split']}"
    folder.mkdir(parents=True)
    protocol = {"name": "random_60_20_20", "train": 0.6, "validation": 0.2, "test": 0.2}
    record = {
        "run": run,
        "spec": {"run": run, "recipe": {"protocol": protocol | {"choose": "best_validation"}}},
        "code": "0123456789abcdef",
        "commit": "ed6656b00000",
        "seed": run["split"],
        "epochs": EPOCHS,
        "choose": "best_validation",
        "epoch_chosen": EPOCHS - 1,
        "device": "CPU, made up",
        "machine": "Linux x86_64, Python 3.11.7",
        "libraries": {"torch": "2.15.0", "timm": "1.0"},
        "parameters": PARAMETERS[run["model"]],
        "seconds": 61.5,
    }
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    mos = rng.uniform(size=2 * N_TEST)
    predicted = np.full(len(mos), 0.5) if collapsed else 3 * mos + rng.normal(0, 0.3, len(mos))
    table = pd.DataFrame(
        {
            "dataset": run["dataset"],
            "name": [f"{place}.bmp" for place in range(len(mos))],
            "part": ["train"] * N_TEST + ["test"] * N_TEST,
            "mos": mos,
            "predicted": predicted,
        }
    )
    table.to_csv(folder / "predictions.csv.gz", index=False)
