"""The metrics and learning curves of many run folders."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

from biqa.errors import InputError
from biqa.evaluation.joins import refuse_first
from biqa.evaluation.rows import COLUMNS, IDENTITY, evaluate_run, run_name

TEXT = ["dataset", "name", "part", "group"]


@dataclass(frozen=True)
class _Judged:
    """What one run folder holds, judged."""

    folder: Path
    name: str
    rows: list[dict[str, Any]]
    curve: pd.DataFrame
    labels: pd.DataFrame  # dataset, name and mos of every picture
    dataset: str  # that it learned from
    pixels: str  # the SHA-256 of its pixels, "" where the record does not say


def gather(run_folders: Iterable[Path], *, jobs: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the metrics and the curves of all runs, sorted by their identity.

    Metrics have the columns ``COLUMNS``, a row for every run, choice of epoch and dataset it was
    tested on. Curves have the identity and the columns of the histories, a row for every epoch.
    All runs of a database must have learned from the same pixels, and a picture must have the same
    MOS in all runs. ``jobs`` processes judge runs side by side; the numbers do not depend on it.
    """
    rows: list[dict[str, Any]] = []
    curves: list[pd.DataFrame] = []
    seen: dict[str, Path] = {}
    labels: dict[str, pd.Series] = {}
    pixels: dict[str, _Judged] = {}
    for run in _side_by_side(list(run_folders), jobs):
        if run.name in seen:
            raise InputError(
                f"{run.name} is in both {seen[run.name]} and {run.folder}, expected once"
            )
        seen[run.name] = run.folder
        rows += run.rows
        curves.append(run.curve)
        _same_labels(run.labels, labels, run.name)
        _same_pixels(run, pixels)
    if not rows:
        raise InputError("no run folders to evaluate")
    metrics = pd.DataFrame(rows, columns=COLUMNS).astype({"epoch": "Int64"})
    return (
        metrics.sort_values(IDENTITY, kind="stable", ignore_index=True),
        pd.concat(curves).sort_values(IDENTITY, kind="stable", ignore_index=True),
    )


def _side_by_side(folders: list[Path], jobs: int) -> Iterator[_Judged]:
    """Yield the judged runs in the order of ``folders``; processes are forked, so start at once."""
    if jobs == 1 or len(folders) < 2:
        yield from map(_judged, folders)
        return
    with get_context("fork").Pool(min(jobs, len(folders))) as pool:
        yield from pool.imap(_judged, folders, chunksize=4)


def _judged(folder: Path) -> _Judged:
    record = read_record(folder / "record.json")
    history = pd.read_csv(folder / "history.csv")
    predictions = read_scores(folder / "predictions.csv.gz")
    rows = evaluate_run(predictions, read_scores(folder / "epochs.csv.gz"), history, record)
    identity = {part: record["run"][part] for part in IDENTITY}
    curve = history.assign(**identity)[[*IDENTITY, *history.columns]]
    labels = predictions[["dataset", "name", "mos"]]
    pixels = record.get("made_of", {}).get("pixels", "")
    return _Judged(
        folder, run_name(record["run"]), rows, curve, labels, record["run"]["dataset"], pixels
    )


def read_scores(path: Path) -> pd.DataFrame:
    """Read a table of predictions; names such as "007" and "NA" stay as they are."""
    kinds = dict.fromkeys(TEXT, str)
    table = pd.read_csv(path, dtype=kinds, keep_default_na=False)
    for column in table.columns.difference(TEXT):
        if not pd.api.types.is_numeric_dtype(table[column]):
            table[column] = pd.to_numeric(table[column])  # an empty cell among numbers
    return table


def read_record(path: Path) -> dict[str, Any]:
    """Read what a training wrote of itself; it must name its run and its epochs."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: not JSON ({error})") from error
    missing = [key for key in ("run", "choose", "epoch_chosen", "epochs") if key not in record]
    if not missing:
        missing = [f"run.{part}" for part in IDENTITY if part not in record["run"]]
    if missing:
        raise InputError(f"{path}: missing key {missing[0]!r}")
    return record


def _same_pixels(run: _Judged, first: dict[str, _Judged]) -> None:
    """Compare a run's pixels with those of the first run of its database, and remember that one."""
    if not run.pixels:
        return
    before = first.setdefault(run.dataset, run)
    if before.pixels != run.pixels:
        raise InputError(
            f"{run.folder}: learned from other pixels of {run.dataset} than {before.folder} "
            "(made_of in their records); run snakemake again: it trains anew what came with a clone"
        )


def _same_labels(predictions: pd.DataFrame, labels: dict[str, pd.Series], where: str) -> None:
    """Compare the MOS of each picture with that of the runs before, and remember new ones."""
    for dataset, pictures in predictions.groupby("dataset"):
        mos = pictures.set_index("name")["mos"]
        known = labels.get(str(dataset), mos)
        before = known.reindex(mos.index)
        refuse_first(
            pictures["name"],
            pd.Series((before.notna() & (before != mos)).to_numpy(), index=pictures.index),
            f"{where}: {dataset}",
            "of another MOS than in the runs before",
        )
        labels[str(dataset)] = pd.concat([known, mos[before.isna()]])
