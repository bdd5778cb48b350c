"""Which epoch of a run each choice means."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from biqa.errors import InputError


def chosen_epochs(
    history: pd.DataFrame, record: Mapping[str, Any], *, has_validation: bool, where: str
) -> dict[str, int | None]:
    """Return the epoch, counted from 1, of every choice that the run allows.

    ``last`` is the final epoch; ``best_validation`` and ``best_test`` are those of the highest
    SRCC on that part, the first of equals. Without a validation part there is no
    ``best_validation``. The epoch is None where every epoch has collapsed, unless the choice is
    the protocol's: then it is the epoch whose weights were kept. A network that was not trained
    has epoch 0 alone.
    """
    n_epochs = record["epochs"]
    expected = list(range(1, n_epochs + 1)) or [0]
    if history["epoch"].tolist() != expected:
        raise InputError(
            f"{where}: history has epochs {history['epoch'].tolist()}, expected "
            f"{expected[0]} to {n_epochs}"
        )
    chosen: dict[str, int | None] = {"last": n_epochs}
    if has_validation:
        chosen["best_validation"] = _best(history, "validation_srcc")
    chosen["best_test"] = _best(history, "test_srcc")
    prescribed, kept = record["choose"], record["epoch_chosen"]
    if prescribed not in chosen:
        raise InputError(
            f"{where}: the record's choose is {prescribed!r}, expected {' or '.join(chosen)}"
        )
    if chosen[prescribed] is None:
        chosen[prescribed] = kept
    if chosen[prescribed] != kept:
        raise InputError(
            f"{where}: the record's epoch_chosen is {kept}, but by its history {prescribed} is "
            f"epoch {chosen[prescribed]}; train the run again"
        )
    return chosen


def _best(history: pd.DataFrame, column: str) -> int | None:
    """Return the epoch of the highest score, the first of equals; empty cells do not count."""
    scores = history[column].to_numpy(dtype=float)
    if np.isnan(scores).all():
        return None
    return int(history["epoch"].iloc[np.nanargmax(scores)])
