"""A table of a study: our numbers, their spread, and the printed ones beside them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biqa.publishing.artefacts import Runs
from biqa.publishing.cells import GROUP, merits, summarise
from biqa.publishing.left_out import ROWS as LEFT_OUT
from biqa.publishing.left_out import with_average
from biqa.publishing.marks import best_and_second
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
    rows, declared = artefact["rows"], artefact.get("published")
    found = merits(artefact, metrics, planned, where)
    if rows == LEFT_OUT:
        found = with_average(found, artefact, where)
    cells = summarise(
        found,
        rows=rows,
        metrics=artefact["metrics"],
        statistic=artefact.get("statistic", "median"),
        where=where,
    )
    cells["mark"], cells["inside"] = best_and_second(cells, found, rows), ""
    if declared:
        cells = _with_uncovered(cells, list(declared.get("rows", {})), rows)
        cells["published"] = _printed(declared, rows, cells, published)
        cells["difference"] = cells["value"] - cells["published"]
        cells["inside"] = [_inside(cell) for _, cell in cells.iterrows()]
    return _in_order(cells, list(artefact.get("row_labels", {})))


def _with_uncovered(cells: pd.DataFrame, printed: list[str], rows: str) -> pd.DataFrame:
    """Add a cell without runs for each printed row that a group of our cells lacks."""
    group = [key for key in (*GROUP, "metric") if key not in ("row", rows)]
    added = []
    for names, part in cells.groupby(group, sort=False):
        shared = dict(zip(group, names, strict=True)) | {"n_splits": 0, "n_collapsed": 0}
        for row in printed:
            if row not in set(part["row"]):
                named = {"row": row} | ({} if rows == "choice" else {rows: row})
                added.append({**shared, **named, "n_values": 0, "mark": "", "runs": ""})
    return pd.concat([cells, pd.DataFrame(added)], ignore_index=True) if added else cells


def _inside(cell: pd.Series) -> str:
    """Return whether the printed number lies inside our interval; '' where one is missing."""
    if cell[["low", "high", "published"]].isna().any():
        return ""
    return "yes" if cell["low"] <= cell["published"] <= cell["high"] else "no"


def _printed(
    declared: Mapping[str, Any], rows: str, cells: pd.DataFrame, folder: Path
) -> list[float]:
    """Return the printed number beside each cell; NaN where the declaration maps to none.

    Left-out distortions are called in print as here, and ``models`` says which method a model is.
    """
    keys, row_key = declared.get("keys", {}), declared.get("row_key", "method")
    found = []
    own = ["row", "tested_on", "metric", "model"]
    for row, tested_on, metric, model in cells[own].itertuples(index=False):
        named = row if rows == LEFT_OUT else declared.get("rows", {}).get(row, keys.get(row_key))
        wanted = {
            "dataset": declared.get("datasets", {}).get(tested_on),
            row_key: named,
            **({"method": declared["models"].get(model)} if "models" in declared else {}),
            "metric": declared.get("metrics", {}).get(metric),
            **{key: value for key, value in keys.items() if key != row_key},
        }
        known = None not in wanted.values()
        found.append(printed_value(folder, declared["table"], wanted) if known else np.nan)
    return found


def _in_order(cells: pd.DataFrame, first: list[str]) -> pd.DataFrame:
    """Put the rows named in ``first`` first, in that order; keep the order of the rest."""
    rank = {name: place for place, name in enumerate(first)}
    order = cells["row"].map(lambda row: rank.get(row, len(first)))
    return cells.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
