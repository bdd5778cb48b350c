"""Medians over splits, in the small files that ``dvc metrics`` and ``dvc plots`` read.

DVC reads JSON and CSV itself, so nothing has to log while a network trains (DVCLive would).
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

KEYS = ["model", "loss", "recipe"]
SHOWN = ["srcc", "plcc"]  # of raw predictions, on the test part


def medians(metrics: pd.DataFrame) -> dict[str, Any]:
    """Return the median SRCC and PLCC over the splits at the epoch that the protocol chose.

    ``metrics`` has the columns of ``biqa.evaluation.rows``. Keys, from the outside: dataset (or
    ``<dataset> on <other>`` where the pictures are another's), model, loss, recipe; then
    ``srcc``, ``plcc`` (each in [-1, 1]), ``splits``, how many were judged, and ``collapsed``,
    how many more had collapsed. Where all have, there is no median.
    """
    found: dict[str, Any] = {}
    chosen = metrics[metrics["protocol_choice"]]
    for (dataset, tested_on, *names), rows in chosen.groupby(["dataset", "tested_on", *KEYS]):
        inner = found
        for name in (dataset if dataset == tested_on else f"{dataset} on {tested_on}", *names):
            inner = inner.setdefault(str(name), {})
        judged = rows[rows["status"] == "ok"]
        inner.update(splits=len(judged), collapsed=len(rows) - len(judged))
        if len(judged):
            inner.update({name: float(judged[name].median()) for name in SHOWN})
    return found


def median_curves(curves: pd.DataFrame) -> Iterator[tuple[PurePosixPath, pd.DataFrame]]:
    """Give a learning curve for each dataset, model, recipe and loss, and the file it belongs in.

    A curve has a row for every epoch: ``epoch`` and the medians over the splits of every other
    column of the histories (learning rate, training loss, correlations by part).
    """
    for names, rows in curves.groupby(["dataset", *KEYS]):
        numbers = rows.drop(columns=["dataset", *KEYS, "split"])
        yield (
            curve_file(*(str(name) for name in names)),
            numbers.groupby("epoch", as_index=False).median(),
        )


def curve_file(dataset: str, model: str, loss: str, recipe: str) -> PurePosixPath:
    """Return the place of a median curve below ``results/<study>/curves``."""
    return PurePosixPath(dataset, model, recipe, f"{loss}.csv")
