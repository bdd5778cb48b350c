"""The way from one cell of a table to the runs behind it and the commands that make them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from biqa.errors import InputError
from biqa.publishing.artefacts import Runs
from biqa.publishing.beside_print import table_of_print
from biqa.publishing.figures import KINDS, evidence
from biqa.publishing.left_out import with_left_out
from biqa.publishing.names import METRICS, OF_SPEED, Facts, row_label
from biqa.publishing.records import making_of
from biqa.publishing.results import read_metrics_of, read_record
from biqa.publishing.tables import is_of_databases, summarised, table, table_of_databases
from biqa.publishing.training_speed import with_speed
from biqa.publishing.wide import NONE, number, signed


def cells_of(
    artefact: Mapping[str, Any],
    results: Path,
    planned: Runs,
    facts: Facts,
    *,
    published: Path,
    where: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tidy numbers of a table, and the rows of results that they summarise."""
    if is_of_databases(artefact):
        cells = table_of_databases(artefact, facts, published=published, where=where)
        return cells, pd.DataFrame()
    if artefact.get("print_alone"):
        return table_of_print(artefact, published), pd.DataFrame()
    metrics = with_left_out(artefact, read_metrics_of(artefact, results), results, facts)
    if not set(artefact["metrics"]).isdisjoint(OF_SPEED):
        metrics = with_speed(metrics, results)
    cells = table(artefact, metrics, planned, published=published, where=where)
    return cells, summarised(artefact, metrics, planned, where)


def provenance_of_figure(
    name: str, artefact: Mapping[str, Any], results: Path, planned: Runs, *, where: str
) -> str:
    """Return, as text, which runs a figure shows, what of them, and the commands."""
    found = evidence(artefact, results, planned, where)
    runs = list(dict.fromkeys(found["run"]))
    parts = [
        artefact["title"],
        KINDS[artefact["kind"]](artefact),
        f"made by: {making_of(results, f'figures/{name}.pdf')}",
        f"from {len(runs)} run{'' if len(runs) == 1 else 's'}",
        *(f"    {run}  epochs {_trained(run, results)}" for run in runs),
        f"made by\n    {making_of(results, f'{runs[0]}/predictions.csv.gz')}",
    ]
    return "\n".join(parts) + "\n"


def provenance(
    name: str,
    artefact: Mapping[str, Any],
    results: Path,
    planned: Runs,
    facts: Facts,
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
    cells, found = cells_of(artefact, results, planned, facts, published=published, where=where)
    cells = cells[
        (cells["row"] == _chosen(row, artefact, cells, where))
        & (cells["metric"] == _metric(column, artefact, where))
    ]
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
    where = [cell[key] for key in ("dataset", "model", "loss", "recipe") if cell[key]]
    if cell["tested_on"] != cell["dataset"]:
        where.append(f"tested on {cell['tested_on']}")
    lines = [f"{METRICS[metric]} of {' · '.join(where)}"]
    if not pd.isna(cell["published"]):
        inside = {"yes": ", inside our interval", "no": ", outside our interval"}
        lines.append(
            f"  printed   {number(cell['published'], metric)}, difference "
            f"{NONE if pd.isna(cell['difference']) else signed(cell['difference'], metric)}"
            f"{inside.get(cell['inside'], '')}"
        )
    if is_of_databases(artefact):
        lines.insert(1, f"  stated    {number(cell['value'], metric)}")
        return "\n".join([*lines, f"  by        src/biqa/datasets/{cell['dataset']}.py"])
    if not cell["runs"]:
        return "\n".join([*lines, "  not run: no run of this study covers the cell"])
    statistic = artefact.get("statistic", "median")
    value = "collapsed" if pd.isna(cell["value"]) else number(cell["value"], metric)
    lines.insert(
        1, f"  {statistic:<9} {value} over {cell['n_values']} of {cell['n_splits']} splits"
    )
    if not pd.isna(cell["low"]):
        low, high = number(cell["low"], metric), number(cell["high"], metric)
        lines.insert(2, f"  95 %      {low} to {high}")
    runs = cell["runs"].split(";")
    own = found[(found["run"].isin(runs)) & (found["tested_on"] == cell["tested_on"])]
    own = own[(own["choice"] == cell["choice"]) & (own[artefact["rows"]] == cell["row"])]
    lines += ["  runs"]
    lines += [_run(run, metric, results) for _, run in own.iterrows()]
    lines += ["  made by", f"    {making_of(results, f'{runs[0]}/predictions.csv.gz')}"]
    return "\n".join(lines)


def _run(run: pd.Series, metric: str, results: Path) -> str:
    value = "collapsed" if run["status"] == "collapsed" else number(run[metric], metric)
    epoch = NONE if pd.isna(run["epoch"]) else f"{run['epoch']:.0f}"
    return f"    {value}  {run['run']}  epoch {epoch} of {_trained(run['run'], results)}"


def _trained(run: str, results: Path) -> str:
    """Return the number of epochs, seed, device, seconds and code of a training."""
    record = read_record(results, run)
    code = " ".join(filter(None, (record.get("code", ""), record.get("commit", ""))))
    return (
        f"{record['epochs']}, seed {record.get('seed', NONE)}, {record['device']}, "
        f"{record['seconds']:,.0f} s, code {code or NONE}"
    )
