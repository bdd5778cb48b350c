"""Predictions joined to their pictures by name, with nothing missing, twice or not finite."""

import numpy as np
import pandas as pd

from biqa.errors import InputError

PREDICTIONS = ["dataset", "name", "part", "mos", "predicted"]
OWN_PARTS = ["train", "validation", "test"]


def checked_predictions(predictions: pd.DataFrame, dataset: str, where: str) -> pd.DataFrame:
    """Return ``predictions`` if each picture of a dataset is there once, in a part that fits."""
    require_columns(predictions, PREDICTIONS, f"{where}: predictions")
    refuse_first(predictions["name"], predictions.duplicated(["dataset", "name"]), where, "twice")
    own = predictions["part"].isin(OWN_PARTS)
    refuse_first(
        predictions["name"],
        ~own & (predictions["part"] != "cross"),
        where,
        f"in an unknown part, expected {', '.join(OWN_PARTS)} or cross",
    )
    refuse_first(
        predictions["name"],
        own != (predictions["dataset"] == dataset),
        where,
        f"of the wrong dataset for its part; train, validation and test are of {dataset}, "
        "cross is of others",
    )
    for part in ("train", "test"):
        if not (predictions["part"] == part).any():
            raise InputError(f"{where}: predictions: no picture of part {part}")
    refuse_not_finite(predictions, where)
    return predictions


def predictions_at(
    epoch: int, test: pd.DataFrame, epochs: pd.DataFrame, where: str
) -> pd.DataFrame:
    """Return ``test`` (name, mos, ...) with the scores predicted after ``epoch``, by name."""
    column = f"epoch_{epoch}"
    require_columns(epochs, [column], f"{where}: epochs")
    joined = test.assign(predicted=test["name"].map(epochs.set_index("name")[column]))
    refuse_not_finite(joined, f"{where}: epoch {epoch}")
    return joined


def check_same_pictures(predictions: pd.DataFrame, epochs: pd.DataFrame, where: str) -> None:
    """Refuse tables that differ in their validation or test pictures."""
    require_columns(epochs, ["name", "part"], f"{where}: epochs")
    refuse_first(epochs["name"], epochs["name"].duplicated(), f"{where}: epochs", "twice")
    watched = predictions[predictions["part"].isin(["validation", "test"])]
    for names, others, table in (
        (watched, epochs, "epochs"),
        (epochs, watched, "predictions"),
    ):
        parts = names["name"].map(others.set_index("name")["part"])
        refuse_first(names["name"], parts.isna(), f"{where}: {table}", "missing")
        refuse_first(
            names["name"], parts != names["part"], f"{where}: {table}", "of two different parts"
        )


def refuse_not_finite(scores: pd.DataFrame, where: str) -> None:
    """Refuse a predicted score or MOS that is empty, not a number or infinite."""
    for column in ("mos", "predicted"):
        values = scores[column].to_numpy(dtype=float)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            name = scores["name"].iloc[bad[0]]
            raise InputError(
                f"{where}: picture {name!r}: {column} is {values[bad[0]]}, expected a finite score"
            )


def refuse_first(names: pd.Series, bad: pd.Series, where: str, what: str) -> None:
    """Name the first picture for which ``bad`` is true, and how many there are."""
    if bad.any():
        raise InputError(
            f"{where}: picture {names[bad].iloc[0]!r} is {what} ({int(bad.sum())} such pictures)"
        )


def require_columns(table: pd.DataFrame, columns: list[str], where: str) -> None:
    """Name the first column that is missing."""
    missing = [column for column in columns if column not in table]
    if missing:
        raise InputError(f"{where}: no column {missing[0]!r}")
