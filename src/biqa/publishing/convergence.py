"""Figure: how fast each loss converges."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from biqa.publishing.names import METRICS, Facts, metric_axis, row_label
from biqa.publishing.panels import Panel, panels
from biqa.publishing.published import printed_curve
from biqa.publishing.style import Mark, grid_of_panels, legend_above, marks, set_title


def convergence(
    artefact: Mapping[str, Any], curves: pd.DataFrame, facts: Facts, published: Path
) -> Figure:
    """Plot a figure of merit by epoch: the median over splits, and the quartiles as a band.

    ``curves`` has rows (loss or model), epoch, and the column ``<part>_<metric>``.
    """
    rows, metric = artefact.get("rows", "loss"), artefact.get("metric", "srcc")
    part = artefact.get("part", "test")
    found = panels(artefact, curves, rows, facts)
    style = marks(list(dict.fromkeys(curves[rows])))
    figure, axes = grid_of_panels(len(found), columns=2, panel_height=2.2, margin=1.0)
    for ax, panel in zip(axes, found, strict=True):
        _draw(ax, panel.table, rows, f"{part}_{metric}", style)
        for name, curve in printed_curves(artefact, panel, metric, list(style), published).items():
            ax.plot(curve["epoch"], curve["value"], color=style[name].colour, lw=0.8, ls=":")
        set_title(ax, panel.title, min(2, len(found)), beside=0.5)
        _scale_epochs(ax, int(panel.table["epoch"].max()))
    figure.supxlabel("Epoch", fontsize="medium")
    figure.supylabel(
        metric_axis(metric, facts, curves["dataset"], f"{part} part", "\n"), fontsize="medium"
    )
    legend_above(figure, handles_of(artefact, style))
    return figure


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    metric = METRICS[artefact.get("metric", "srcc")]
    return (
        f"{metric} on the {artefact.get('part', 'test')} part after each epoch; lines: median "
        f"over the splits, bands: quartiles;{dotted(artefact)} gaps: all predictions were equal."
    )


def dotted(artefact: Mapping[str, Any]) -> str:
    """Return what the dotted lines are, if there are any."""
    published = artefact.get("published")
    return f" dotted: {published.get('label', 'printed')};" if published else ""


def _draw(ax: Axes, table: pd.DataFrame, rows: str, column: str, style: dict[str, Mark]) -> None:
    for name, group in table.groupby(rows, sort=False):
        by_epoch = group.groupby("epoch")[column]
        low, middle, high = (by_epoch.quantile(share) for share in (0.25, 0.5, 0.75))
        mark = style[str(name)]
        ax.fill_between(middle.index, low, high, color=mark.colour, alpha=0.1, linewidth=0)
        ax.plot(
            *(middle.index, middle),
            color=mark.colour,
            marker=mark.marker,
            markevery=max(1, len(middle) // 6),
            dashes=mark.dashes or (None, None),
        )


def _scale_epochs(ax: Axes, ours: int) -> None:
    """Count epochs along the axis; on a logarithmic one where the printed curves go on and on."""
    longest = max(float(np.max(line.get_xdata())) for line in ax.get_lines())
    if longest > 2 * ours:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(FixedLocator([1, 2, 5, 10, 20, 50, 100]))
        ax.xaxis.set_major_formatter("{x:.0f}")
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xlim(0.9, 1.1 * longest)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        ax.set_xlim(left=0.5)


def printed_curves(
    artefact: Mapping[str, Any], panel: Panel, metric: str, names: list[str], folder: Path
) -> dict[str, pd.DataFrame]:
    """Return the printed curve of each of ``names`` that has one for the panel's dataset."""
    declared = artefact.get("published", {})
    dataset = declared.get("datasets", {}).get(panel.dataset)
    if dataset is None:
        return {}
    keys = {"metric": declared["metrics"][metric], **declared.get("keys", {})}
    return {
        name: printed_curve(
            folder, declared["table"], {"dataset": dataset, "method": method, **keys}
        )
        for name, method in declared.get("rows", {}).items()
        if name in names
    }


def handles_of(artefact: Mapping[str, Any], style: Mapping[str, Mark]) -> list[Line2D]:
    """Return the entries of the legend: each row, and the printed curves where there are any."""
    handles = [_handle(artefact, name, mark) for name, mark in style.items()]
    if "published" in artefact:
        label = artefact["published"].get("label", "printed")
        handles.append(Line2D([], [], color="0.4", lw=0.8, ls=":", label=label))
    return handles


def _handle(artefact: Mapping[str, Any], name: str, mark: Mark) -> Line2D:
    line = Line2D([], [], color=mark.colour, marker=mark.marker, label=row_label(artefact, name))
    line.set_dashes(mark.dashes or (None, None))
    return line
