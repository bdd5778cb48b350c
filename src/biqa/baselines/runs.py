"""One run of a hand-crafted method: features and a split become predictions and a record."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biqa.baselines.recipe import BaselineRecipe
from biqa.baselines.tables import Features
from biqa.metrics import CollapsedPredictionsError, plcc, srcc
from biqa.pictures.store import PictureStore

Indices = NDArray[np.int64]
DIGITS = 7  # what single precision holds


def learned_scores(
    own: tuple[PictureStore, Features],
    others: Sequence[Features],
    parts: Mapping[str, Indices],
    recipe: BaselineRecipe,
    *,
    seed: int,
) -> tuple[list[NDArray[np.float64]], dict[str, Any]]:
    """Return the predicted scores of the own database and of each other one, and what was learned.

    An opinion-unaware method's only number is its prediction.
    """
    store, features = own
    tables = [features.values, *(other.values for other in others)]
    if recipe.regression is None:
        return [table[:, 0].astype(np.float64) for table in tables], {"parameters": 0}
    from biqa.baselines.regression import fit

    labels = store.labels
    references = labels["reference"].where(labels["reference"] != "", labels["name"])
    padding = np.zeros(sum(len(table) for table in tables[1:]))
    fitted = fit(
        np.concatenate(tables),
        np.concatenate([labels["mos"].to_numpy(), padding]),
        parts["train"],
        references.tolist(),
        recipe.regression,
        seed=seed,
    )
    ends = np.cumsum([len(table) for table in tables])[:-1]
    learned = {
        "c": fitted.c,
        "gamma": fitted.gamma,
        "held_out_srcc": fitted.held_out_srcc,
        "support_vectors": fitted.n_support,
    }
    facts = {"regression": learned, "parameters": fitted.n_support + 1}
    return np.split(fitted.predicted, ends), facts


def predictions_table(
    own: PictureStore,
    others: Sequence[PictureStore],
    parts: Mapping[str, Indices],
    scores: Sequence[NDArray[np.float64]],
) -> pd.DataFrame:
    """Return columns dataset, name, part, mos, predicted: the own parts, then other databases."""
    pieces = [_rows(own, part, rows, scores[0]) for part, rows in parts.items() if len(rows)]
    for store, predicted in zip(others, scores[1:], strict=True):
        pieces.append(_rows(store, "cross", np.arange(len(store)), predicted))
    return pd.concat(pieces)


def history_row(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the only row of a history: agreement on validation and test, where it is defined."""
    row: dict[str, float] = {"epoch": 1, "lr": np.nan, "train_loss": np.nan}
    for part in ("validation", "test"):
        scores = predictions[predictions["part"] == part]
        predicted, mos = scores["predicted"].to_numpy(), scores["mos"].to_numpy()
        for metric in (srcc, plcc):
            try:
                merit = metric(predicted, mos) if len(scores) else np.nan
            except CollapsedPredictionsError:
                merit = np.nan
            row[f"{part}_{metric.__name__}"] = merit
    return pd.DataFrame([row])


def epoch_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return columns name, part, epoch_1 of the validation and test parts."""
    watched = predictions[predictions["part"].isin(["validation", "test"])]
    return watched[["name", "part", "predicted"]].rename(columns={"predicted": "epoch_1"})


def _rows(
    store: PictureStore, part: str, rows: Indices, predicted: NDArray[np.float64]
) -> pd.DataFrame:
    labels = store.labels.iloc[rows]
    return pd.DataFrame(
        {
            "dataset": store.facts["dataset"],
            "name": labels["name"].to_numpy(),
            "part": part,
            "mos": labels["mos"].to_numpy(),
            "predicted": [float(f"{score:.{DIGITS}g}") for score in predicted[rows]],
        }
    )
