"""The panels of a figure: one for each group of runs that its rows are compared in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from biqa.publishing.compared import setting_apart
from biqa.publishing.names import Facts, dataset_title, row_label


@dataclass(frozen=True)
class Panel:
    """The rows of results that one panel shows; ``dataset`` is the one they are tested on."""

    title: str
    dataset: str
    table: pd.DataFrame


def panels(
    artefact: Mapping[str, Any], found: pd.DataFrame, rows: str, facts: Facts
) -> list[Panel]:
    """Divide ``found`` by dataset and by whatever else sets the runs of one row apart.

    A title says what varies; where nothing does, it is that of the dataset.
    """
    if "tested_on" not in found.columns:
        found = found.assign(tested_on=found["dataset"])
    varying = setting_apart(found, rows)
    several = len(found[["dataset", "tested_on"]].drop_duplicates()) > 1
    divided = []
    for keys, table in found.groupby(["dataset", "tested_on", *varying], sort=False):
        names = [str(key) for key in keys]
        title = dataset_title(facts, names[0], names[1])
        words = [row_label(artefact, name) for name in names[2:]]
        if not words or several:
            words.insert(0, title)
        divided.append(Panel(" · ".join(words), names[1], table))
    return divided


def overlap(divided: Sequence[Panel], metric: str) -> bool:
    """Return whether the values of all panels lie in one another's range.

    Where they do not, one scale for all would press each panel's into a corner.
    """
    values = [panel.table[metric].dropna() for panel in divided]
    there = [one for one in values if len(one)]
    return not there or max(one.min() for one in there) <= min(one.max() for one in there)


def ordered_rows(artefact: Mapping[str, Any], found: pd.Series) -> list[str]:
    """Return the distinct rows: those with a label first, in its order, then as they come."""
    there = list(dict.fromkeys(found))
    first = [name for name in artefact.get("row_labels", {}) if name in there]
    return [*first, *(name for name in there if name not in first)]
