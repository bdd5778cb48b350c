"""Which cells of a table are marked as best and second: those that a paired test sets apart."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from biqa.evaluation.significance import LEVEL, signed_rank_p
from biqa.publishing.cells import GROUP
from biqa.publishing.names import LOWER_IS_BETTER, OF_DATASETS, OF_SPEED, OPTIMISM

BEST, SECOND = "best", "second"
COMPETING = ("loss", "model", "recipe")  # databases, epochs are not compared


def competes(artefact: Mapping[str, Any]) -> bool:
    """Return whether a best row is looked for: by figures of merit, not by time or facts."""
    merit = set(artefact["metrics"]).isdisjoint({*OF_SPEED, *OF_DATASETS})
    return merit and artefact["rows"] in COMPETING and artefact.get("choice") != OPTIMISM


def best_and_second(cells: pd.DataFrame, found: pd.DataFrame, rows: str) -> list[str]:
    """Return 'best', 'second' or '' for each of ``cells``, compared with the other rows.

    Cells compete that differ in the row alone. The best is marked where its difference to the
    second survives Wilcoxon's signed-rank test over the splits, two-sided at .05, and the second
    where its difference to the third does. ``found`` has the numbers of the single splits.
    """
    marks = pd.Series("", index=cells.index)
    value = cells["value"].astype(float)
    score = np.where(cells["metric"].isin(LOWER_IS_BETTER), -value, value)
    ranked = cells.assign(score=score).dropna(subset="score")
    for _, rivals in ranked.groupby(_shared(rows), sort=False):
        first = rivals.sort_values("score", ascending=False, kind="stable").head(3)
        for place, mark in enumerate((BEST, SECOND)):
            if place + 1 < len(first) and _apart(first.iloc[place], first.iloc[place + 1], found):
                marks[first.index[place]] = mark
    return marks.tolist()


def has_rivals(cells: pd.DataFrame, rows: str) -> bool:
    """Return whether any two rows differ in the row alone, so that they can be compared."""
    return bool(cells.drop_duplicates(["row", *_shared(rows)]).duplicated(_shared(rows)).any())


def _shared(rows: str) -> list[str]:
    """Return what cells have in common that compete."""
    return [key for key in (*GROUP, "metric") if key not in ("row", rows)]


def _apart(one: pd.Series, other: pd.Series, found: pd.DataFrame) -> bool:
    differences = (_by_split(one, found) - _by_split(other, found)).dropna().to_numpy(dtype=float)
    return 2 * min(signed_rank_p(differences), signed_rank_p(-differences)) <= LEVEL


def _by_split(cell: pd.Series, found: pd.DataFrame) -> pd.Series:
    keys = [key for key in GROUP if key != "row"]
    own = found[(found[keys] == cell[keys]).all(axis=1) & (found["status"] == "ok")]
    return own.set_index("split")[cell["metric"]]
