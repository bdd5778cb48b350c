"""A table of a study: our numbers, their spread, and the printed ones beside them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biqa.errors import InputError
from biqa.publishing.artefacts import Runs
from biqa.publishing.cells import COLUMNS, GROUP, merits, summarise, varies
from biqa.publishing.left_out import ROWS as LEFT_OUT
from biqa.publishing.left_out import with_average
from biqa.publishing.marks import best_and_second, competes
from biqa.publishing.names import OF_DATASETS, Facts
from biqa.publishing.published import printed_value

ALWAYS = ("dataset", "tested_on", "metric")  # cells that differ in these stand apart


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
    found = summarised(artefact, metrics, planned, where)
    cells = summarise(
        found,
        rows=rows,
        metrics=artefact["metrics"],
        statistic=artefact.get("statistic", "median"),
        where=where,
    )
    cells["mark"], cells["inside"] = "", ""
    if competes(artefact):
        cells["mark"] = best_and_second(cells, found, rows)
    return _in_order(_beside_printed(cells, artefact, published), artefact)


def summarised(
    artefact: Mapping[str, Any], metrics: pd.DataFrame, planned: Runs, where: str
) -> pd.DataFrame:
    """Return the rows of results behind the cells of a table, those of an average row included."""
    found = merits(artefact, metrics, planned, where)
    return with_average(found, artefact, where) if artefact["rows"] == LEFT_OUT else found


def table_of_databases(
    artefact: Mapping[str, Any], facts: Facts, *, published: Path, where: str
) -> pd.DataFrame:
    """Return what the definitions of the named databases state, in the columns of ``table``.

    The metrics of the artefact are ``biqa.publishing.names.OF_DATASETS``; no run is behind a cell.
    """
    if artefact["rows"] != "dataset" or not set(artefact["metrics"]) <= set(OF_DATASETS):
        raise InputError(
            f"{where}: facts of databases stand in a table of their own with 'rows: dataset'; "
            f"found rows {artefact['rows']!r} and metrics {', '.join(artefact['metrics'])}"
        )
    lines = []
    for name in artefact.get("datasets", facts):
        if name not in facts:
            raise InputError(f"{where}: datasets: no {name!r}; there is {', '.join(facts)}")
        one = facts[name]
        values = {
            **{"n_images": one.n_images, "n_references": one.n_references},
            "n_distortions": len(one.distortions),
            **{"score_min": one.score_range[0], "score_max": one.score_range[1]},
        }
        group = dict.fromkeys(GROUP, "") | dict.fromkeys(("row", "dataset", "tested_on"), name)
        counts = {"n_splits": 1, "n_collapsed": 0, "n_values": 1, "mark": "", "inside": ""}
        lines += [
            {**group, "metric": metric, "value": float(values[metric]), **counts, "runs": ""}
            for metric in artefact["metrics"]
        ]
    cells = pd.DataFrame(lines).reindex(columns=list(COLUMNS))
    return _in_order(_beside_printed(cells, artefact, published), artefact)


def is_of_databases(artefact: Mapping[str, Any]) -> bool:
    """Return whether a table asks for facts of databases."""
    return not set(artefact["metrics"]).isdisjoint(OF_DATASETS)


def _beside_printed(
    cells: pd.DataFrame, artefact: Mapping[str, Any], published: Path
) -> pd.DataFrame:
    """Add the printed numbers, the differences to them, and printed rows that no run covers."""
    rows, declared = artefact["rows"], artefact.get("published")
    if not declared:
        return cells
    cells = _with_uncovered(cells, list(declared.get("rows", {})), rows)
    cells["published"] = _printed(declared, rows, cells, published)
    cells["difference"] = cells["value"] - cells["published"]
    cells["inside"] = [_inside(cell) for _, cell in cells.iterrows()]
    return cells


def _with_uncovered(cells: pd.DataFrame, printed: list[str], rows: str) -> pd.DataFrame:
    """Add a cell without runs for each printed row that a group of our cells lacks."""
    group = [key for key in (*GROUP, "metric") if key not in ("row", rows)]
    by = [key for key in group if key in ALWAYS or varies(cells, key)]
    added = []
    for _, part in cells.groupby(by, sort=False):
        shared = {**part.iloc[0][group], "n_splits": 0, "n_collapsed": 0}
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
        places = {f"{wanted[row_key]}.{part}" for part in (metric, tested_on)}
        known = known and places.isdisjoint(declared.get("empty", ()))
        found.append(printed_value(folder, declared["table"], wanted) if known else np.nan)
    return found


def _in_order(cells: pd.DataFrame, artefact: Mapping[str, Any]) -> pd.DataFrame:
    """Put the rows that have a label first, in the order of the labels; keep that of the rest."""
    first = list(artefact.get("row_labels", {}))
    rank = {name: place for place, name in enumerate(first)}
    order = cells["row"].map(lambda row: rank.get(row, len(first)))
    return cells.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
