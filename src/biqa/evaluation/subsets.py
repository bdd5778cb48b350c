"""Runs judged on each subset of a database by itself."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from biqa.errors import InputError
from biqa.evaluation.gathering import read_record, read_scores
from biqa.evaluation.joins import checked_predictions
from biqa.evaluation.rows import COLUMNS, IDENTITY, Row, judge, run_name, with_line

SUBSET = "subset"


def gather_subsets(run_folders: Iterable[Path]) -> pd.DataFrame:
    """Return the metrics of all runs on each subset, sorted by the identity of the runs.

    The columns are ``COLUMNS`` and ``subset``; the choice of epoch is the protocol's.
    """
    rows: list[Row] = []
    for folder in run_folders:
        record = read_record(folder / "record.json")
        rows += evaluate_subsets(read_scores(folder / "predictions.csv.gz"), record)
    if not rows:
        raise InputError("no run was tested on a database with subsets, so none can be judged")
    metrics = pd.DataFrame(rows, columns=[*COLUMNS, SUBSET]).astype({"epoch": "Int64"})
    return metrics.sort_values(IDENTITY, kind="stable", ignore_index=True)


def evaluate_subsets(predictions: pd.DataFrame, record: Mapping[str, Any]) -> list[Row]:
    """Return a row for each subset of each database that a run was tested on.

    ``predictions`` is as for ``evaluate_run``, with the column ``group`` where some database has
    subsets. Of the run's own database the test part is judged, of another one all pictures.
    ``rmse_mapped`` is after the one line of the whole training part.
    """
    run, where = record["run"], run_name(record["run"])
    if "group" not in predictions:
        return []
    predictions = checked_predictions(predictions, run["dataset"], where)
    train = predictions[predictions["part"] == "train"]
    tested = predictions[predictions["part"].isin(["test", "cross"]) & (predictions["group"] != "")]
    shared = {
        **{part: run[part] for part in IDENTITY},
        **{"choice": record["choose"], "protocol_choice": True, "epoch": record["epoch_chosen"]},
    }
    rows = []
    for (dataset, subset), scores in tested.groupby(["dataset", "group"]):
        row = with_line(judge(scores, f"{where}: {subset} of {dataset}"), scores, train)
        rows.append({**shared, **row, "tested_on": dataset, SUBSET: subset})
    return rows
