"""The numbers in print beside ours, and those in print that no run of the study covers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biqa.publishing.cells import COLUMNS, GROUP
from biqa.publishing.compared import TESTED, setting_apart
from biqa.publishing.left_out import ROWS as LEFT_OUT
from biqa.publishing.published import printed_value

NOT_RUN = {"n_splits": 0, "n_collapsed": 0, "n_values": 0, "mark": "", "runs": ""}


def beside_print(cells: pd.DataFrame, artefact: Mapping[str, Any], published: Path) -> pd.DataFrame:
    """Add the printed numbers, the differences to them, and printed rows that no run covers."""
    rows, declared = artefact["rows"], artefact.get("published")
    if not declared:
        return cells
    cells = _with_uncovered(cells, list(declared.get("rows", {})), rows)
    cells = _with_elsewhere(cells, artefact)
    cells["published"] = _printed(declared, rows, cells, published)
    cells = cells[_is_known(cells)].reset_index(drop=True)
    cells["difference"] = cells["value"] - cells["published"]
    cells["inside"] = [_inside(cell) for _, cell in cells.iterrows()]
    return cells


def table_of_print(artefact: Mapping[str, Any], published: Path) -> pd.DataFrame:
    """Return the printed numbers alone, in the columns of a table; no run is behind a cell."""
    return beside_print(pd.DataFrame(columns=list(COLUMNS)), artefact, published)


def _with_uncovered(cells: pd.DataFrame, printed: list[str], rows: str) -> pd.DataFrame:
    """Add a cell without runs for each printed row that a group of our cells lacks."""
    group = [key for key in (*GROUP, "metric") if key not in ("row", rows)]
    apart = setting_apart(cells[cells["n_splits"] > 0], rows, "row")
    added = []
    for _, part in cells.groupby([*TESTED, "metric", *apart], sort=False):
        shared = {**part.iloc[0][group], **NOT_RUN}
        for row in printed:
            if row not in set(part["row"]):
                named = {"row": row} | ({} if rows == "choice" else {rows: row})
                added.append({**shared, **named})
    return pd.concat([cells, pd.DataFrame(added)], ignore_index=True) if added else cells


def _is_known(cells: pd.DataFrame) -> pd.Series:
    """Say of each cell whether something is known of it or of its row's other figures of merit.

    A method that a paper prints on some databases has no row on the others.
    """
    known = (cells["n_splits"] > 0) | cells["published"].notna()
    own = [cells[key].fillna("") for key in GROUP]
    return known.groupby(own).transform("any").astype(bool)


def _with_elsewhere(cells: pd.DataFrame, artefact: Mapping[str, Any]) -> pd.DataFrame:
    """Add cells without runs for each printed row on the databases that are in print alone."""
    declared = artefact["published"]
    nobody = dict.fromkeys(GROUP, "")
    added = [
        {**nobody, **NOT_RUN, "row": row, "dataset": name, "tested_on": name, "metric": metric}
        for name in declared.get("elsewhere", {})
        for row in declared["rows"]
        for metric in artefact["metrics"]
    ]
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
    datasets = declared.get("datasets", {}) | {name: name for name in declared.get("elsewhere", {})}
    found = []
    own = ["row", "tested_on", "metric", "model"]
    for row, tested_on, metric, model in cells[own].itertuples(index=False):
        named = row if rows == LEFT_OUT else declared.get("rows", {}).get(row, keys.get(row_key))
        wanted = {
            "dataset": datasets.get(tested_on),
            row_key: named,
            **({"method": declared["models"].get(model)} if "models" in declared else {}),
            "metric": declared.get("metrics", {}).get(metric),
            **{key: value for key, value in keys.items() if key != row_key},
        }
        known = None not in wanted.values()
        empty = (metric, tested_on, f"{tested_on}.{metric}")
        places = {f"{wanted[row_key]}.{part}" for part in empty}
        known = known and places.isdisjoint(declared.get("empty", ()))
        found.append(printed_value(folder, declared["table"], wanted) if known else np.nan)
    return found
