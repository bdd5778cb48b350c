"""What is compared with what: runs that differ in the row of a table or figure and little else."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

KEYS = ("model", "loss", "recipe")  # of a run, that rows may be
TESTED = ["dataset", "tested_on"]


def setting_apart(found: pd.DataFrame, rows: str, row: str = "") -> list[str]:
    """Return those of ``KEYS`` that tell the runs of one row apart, beside databases and split.

    ``rows`` is what the rows are; their names stand in the column ``row``, which defaults to
    ``rows``. A key that follows from the row and from the keys before it is left out: a recipe of
    one network alone sets nothing apart where the network does.
    """
    telling: list[str] = []
    for key in KEYS:
        own = [*TESTED, row or rows, *telling]
        if key != rows and found.drop_duplicates([*own, key]).duplicated(own).any():
            telling.append(key)
    return telling


def paired(found: pd.DataFrame, artefact: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of ``found``, in its order, of the splits that all that is compared has.

    That are the rows of a table or figure, and the points of a sweep: where one has two splits
    and another one, the second split of the first says nothing of their difference.
    """
    rows = artefact.get("rows", "loss")
    if rows not in KEYS:
        return found
    swept = artefact.get("kind") == "sweep"
    kept: list[int] = []
    for _, group in found.groupby(TESTED if swept else [*TESTED, *setting_apart(found, rows)]):
        splits = [set(runs["split"]) for _, runs in group.groupby(list(KEYS))]
        kept += group.index[group["split"].isin(set.intersection(*splits))].tolist()
    return found.loc[sorted(kept)].reset_index(drop=True)
