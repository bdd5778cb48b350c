"""The way from one cell of a table to the runs behind it and the commands that make them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from biqa.errors import InputError
from biqa.publishing.artefacts import Runs
from biqa.publishing.cells import merits
from biqa.publishing.left_out import with_left_out
from biqa.publishing.names import METRICS, row_label
from biqa.publishing.records import making_of
from biqa.publishing.results import read_metrics_of, read_record
from biqa.publishing.tables import table
from biqa.publishing.wide import NONE, number, signed


def provenance(
    name: str,
    artefact: Mapping[str, Any],
    results: Path,
    planned: Runs,
    study: Mapping[str, Any],
    *,
    row: str,
    column: str,
    published: Path,
    where: str,
) -> str:
    """Return, as text, what the cells of one row and metric are made of.

    ``row`` and ``column`` are as the study names them or as the table prints them. A table of
    several databases or networks has a cell for each.
    """
    metrics = with_left_out(artefact, read_metrics_of(artefact, results), results, study)
    cells = table(artefact, metrics, planned, published=published, where=where)
    cells = cells[
        (cells["row"] == _chosen(row, artefact, cells, where))
        & (cells["metric"] == _metric(column, artefact, where))
    ]
    found = merits(artefact, metrics, planned, where)
    parts = [_cell(cell, artefact, found, results) for _, cell in cells.iterrows()]
    made = making_of(results, f"tables/{name}.csv")
    return "\n\n".join([f"{artefact['title']}\nmade by: {made}", *parts]) + "\n"


def _chosen(row: str, artefact: Mapping[str, Any], cells: pd.DataFrame, where: str) -> str:
    known = list(dict.fromkeys(cells["row"]))
    for name in known:
        if row in (name, row_label(artefact, name)):
            return name
    raise InputError(f"{where}: no row {row!r}; there is {', '.join(known)}")


def _metric(column: str, artefact: Mapping[str, Any], where: str) -> str:
    for name in artefact["metrics"]:
        if column in (name, METRICS[name]):
            return name
    raise InputError(f"{where}: no column {column!r}; there is {', '.join(artefact['metrics'])}")


def _cell(cell: pd.Series, artefact: Mapping[str, Any], found: pd.DataFrame, results: Path) -> str:
    metric = cell["metric"]
    where = [cell[key] for key in ("dataset", "model", "loss", "recipe")]
    if cell["tested_on"] != cell["dataset"]:
        where.append(f"tested on {cell['tested_on']}")
    lines = [f"{METRICS[metric]} of {' · '.join(where)}"]
    if not pd.isna(cell["published"]):
        inside = {"yes": ", inside our interval", "no": ", outside our interval"}
        lines.append(
            f"  printed   {number(cell['published'])}, difference "
            f"{NONE if pd.isna(cell['difference']) else signed(cell['difference'])}"
            f"{inside.get(cell['inside'], '')}"
        )
    if not cell["runs"]:
        return "\n".join([*lines, "  not run: no run of this study covers the cell"])
    statistic = artefact.get("statistic", "median")
    value = "collapsed" if pd.isna(cell["value"]) else number(cell["value"])
    lines.insert(
        1, f"  {statistic:<9} {value} over {cell['n_values']} of {cell['n_splits']} splits"
    )
    if not pd.isna(cell["low"]):
        lines.insert(2, f"  95 %      {number(cell['low'])} to {number(cell['high'])}")
    runs = cell["runs"].split(";")
    own = found[(found["run"].isin(runs)) & (found["tested_on"] == cell["tested_on"])]
    own = own[(own["choice"] == cell["choice"]) & (own[artefact["rows"]] == cell["row"])]
    lines += ["  runs"]
    lines += [_run(run, metric, results) for _, run in own.iterrows()]
    lines += ["  made by", f"    {making_of(results, f'{runs[0]}/predictions.csv.gz')}"]
    return "\n".join(lines)


def _run(run: pd.Series, metric: str, results: Path) -> str:
    record = read_record(results, run["run"])
    value = "collapsed" if run["status"] == "collapsed" else number(run[metric])
    code = " ".join(filter(None, (record.get("code", ""), record.get("commit", ""))))
    epoch = NONE if pd.isna(run["epoch"]) else f"{run['epoch']:.0f}"
    return (
        f"    {value}  {run['run']}  epoch {epoch} of {record['epochs']}, "
        f"seed {record.get('seed', NONE)}, {record['device']}, {record['seconds']:,.0f} s, "
        f"code {code or NONE}"
    )
