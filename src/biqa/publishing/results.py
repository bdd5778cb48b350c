"""The files of results that tables, figures and the report are made from."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from biqa.errors import InputError
from biqa.publishing.artefacts import IDENTIFIERS, Combination, Runs

METRICS_COLUMNS = (
    *(*IDENTIFIERS, "split", "tested_on", "choice", "protocol_choice"),
    *("epoch", "status", "fit_note"),
)


def read_metrics(results: Path) -> pd.DataFrame:
    """Return ``metrics.csv`` with one more column: ``run``, its path."""
    table = _read(results / "metrics.csv", METRICS_COLUMNS)
    table["run"] = run_paths(table)
    return table


def read_metrics_of(artefact: Mapping[str, Any], results: Path) -> pd.DataFrame:
    """Return the metrics that an artefact shows: on each subset where those are its rows."""
    if artefact.get("rows") != "subset":
        return read_metrics(results)
    table = _read(results / "subsets.csv", (*METRICS_COLUMNS, "subset"))
    table["run"] = run_paths(table)
    return table


def read_curves(results: Path) -> pd.DataFrame:
    """Return ``curves.csv``, one row a run and epoch (from 1), with the column ``run``."""
    table = _read(results / "curves.csv", (*IDENTIFIERS, "split", "epoch"))
    table["run"] = run_paths(table)
    return table


def read_predictions(results: Path, run: str) -> pd.DataFrame:
    """Return the columns dataset, name, part, mos and predicted of one run."""
    return _read(
        results / run / "predictions.csv.gz", ("dataset", "name", "part", "mos", "predicted")
    )


def read_record(results: Path, run: str) -> dict[str, Any]:
    """Return what the training of one run wrote of itself."""
    path = results / run / "record.json"
    if not path.is_file():
        raise InputError(f"{path}: missing; train this run, or take its folder back from DVC")
    return json.loads(path.read_text(encoding="utf-8"))


def run_path(combination: Combination, split: object) -> str:
    """Return the folder of a run, relative to the results of its study."""
    return "/".join(("runs", *combination, f"split{split}"))


def run_paths(table: pd.DataFrame) -> list[str]:
    """Return the folder of the run of each row."""
    rows = table[[*IDENTIFIERS, "split"]].itertuples(index=False)
    return [run_path((row[0], row[1], row[2], row[3]), row[4]) for row in rows]


def of_choice(metrics: pd.DataFrame, choice: str) -> pd.DataFrame:
    """Return the rows for one way to choose the epoch; 'protocol' is each run's prescribed one."""
    if choice == "protocol":
        return metrics[metrics["protocol_choice"]]
    return metrics[metrics["choice"] == choice]


def of_runs(table: pd.DataFrame, wanted: Runs, where: str) -> pd.DataFrame:
    """Return the rows of the ``wanted`` runs in that order; a run without a row is an error."""
    found = among(table, wanted)
    there = set(found["run"])
    paths = (run_path(each, split) for each, splits in wanted.items() for split in splits)
    missing = [path for path in paths if path not in there]
    if missing:
        more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
        raise InputError(f"{where}: no result of {', '.join(missing[:10])}{more}; evaluate them")
    return found


def among(table: pd.DataFrame, wanted: Runs) -> pd.DataFrame:
    """Return the rows of those of the ``wanted`` runs that are there, in that order."""
    paths = [run_path(each, split) for each, splits in wanted.items() for split in splits]
    order = {path: place for place, path in enumerate(paths)}
    found = table[table["run"].isin(order)]
    return found.sort_values("run", key=lambda runs: runs.map(order), kind="stable").reset_index(
        drop=True
    )


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"{path}: missing; run the step that makes it first")
    table = pd.read_csv(
        path, dtype=dict.fromkeys((*IDENTIFIERS, "subset"), str), keep_default_na=True
    )
    absent = [column for column in columns if column not in table.columns]
    if absent:
        raise InputError(f"{path}: no column {absent[0]!r}; found {', '.join(table.columns)}")
    return table
