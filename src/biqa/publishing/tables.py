"""A table of a study: our numbers, their spread, and the printed ones beside them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biqa.publishing.artefacts import Runs
from biqa.publishing.cells import merits, summarise
from biqa.publishing.published import printed_value


def table(
    artefact: Mapping[str, Any],
    metrics: pd.DataFrame,
    planned: Runs,
    *,
    published: Path,
    where: str,
) -> pd.DataFrame:
    """Return the tidy numbers of a table, one row a number.

    ``metrics`` is of ``read_metrics``; ``planned`` is what the study trains; ``published`` is
    the folder of printed numbers; ``where`` names the artefact in errors. Columns: see
    ``biqa.publishing.cells.COLUMNS``; ``difference`` is ours minus the printed number.
    """
    rows = artefact["rows"]
    cells = summarise(
        merits(artefact, metrics, planned, where),
        rows=rows,
        metrics=artefact["metrics"],
        statistic=artefact.get("statistic", "median"),
        where=where,
    )
    if "published" in artefact:
        cells["published"] = _printed(artefact["published"], rows, cells, published)
        cells["difference"] = cells["value"] - cells["published"]
    return _in_order(cells, list(artefact.get("row_labels", {})))


def _printed(
    declared: Mapping[str, Any], rows: str, cells: pd.DataFrame, folder: Path
) -> list[float]:
    """Return the printed number beside each cell; NaN where the declaration maps to none."""
    keys = declared.get("keys", {})
    found = []
    for row, tested_on, metric in cells[["row", "tested_on", "metric"]].itertuples(index=False):
        wanted = {
            "dataset": declared.get("datasets", {}).get(tested_on),
            "method": declared.get("rows", {}).get(row, keys.get("method")),
            "metric": declared.get("metrics", {}).get(metric),
            **{key: value for key, value in keys.items() if key != "method"},
        }
        known = None not in wanted.values()
        found.append(printed_value(folder, declared["table"], wanted) if known else np.nan)
    return found


def _in_order(cells: pd.DataFrame, first: list[str]) -> pd.DataFrame:
    """Put the rows named in ``first`` first, in that order; keep the order of the rest."""
    rank = {name: place for place, name in enumerate(first)}
    order = cells["row"].map(lambda row: rank.get(row, len(first)))
    return cells.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
