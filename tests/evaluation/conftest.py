"""Made-up runs: a fixture that makes one as tables, and a fixture that writes it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from biqa.files import write_json, write_table

PARTS = {"train": 30, "validation": 12, "test": 20}


@dataclass
class MadeUpRun:
    """The four tables of a run folder, and the choice they were made with."""

    predictions: pd.DataFrame
    epochs: pd.DataFrame
    history: pd.DataFrame
    record: dict[str, Any]

    def tables(self) -> tuple:
        return self.predictions, self.epochs, self.history, self.record

    def write(self, results: Path) -> Path:
        run = self.record["run"]
        folder = results / "/".join(run[key] for key in ("dataset", "model", "loss", "recipe"))
        folder /= f"split{run['split']}"
        write_table(folder / "predictions.csv.gz", self.predictions)
        write_table(folder / "epochs.csv.gz", self.epochs)
        write_table(folder / "history.csv", self.history)
        write_json(folder / "record.json", self.record)
        return folder


@pytest.fixture
def make_run() -> Callable[..., MadeUpRun]:
    return made_up_run


def made_up_run(
    *,
    seed: int = 0,
    parts: dict[str, int] = PARTS,
    noise: tuple[float, ...] = (0.9, 0.3, 0.6),
    choose: str = "last",
    cross: dict[str, int] | None = None,
    collapsed: tuple[int, ...] = (),
    **run: Any,
) -> MadeUpRun:
    """Return a run whose predictions after epoch e are MOS plus ``noise[e - 1]`` times noise.

    Predictions are 2 * MOS - 1 apart from the noise, so a line is needed to map them. MOS depends
    on the dataset alone. After the epochs in ``collapsed`` all predictions are 0.25.
    """
    run = {"dataset": "made_up", "model": "m", "loss": "mse", "recipe": "r", "split": 0} | run
    rng = np.random.default_rng(seed)
    own = labels(run["dataset"], sum(parts.values()))
    own["part"] = np.repeat(list(parts), list(parts.values()))
    for epoch, spread in enumerate(noise, start=1):
        scores = 2 * own["mos"] - 1 + spread * rng.normal(size=len(own))
        own[f"epoch_{epoch}"] = 0.25 if epoch in collapsed else scores
    history = pd.DataFrame({"epoch": range(1, len(noise) + 1), "lr": 0.001, "train_loss": 0.5})
    for part in ("validation", "test"):
        rows = own[own["part"] == part]
        history[f"{part}_srcc"] = [rank_correlation(rows, epoch) for epoch in history["epoch"]]
        history[f"{part}_plcc"] = history[f"{part}_srcc"]
    chosen = len(noise)
    if choose != "last":
        column = history[choose.replace("best_", "") + "_srcc"]
        chosen = int(column.idxmax()) + 1 if column.notna().any() else len(noise)
    predictions = own[["dataset", "name", "part", "mos"]].assign(predicted=own[f"epoch_{chosen}"])
    for name, n in (cross or {}).items():
        other = labels(name, n).assign(part="cross")
        other["predicted"] = 2 * other["mos"] - 1 + 0.2 * rng.normal(size=n)
        predictions = pd.concat([predictions, other[predictions.columns]], ignore_index=True)
    watched = own[own["part"] != "train"].drop(columns=["dataset", "mos"])
    record = {"run": run, "choose": choose, "epoch_chosen": chosen, "epochs": len(noise)}
    return MadeUpRun(predictions, watched.reset_index(drop=True), history, record)


def labels(dataset: str, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(len(dataset))
    names = [f"{i:03d}" for i in range(n)]
    return pd.DataFrame({"dataset": dataset, "name": names, "mos": rng.uniform(size=n)})


def rank_correlation(rows: pd.DataFrame, epoch: int) -> float:
    scores = rows[f"epoch_{epoch}"]
    if scores.nunique() < 2:
        return np.nan
    return float(stats.spearmanr(scores, rows["mos"]).statistic)
