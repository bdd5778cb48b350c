"""Figure: what choosing the epoch on the test part adds."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from biqa.publishing.names import CHOICE_LABELS, METRICS, Facts, judged_on, metric_axis, row_label
from biqa.publishing.panels import ordered_rows, overlap, panels
from biqa.publishing.spread import finish_rows, note_collapsed
from biqa.publishing.style import CHOICE_MARKS, grid_of_panels, legend_above, set_title

APART = 0.22  # between the choices of a row, where rows are 1 apart


def choice(artefact: Mapping[str, Any], found: pd.DataFrame, facts: Facts) -> Figure:
    """Plot the same runs judged at differently chosen epochs, one row a loss or model."""
    rows, metric = artefact.get("rows", "loss"), artefact.get("metric", "srcc")
    divided = panels(artefact, found, rows, facts)
    names = ordered_rows(artefact, found[rows])
    offered = [each for each in CHOICE_MARKS if each in set(found["choice"])]
    height = 0.35 + 0.3 * len(names)
    figure, axes = grid_of_panels(
        len(divided),
        columns=2,
        panel_height=height,
        margin=0.85,
        shared_x=overlap(divided, metric),
    )
    for ax, panel in zip(axes, divided, strict=True):
        for place, name in enumerate(names):
            _draw_row(ax, place, panel.table[panel.table[rows] == name], metric, offered)
        set_title(ax, panel.title, min(2, len(divided)), beside=1.1)
        finish_rows(ax, [row_label(artefact, name) for name in names])
    figure.supxlabel(
        metric_axis(metric, facts, found["tested_on"], judged_on(found)), fontsize="medium"
    )
    handles = [
        Line2D([], [], ls="", color=mark.colour, marker=mark.marker, label=CHOICE_LABELS[each])
        for each, mark in CHOICE_MARKS.items()
        if each in offered
    ]
    legend_above(figure, handles)
    return figure


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    metric = METRICS[artefact.get("metric", "srcc")]
    return (
        f"{metric} on the test part of the same runs, with the epoch chosen in different ways; "
        "marks: median over the splits, lines: quartiles. What the choice on the test part adds "
        "is optimism, not quality."
    )


def _draw_row(ax: Axes, place: int, table: pd.DataFrame, metric: str, offered: list[str]) -> None:
    for at, each in enumerate(offered):
        group = table[table["choice"] == each]
        values = group.loc[group["status"] == "ok", metric].to_numpy(dtype=float)
        height = place + APART * (at - (len(offered) - 1) / 2)
        if each == offered[0]:
            note_collapsed(ax, place, len(group) - len(values), beside=len(values) > 0)
        if not len(values):
            continue
        low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
        mark = CHOICE_MARKS[each]
        ax.hlines(height, low, high, color=mark.colour, linewidth=1, alpha=0.6)
        ax.plot(middle, height, color=mark.colour, marker=mark.marker, linestyle="")
