"""Which cells of a table are marked as best and second: those that a paired test sets apart."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from biqa.evaluation.significance import LEVEL, signed_rank_p
from biqa.publishing.cells import GROUP
from biqa.publishing.compared import TESTED, setting_apart
from biqa.publishing.names import LOWER_IS_BETTER, OF_DATASETS, OF_SPEED, OPTIMISM

BEST, SECOND = "best", "second"
COMPETING = ("loss", "model", "recipe")  # databases, epochs are not compared


def competes(artefact: Mapping[str, Any]) -> bool:
    """Return whether a best row is looked for: by figures of merit, not by time or facts."""
    merit = set(artefact["metrics"]).isdisjoint({*OF_SPEED, *OF_DATASETS})
    return merit and artefact["rows"] in COMPETING and artefact.get("choice") != OPTIMISM


def best_and_second(cells: pd.DataFrame, found: pd.DataFrame, rows: str) -> list[str]:
    """Return 'best', 'second' or '' for each of ``cells``, compared with the other rows.

    The rows of a column compete where they differ in the row alone. The best is marked where its
    difference to the second survives Wilcoxon's signed-rank test over the splits, two-sided at
    .05, and then the second where its difference to the third does: a second without a best
    would look like one. ``found`` has the numbers of the single splits.
    """
    marks = pd.Series("", index=cells.index)
    value = cells["value"].astype(float)
    score = np.where(cells["metric"].isin(LOWER_IS_BETTER), -value, value)
    for rivals in _contests(cells.assign(score=score).dropna(subset="score"), rows):
        first = rivals.sort_values("score", ascending=False, kind="stable").head(3)
        for place, mark in enumerate((BEST, SECOND)[: len(first) - 1]):
            if not _apart(first.iloc[place], first.iloc[place + 1], found):
                break
            marks[first.index[place]] = mark
    return marks.tolist()


def has_rivals(cells: pd.DataFrame, rows: str) -> bool:
    """Return whether some column has rows that can be compared."""
    return any(True for _ in _contests(cells, rows))


def _contests(cells: pd.DataFrame, rows: str) -> Iterator[pd.DataFrame]:
    """Yield the columns whose rows all differ in the row alone.

    Where only some do, as networks of which two share a recipe, a best of these two would look
    like the best of all.
    """
    shared = [key for key in (*GROUP, "metric") if key not in ("row", rows)]
    for _, column in cells.groupby([*TESTED, *setting_apart(cells, rows, "row"), "metric"]):
        if len(column) > 1 and len(column.drop_duplicates(shared)) == 1:
            yield column


def _apart(one: pd.Series, other: pd.Series, found: pd.DataFrame) -> bool:
    differences = (_by_split(one, found) - _by_split(other, found)).dropna().to_numpy(dtype=float)
    return 2 * min(signed_rank_p(differences), signed_rank_p(-differences)) <= LEVEL


def _by_split(cell: pd.Series, found: pd.DataFrame) -> pd.Series:
    keys = [key for key in GROUP if key != "row"]
    own = found[(found[keys] == cell[keys]).all(axis=1) & (found["status"] == "ok")]
    return own.set_index("split")[cell["metric"]]
