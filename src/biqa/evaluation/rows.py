"""One run judged: a row for every choice of epoch and every dataset it was tested on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from biqa.errors import InputError
from biqa.evaluation.choices import chosen_epochs
from biqa.evaluation.joins import (
    check_same_pictures,
    checked_predictions,
    predictions_at,
    require_columns,
)
from biqa.mappings import LogisticFitError, least_squares_line, plcc_logistic
from biqa.metrics import CollapsedPredictionsError, krcc, plcc, rmse, srcc

IDENTITY = ["dataset", "model", "loss", "recipe", "split"]
METRICS = ["srcc", "plcc", "krcc", "plcc_logistic4", "plcc_logistic5", "rmse", "rmse_mapped"]
COLUMNS = [
    *IDENTITY,
    *("tested_on", "choice", "protocol_choice", "epoch", "n_pictures"),
    *METRICS,
    *("status", "fit_note"),
]

# Processors add up long sums in different orders, and least-squares searches end a little apart;
# what is stored is what they agree on, so that tables are the same bytes on all of them.
DECIMALS = {metric: 5 if "logistic" in metric else 10 for metric in METRICS}

Row = dict[str, Any]


def run_name(run: Mapping[str, Any]) -> str:
    """Return the five parts of the run's identity, as its folder is called."""
    return "run " + "/".join(str(run[part]) for part in IDENTITY[:-1]) + f"/split{run['split']}"


def evaluate_run(
    predictions: pd.DataFrame,
    epochs: pd.DataFrame,
    history: pd.DataFrame,
    record: Mapping[str, Any],
) -> list[Row]:
    """Return rows with the keys ``COLUMNS``: the choices on the own test part, then the others.

    ``predictions`` (dataset, name, part, mos, predicted) are by the weights that were kept;
    ``epochs`` (name, part, epoch_1, ...) are those of every epoch. Other datasets are judged
    with the kept weights only. A run whose predictions have collapsed has no metrics, and
    its status says so. ``rmse`` is of the predictions as they are; ``rmse_mapped`` is after the
    least-squares line of the training part, for the protocol's choice. Both are in units of MOS.
    """
    run, prescribed, kept = record["run"], record["choose"], record["epoch_chosen"]
    where = run_name(run)
    predictions = checked_predictions(predictions, run["dataset"], where)
    check_same_pictures(predictions, epochs, where)
    require_columns(history, ["epoch", "validation_srcc", "test_srcc"], f"{where}: history")
    parts = dict(list(predictions.groupby("part")))
    test, train = parts["test"], parts["train"]
    chosen = chosen_epochs(history, record, has_validation="validation" in parts, where=where)

    judged = {kept: judge(test, where)}
    for epoch in chosen.values():
        if epoch is not None and epoch not in judged:
            judged[epoch] = judge(predictions_at(epoch, test, epochs, where), where)
    rows = []
    for choice, epoch in chosen.items():
        row = _collapsed(test) if epoch is None else judged[epoch]
        if choice == prescribed:
            row = with_line(row, test, train)
        rows.append(row | {"tested_on": run["dataset"], "choice": choice, "epoch": epoch})
    if "cross" in parts:
        for dataset, others in parts["cross"].groupby("dataset"):
            row = with_line(judge(others, f"{where}: {dataset}"), others, train)
            rows.append(row | {"tested_on": dataset, "choice": prescribed, "epoch": kept})
    identity = {part: run[part] for part in IDENTITY}
    rows = [identity | row | {"protocol_choice": row["choice"] == prescribed} for row in rows]
    return [{column: row[column] for column in COLUMNS} for row in rows]


def judge(scores: pd.DataFrame, where: str) -> Row:
    """Return the metrics of predicted against mos, all but ``rmse_mapped``, to ``DECIMALS``."""
    predicted, mos = scores["predicted"].to_numpy(dtype=float), scores["mos"].to_numpy(dtype=float)
    row = _collapsed(scores)
    try:
        for metric in (srcc, plcc, krcc, rmse):
            row[metric.__name__] = metric(predicted, mos)
    except CollapsedPredictionsError:
        return row
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error
    notes = []
    for parameters in (4, 5):
        column = f"plcc_logistic{parameters}"
        try:
            row[column] = plcc_logistic(predicted, mos, parameters=parameters)
        except LogisticFitError as error:
            notes.append(f"{column}: {error}")
    rounded = {metric: round(row[metric], digits) for metric, digits in DECIMALS.items()}
    return row | rounded | {"status": "ok", "fit_note": "; ".join(notes)}


def _collapsed(scores: pd.DataFrame) -> Row:
    """Return a row without metrics."""
    empty = dict.fromkeys(METRICS, np.nan)
    return {**empty, "n_pictures": len(scores), "status": "collapsed", "fit_note": ""}


def with_line(row: Row, scores: pd.DataFrame, train: pd.DataFrame) -> Row:
    """Add the error of the predictions after the least-squares line of the training part."""
    if row["status"] == "collapsed":
        return row
    try:
        slope, intercept = least_squares_line(
            train["predicted"].to_numpy(), train["mos"].to_numpy()
        )
    except CollapsedPredictionsError:
        note = "rmse_mapped: the predictions of the training part have collapsed"
        return row | {"fit_note": "; ".join(filter(None, [row["fit_note"], note]))}
    mapped = slope * scores["predicted"].to_numpy() + intercept
    error = rmse(mapped, scores["mos"].to_numpy())
    return row | {"rmse_mapped": round(error, DECIMALS["rmse_mapped"])}
