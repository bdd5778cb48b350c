"""Figure: predicted quality against the score of each picture."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from biqa.datasets.definition import Dataset
from biqa.publishing.names import row_label, score_axis
from biqa.publishing.panels import ordered_rows
from biqa.publishing.style import GRID, WIDTH, grid_of_panels, marks, set_title


def scatter(artefact: Mapping[str, Any], found: pd.DataFrame, dataset: Dataset) -> Figure:
    """Plot one point a picture of the test part, one panel a loss or model; none is cut off.

    ``found`` has columns ``row`` (one run each), part (train or judged), mos and predicted.
    Predictions are drawn after the least-squares line that maps those of the training part to
    its mos.
    """
    names = ordered_rows(artefact, found["row"])
    columns = 4 if len(names) > 6 else min(3, len(names))
    figure, axes = grid_of_panels(len(names), columns=columns, panel_height=(WIDTH - 0.2) / columns)
    for ax, name in zip(axes, names, strict=True):
        _draw(ax, found[found["row"] == name], marks(names)[name].colour)
        set_title(ax, row_label(artefact, name), columns, beside=0.4)
    figure.supxlabel(score_axis(dataset), fontsize="medium")
    figure.supylabel("Predicted quality, after a line", fontsize="medium")
    return figure


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    return (
        "One point a picture that is judged, first split; predictions after the "
        "least-squares line fitted on the training part; grey: perfect agreement."
    )


def after_line(run: pd.DataFrame) -> pd.DataFrame | None:
    """Return the judged part with ``predicted`` mapped by the training part's least-squares line.

    None where the predictions collapsed: all of the training or of the judged part are equal.
    """
    train, judged = (run[run["part"] == part] for part in ("train", "judged"))
    if any(np.ptp(part["predicted"].to_numpy(dtype=float)) == 0 for part in (train, judged)):
        return None
    slope, intercept = np.polyfit(train["predicted"], train["mos"], 1)
    return judged.assign(predicted=slope * judged["predicted"] + intercept)


def _draw(ax: Axes, run: pd.DataFrame, colour: str) -> None:
    ax.axline((0, 0), slope=1, color=GRID, linewidth=1.6, zorder=0)
    mapped = after_line(run)
    if mapped is None:
        ax.text(0.5, 0.5, "collapsed", transform=ax.transAxes, ha="center", va="center")
        return
    ax.scatter(
        *(mapped["mos"], mapped["predicted"]),
        s=5,
        color=colour,
        alpha=0.6,
        linewidths=0,
        rasterized=True,
    )
