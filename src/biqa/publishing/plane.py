"""Figure: two figures of merit against each other."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from biqa.publishing.names import METRICS, Facts, judged_on, row_label, score_word
from biqa.publishing.panels import ordered_rows, panels
from biqa.publishing.style import Mark, grid_of_panels, legend_above, marks, set_title

AXES = ("plcc", "srcc")  # across and up


def plane(artefact: Mapping[str, Any], found: pd.DataFrame, facts: Facts) -> Figure:
    """Plot PLCC across and SRCC up: the median over the splits, and the quartiles as a cross."""
    rows = artefact.get("rows", "loss")
    divided = panels(artefact, found, rows, facts)
    names = ordered_rows(artefact, found[rows])
    style = marks(names)
    columns = min(2, len(divided))
    figure, axes = grid_of_panels(
        len(divided), columns=2, panel_height=2.9 if columns == 1 else 2.4, margin=1.2, shared=False
    )
    for ax, panel in zip(axes, divided, strict=True):
        collapsed = [
            row_label(artefact, name)
            for name in names
            if not _draw(ax, panel.table[panel.table[rows] == name], style[name])
        ]
        set_title(ax, panel.title, columns, beside=0.5)
        if collapsed:
            said = f"collapsed: {', '.join(collapsed)}"
            ax.text(0.98, 0.02, said, transform=ax.transAxes, ha="right", fontsize="small")
    against = f"with {score_word(facts, found['tested_on'])}, {judged_on(found)}"
    for axis, metric in zip((figure.supxlabel, figure.supylabel), AXES, strict=True):
        gap = "\n" if metric == AXES[1] else " "
        axis(f"{METRICS[metric]} {against}{gap}(higher is better)", fontsize="medium")
    legend_above(figure, [_handle(row_label(artefact, name), style[name]) for name in names])
    return figure


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    return "SRCC against PLCC; marks: medians over the splits, crosses: quartiles."


def _draw(ax: Axes, table: pd.DataFrame, mark: Mark) -> bool:
    """Draw one mark; return whether any split has not collapsed."""
    fine = table[table["status"] == "ok"]
    if fine.empty:
        return not len(table)
    (x_low, x, x_high), (y_low, y, y_high) = (
        np.quantile(fine[metric].to_numpy(dtype=float), [0.25, 0.5, 0.75]) for metric in AXES
    )
    ax.hlines(y, x_low, x_high, color=mark.colour, linewidth=0.8, alpha=0.7)
    ax.vlines(x, y_low, y_high, color=mark.colour, linewidth=0.8, alpha=0.7)
    ax.plot(x, y, color=mark.colour, marker=mark.marker, markersize=6, linestyle="")
    return True


def _handle(label: str, mark: Mark) -> Line2D:
    return Line2D([], [], color=mark.colour, marker=mark.marker, linestyle="", label=label)
