"""Figure: how many epochs it takes to get to a given figure of merit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from biqa.evaluation.speed import epochs_to_reach
from biqa.publishing.convergence import dotted, handles_of, printed_curves
from biqa.publishing.names import METRICS, Facts, metric_axis
from biqa.publishing.panels import panels
from biqa.publishing.style import Mark, grid_of_panels, legend_above, marks, set_title

LEVELS = 120


def speed(
    artefact: Mapping[str, Any], curves: pd.DataFrame, facts: Facts, published: Path
) -> Figure:
    """Plot the first epoch that reaches each level: the median over the splits, one line a row.

    ``curves`` is as for a convergence. A line ends where half of the splits get no further.
    """
    rows, metric = artefact.get("rows", "loss"), artefact.get("metric", "srcc")
    part = artefact.get("part", "test")
    column = f"{part}_{metric}"
    found = panels(artefact, curves, rows, facts)
    style = marks(list(dict.fromkeys(curves[rows])))
    levels = np.linspace(curves[column].quantile(0.05), curves[column].max(), LEVELS)
    figure, axes = grid_of_panels(len(found), columns=2, panel_height=2.2, margin=1.0)
    for ax, panel in zip(axes, found, strict=True):
        for name, group in panel.table.groupby(rows, sort=False):
            runs = [run.set_index("epoch")[column] for _, run in group.groupby("run", sort=False)]
            _draw(ax, levels, _median_epochs(runs, levels), style[str(name)])
        for name, curve in printed_curves(artefact, panel, metric, list(style), published).items():
            ours = ax.get_xlim()
            epochs = _median_epochs([curve.set_index("epoch")["value"]], levels)
            ax.plot(levels, epochs, color=style[name].colour, lw=0.8, ls=":")
            ax.set_xlim(ours)
        set_title(ax, panel.title, min(2, len(found)), beside=0.5)
        ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        ax.set_ylim(bottom=0)
    label = metric_axis(metric, facts, curves["dataset"], f"{part} part")
    figure.supxlabel(f"To reach: {label}", fontsize="medium")
    figure.supylabel("Epochs", fontsize="medium")
    legend_above(figure, handles_of(artefact, style))
    return figure


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    metric = METRICS[artefact.get("metric", "srcc")]
    return (
        f"First epoch after which {metric} on the {artefact.get('part', 'test')} part is at least "
        f"so high; lines: median over the splits;{dotted(artefact)} a line ends "
        "where half of the splits get no further."
    )


def _median_epochs(runs: list[pd.Series], levels: np.ndarray) -> np.ndarray:
    """Return the median epoch that reaches each level; NaN where half of the runs never do."""
    needed = [[epochs_to_reach(run, level) or np.inf for level in levels] for run in runs]
    middle = np.sort(needed, axis=0)[len(runs) // 2]  # the upper of two: both halves are there
    return np.where(np.isfinite(middle), middle, np.nan)


def _draw(ax: Axes, levels: np.ndarray, epochs: np.ndarray, mark: Mark) -> None:
    ax.plot(
        *(levels, epochs),
        color=mark.colour,
        marker=mark.marker,
        markevery=LEVELS // 6,
        dashes=mark.dashes or (None, None),
    )
