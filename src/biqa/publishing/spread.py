"""Figure: how much a result varies over the splits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from biqa.publishing.names import METRICS, Facts, judged_on, metric_axis, row_label
from biqa.publishing.panels import ordered_rows, overlap, panels
from biqa.publishing.style import INK, Mark, grid_of_panels, marks, set_title

ROOM = 0.5  # height that the points of a row share, where rows are 1 apart


def spread(artefact: Mapping[str, Any], found: pd.DataFrame, facts: Facts) -> Figure:
    """Plot one point a split and the median as a bar, one line a loss or model."""
    rows, metric = artefact.get("rows", "loss"), artefact.get("metric", "srcc")
    divided = panels(artefact, found, rows, facts)
    names = ordered_rows(artefact, found[rows])
    height = 0.35 + 0.24 * len(names)
    figure, axes = grid_of_panels(
        len(divided), columns=2, panel_height=height, shared_x=overlap(divided, metric)
    )
    for ax, panel in zip(axes, divided, strict=True):
        for place, name in enumerate(names):
            _draw_row(ax, place, panel.table[panel.table[rows] == name], metric, marks(names)[name])
        set_title(ax, panel.title, min(2, len(divided)), beside=1.1)
        finish_rows(ax, [row_label(artefact, name) for name in names])
    label = metric_axis(metric, facts, found["tested_on"], judged_on(found))
    figure.supxlabel(label, fontsize="medium")
    return figure


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    metric = METRICS[artefact.get("metric", "srcc")]
    return f"{metric}; one point a split, bars: median over the splits."


def finish_rows(ax: Axes, labels: list[str]) -> None:
    """Name the rows, first on top, and keep lines for the eye along them."""
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", visible=False)


def note_collapsed(ax: Axes, place: int, n_collapsed: int, *, beside: bool) -> None:
    """Say at the right end of a row how many splits collapsed; higher where ``beside`` marks."""
    if n_collapsed:
        ax.text(
            *(0.99, place - 0.36 * beside, f"{n_collapsed} collapsed"),
            transform=ax.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize="small",
            color=INK,
        )


def _draw_row(ax: Axes, place: int, table: pd.DataFrame, metric: str, mark: Mark) -> None:
    values = table.loc[table["status"] == "ok", metric].to_numpy(dtype=float)
    note_collapsed(ax, place, len(table) - len(values), beside=len(values) > 0)
    if not len(values):
        return
    offsets = (np.arange(len(values)) + 0.5) / len(values) - 0.5
    ax.scatter(values, place + ROOM * offsets, s=11, color=mark.colour, alpha=0.75, linewidths=0)
    middle = float(np.median(values))
    ax.vlines(middle, place - 0.32, place + 0.32, color=mark.colour, linewidth=2.2)
