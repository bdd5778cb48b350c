"""A table of a study: our numbers, their spread, and the printed ones beside them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biqa.errors import InputError
from biqa.publishing.artefacts import Runs
from biqa.publishing.beside_print import beside_print
from biqa.publishing.cells import COLUMNS, GROUP, merits, summarise
from biqa.publishing.left_out import ROWS as LEFT_OUT
from biqa.publishing.left_out import with_average
from biqa.publishing.marks import best_and_second, competes
from biqa.publishing.names import OF_DATASETS, Facts


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
    return _in_order(beside_print(cells, artefact, published), artefact)


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
    return _in_order(beside_print(cells, artefact, published), artefact)


def is_of_databases(artefact: Mapping[str, Any]) -> bool:
    """Return whether a table asks for facts of databases."""
    return not set(artefact["metrics"]).isdisjoint(OF_DATASETS)


def _in_order(cells: pd.DataFrame, artefact: Mapping[str, Any]) -> pd.DataFrame:
    """Put the rows that have a label first, in the order of the labels; keep that of the rest."""
    first = list(artefact.get("row_labels", {}))
    rank = {name: place for place, name in enumerate(first)}
    order = cells["row"].map(lambda row: rank.get(row, len(first)))
    return cells.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
