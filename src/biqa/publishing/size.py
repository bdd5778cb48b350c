"""Figure: what a loss adds on networks of different sizes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from biqa.publishing.names import METRICS, Facts, judged_on, metric_axis, row_label
from biqa.publishing.panels import ordered_rows, panels
from biqa.publishing.style import FAINT, Mark, grid_of_panels, legend_above, marks, set_title


def size(artefact: Mapping[str, Any], found: pd.DataFrame, facts: Facts) -> Figure:
    """Plot a figure of merit against the number of parameters, one line a loss.

    ``found`` has a row a run, with ``parameters``: how many its network has.
    """
    metric = artefact.get("metric", "srcc")
    names = ordered_rows(artefact, found["loss"])
    style = marks(names)
    divided = panels(artefact, found.assign(model="", recipe=""), "loss", facts)
    figure, axes = grid_of_panels(len(divided), columns=2, panel_height=2.6, margin=0.9)
    for ax, panel in zip(axes, divided, strict=True):
        table = found.loc[panel.table.index]
        for name in names:
            _draw(ax, table[table["loss"] == name], metric, style[name])
        _name_networks(ax, table, metric, artefact)
        set_title(ax, panel.title, min(2, len(divided)), beside=0.6)
        ax.set_xscale("log")
        ax.margins(x=0.2, y=0.15)
    figure.supxlabel("Parameters of the network", fontsize="medium")
    figure.supylabel(
        metric_axis(metric, facts, found["tested_on"], judged_on(found), "\n"), fontsize="medium"
    )
    legend_above(
        figure,
        [
            Line2D([], [], color=mark.colour, marker=mark.marker, label=row_label(artefact, name))
            for name, mark in style.items()
        ],
    )
    return figure


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    metric = METRICS[artefact.get("metric", "srcc")]
    return f"{metric} by the size of the network; marks: medians over the splits, bars: quartiles."


def _draw(ax: Axes, table: pd.DataFrame, metric: str, mark: Mark) -> None:
    fine = table[table["status"] == "ok"]
    by_size = fine.groupby("parameters")[metric]
    low, middle, high = (by_size.quantile(share) for share in (0.25, 0.5, 0.75))
    ax.vlines(middle.index, low, high, color=mark.colour, linewidth=1, alpha=0.6)
    ax.plot(
        *(middle.index, middle),
        color=mark.colour,
        marker=mark.marker,
        dashes=mark.dashes or (None, None),
    )


def _name_networks(ax: Axes, table: pd.DataFrame, metric: str, artefact: Mapping[str, Any]) -> None:
    """Write each network's name under its lowest point."""
    fine = table[table["status"] == "ok"]
    for (parameters, model), group in fine.groupby(["parameters", "model"]):
        lowest = group.groupby("loss")[metric].quantile(0.25).min()
        if np.isfinite(lowest):
            ax.annotate(
                row_label(artefact, str(model)),
                (parameters, lowest),
                xytext=(0, -5),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize="small",
                color=FAINT,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
            )
