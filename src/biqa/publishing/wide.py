"""Tidy numbers arranged to be read: blocks of rows and columns, cells as text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from biqa.publishing.compared import setting_apart
from biqa.publishing.names import (
    CHOICE_LABELS,
    FORMATS,
    METRICS,
    Facts,
    dataset_title,
    row_label,
)

NONE = "—"
MOST_COLUMNS = 6  # of one block that puts several groups side by side
HEADS = {
    **{"loss": "Loss", "model": "Model", "recipe": "Recipe", "dataset": "Database"},
    **{"choice": "Epoch", "left_out": "Left-out distortion", "subset": "Subset"},
}


@dataclass(frozen=True)
class Column:
    """One figure of merit of one group; ``group`` is '' where the block has one group."""

    group: str
    metric: str
    metric_name: str  # as metrics.csv calls it
    compared: bool  # some cell has a printed number


@dataclass(frozen=True)
class Cell:
    """A number as printed; ``printed`` and ``difference`` are a dash where there is none.

    ``mark`` is 'best', 'second' or ''; ``inside`` says where the printed number lies against our
    interval: 'inside', 'outside' or ''.
    """

    value: str
    spread: str
    left_out: str
    printed: str
    difference: str
    mark: str = ""
    inside: str = ""

    @property
    def ours(self) -> str:
        """Value, spread and number of splits left in one line."""
        return " ".join(part for part in (self.value, self.spread, self.left_out) if part)

    @property
    def gap(self) -> str:
        """Difference to the printed number, and on which side of our interval that lies."""
        return f"{self.difference} ({self.inside})" if self.inside else self.difference


@dataclass(frozen=True)
class Row:
    """A row of a block, and the runs that its numbers come from."""

    label: str
    cells: tuple[Cell, ...]
    runs: tuple[str, ...]
    name: str  # as the study calls it


@dataclass(frozen=True)
class Block:
    """A table to read; ``printed`` heads the column of printed numbers, '' where it has none."""

    heading: str
    head: str
    printed: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def blocks(artefact: Mapping[str, Any], cells: pd.DataFrame, facts: Facts) -> tuple[Block, ...]:
    """Return the tidy ``cells`` as one block a group: a database, a model, whatever else varies.

    Groups without printed numbers share a block while it stays narrow; what they have in common
    is its heading.
    """
    apart = setting_apart(cells[cells["n_splits"] > 0], artefact["rows"], "row")
    words = [_words(artefact, cell, apart, facts) for _, cell in cells.iterrows()]
    cells = cells.assign(group=[" · ".join(each) for each in words])
    groups = list(dict.fromkeys(cells["group"]))
    n_metrics = cells["metric"].nunique()
    if "published" not in artefact and 1 < len(groups) <= MOST_COLUMNS // n_metrics:
        titles = {each[0] for each in words}
        heading = titles.pop() if len(titles) == 1 else ""
        return (_block(artefact, cells, facts, heading, groups),)
    return tuple(
        _block(artefact, cells[cells["group"] == name], facts, name, [name]) for name in groups
    )


def _words(
    artefact: Mapping[str, Any], cell: pd.Series, apart: Iterable[str], facts: Facts
) -> list[str]:
    """Return the words for what a cell shares with others beside its row: databases first."""
    dataset, tested_on = cell["dataset"], cell["tested_on"]
    elsewhere = artefact.get("published", {}).get("elsewhere", {})
    if tested_on in elsewhere:
        return [elsewhere[tested_on]]
    if artefact["rows"] == "dataset":
        title = f"tested on {facts[tested_on].title}" if dataset != tested_on else ""
    else:
        title = dataset_title(facts, dataset, tested_on)
    return [*filter(None, [title]), *(row_label(artefact, cell[key]) for key in apart)]


def _block(
    artefact: Mapping[str, Any],
    cells: pd.DataFrame,
    facts: Facts,
    heading: str,
    groups: list[str],
) -> Block:
    declared = artefact.get("published", {})
    several = len(groups) > 1
    there = cells[cells["published"].notna()]
    printed = set(zip(there["group"], there["metric"], strict=True))
    metrics = list(dict.fromkeys(cells["metric"]))
    keys = [(group, metric) for group in groups for metric in metrics]
    lines = []
    for row, part in cells.groupby("row", sort=False):
        found = {(cell["group"], cell["metric"]): cell for _, cell in part.iterrows()}
        texts = tuple(_cell(found.get(key), artefact) for key in keys)
        runs = dict.fromkeys(run for listed in part["runs"] for run in listed.split(";") if run)
        lines.append(Row(_label(artefact, str(row), facts), texts, tuple(runs), str(row)))
    return Block(
        heading=heading,
        head=HEADS[artefact["rows"]],
        printed=declared.get("label", "printed") if printed else "",
        columns=tuple(
            Column(
                _own_words(group, heading) if several else "",
                METRICS[name],
                name,
                (group, name) in printed,
            )
            for group, name in keys
        ),
        rows=tuple(lines),
    )


def _own_words(group: str, heading: str) -> str:
    """Return what of a group's words the heading of its block does not say."""
    return group.removeprefix(f"{heading} · ") if heading else group


def _label(artefact: Mapping[str, Any], row: str, facts: Facts) -> str:
    """Return how a row is called: the artefact's own label first."""
    if artefact["rows"] == "dataset":
        return artefact.get("row_labels", {}).get(row, facts[row].title)
    if artefact["rows"] == "choice":
        return artefact.get("row_labels", {}).get(row, CHOICE_LABELS[row])
    return row_label(artefact, row)


def _cell(found: pd.Series | None, artefact: Mapping[str, Any]) -> Cell:
    if found is None:
        return Cell("not run", "", "", NONE, NONE)
    n_splits, n_collapsed = int(found["n_splits"]), int(found["n_collapsed"])
    printed, difference = found["published"], found["difference"]
    metric = found["metric"]
    shown = NONE if pd.isna(printed) else number(printed, metric)
    gap = NONE if pd.isna(difference) else signed(difference, metric)
    if not n_splits:
        return Cell("not run", "", "", shown, NONE)
    if n_collapsed == n_splits:
        return Cell("collapsed", "", "", shown, NONE)
    n_values = int(found["n_values"])
    if not n_values:
        return Cell("no fit", "", "", shown, NONE)
    left_out = f"[{n_values} of {n_splits} splits]" if n_values < n_splits else ""
    spread = _spread(found, artefact.get("statistic", "median"), n_values)
    inside = {"yes": "inside", "no": "outside"}.get(found["inside"], "")
    value = number(found["value"], metric)
    return Cell(value, spread, left_out, shown, gap, found["mark"], inside)


def _spread(found: pd.Series, statistic: str, n_values: int) -> str:
    if n_values < 2:
        return ""
    if statistic == "mean":
        return f"± {number(found['std'], found['metric'])}"
    low, high = number(found["q25"], found["metric"]), number(found["q75"], found["metric"])
    return f"({low} to {high})" if "−" in low + high else f"({low}–{high})"


def number(value: float, metric: str = "") -> str:
    """Return ``value`` as its metric is written, else with three decimals; a typographic minus."""
    return format(value, FORMATS.get(metric, ".3f")).replace("-", "−")


def signed(value: float, metric: str = "") -> str:
    """Return ``value`` like ``number``, with its sign; none for what rounds to zero."""
    text = number(value, metric)
    zero = number(0.0, metric)
    if text.lstrip("−") == zero:
        return zero
    return text if text.startswith("−") else f"+{text}"
