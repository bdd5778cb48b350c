"""Figure: gradients of the losses, where the minimum of DCQ lies, and gradients in a run."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from biqa.datasets.definition import Dataset
from biqa.publishing.names import row_label
from biqa.publishing.style import FAINT, GRID, grid_of_panels, legend_above, marks, set_title
from biqa.publishing.theory_table import UNITS

SHOWN = ("mse", "mae", "norm_in_norm", "mono", "rpc", "dcq")
STYLES = ((), (4, 1.5), (1, 1.2))  # dashes of the units, in their order
APART = 1.18  # factor between the losses in the last panel
DRAWN = (
    "(a) Length of the gradient when all predictions of a batch are multiplied, 1: spread like the "
    "labels. (b) Change of the gradient between a point where two predictions are in the wrong "
    "order and one where they are in the right one, over their distance. (c) The predictions with "
    "the lowest DCQ by the unit of the labels; grey: the labels. (d) Cosine of the gradient at the "
    "weights with the gradient after a step against it, by the length of the step; medians and "
    "quartiles over the looks along one training a loss."
)


def theory_figure(measures: pd.DataFrame, dataset: Dataset) -> Figure:
    """Draw the numbers of the step ``gradients`` in four panels; ``DRAWN`` says what they are."""
    figure, axes = grid_of_panels(4, columns=2, panel_height=2.15, margin=0.7, shared=False)
    _by_scale(axes[0], measures)
    _near_a_tie(axes[1], measures)
    _minima(axes[2], measures, dataset)
    _along_a_run(axes[3], measures)
    legend_above(
        figure,
        [
            Line2D([], [], color=mark.colour, marker=mark.marker, label=row_label({}, name))
            for name, mark in marks(SHOWN).items()
        ],
    )
    return figure


def _curves(ax: Axes, measures: pd.DataFrame, quantity: str) -> None:
    found = measures[measures["quantity"] == quantity]
    for name, mark in marks(SHOWN).items():
        curve = found[found["loss"] == name].sort_values("at")
        if len(curve):
            ax.plot(
                *(curve["at"], curve["value"]),
                color=mark.colour,
                marker=mark.marker,
                dashes=mark.dashes or (None, None),
                markersize=3.5,
                linewidth=1.2,
            )


def _by_scale(ax: Axes, measures: pd.DataFrame) -> None:
    _curves(ax, measures, "gradient")
    ax.set(xscale="log", yscale="log", xlabel="Spread of predictions")
    ax.set_ylabel("Length of gradient")
    set_title(ax, "a  Gradient by scale", 2, beside=0.2)


def _near_a_tie(ax: Axes, measures: pd.DataFrame) -> None:
    _curves(ax, measures, "change_across_a_tie")
    ax.set(xscale="log", yscale="log", xlabel="Distance of two points")
    ax.set_ylabel("Change / distance")
    ax.invert_xaxis()
    set_title(ax, "b  Gradient at a tie", 2, beside=0.2)


def _minima(ax: Axes, measures: pd.DataFrame, dataset: Dataset) -> None:
    """Draw the best predictions against the labels, by their unit."""
    colour = marks(SHOWN)["dcq"].colour
    found = measures[(measures["quantity"] == "minimum") & (measures["loss"] == "dcq")]
    ax.axline((0, 0), slope=1, color=GRID, linewidth=3, zorder=0)
    for (scale, unit), dashes in zip(UNITS.items(), STYLES, strict=True):
        curve = found[found["setting"] == scale].sort_values("at")
        ax.plot(
            *(curve["at"], curve["value"]),
            color=colour,
            dashes=dashes or (None, None),
            linewidth=1.4,
            label=unit,
        )
    ax.legend(title="Labels", loc="upper left", handlelength=1.6, borderaxespad=0.1)
    ax.set(xlabel=f"{dataset.score_name} in [0, 1]", ylabel="Best prediction")
    ax.set_ylim(top=1.1 * float(np.max(found["value"])) + 0.35)
    set_title(ax, "c  Minimum of DCQ", 2, beside=0.2)


def _along_a_run(ax: Axes, measures: pd.DataFrame) -> None:
    """Draw medians and quartiles over the looks, losses a little apart."""
    found = measures[measures["quantity"] == "cosine"]
    names = [name for name in SHOWN if name in set(found["loss"])]
    for place, name in enumerate(names):
        mark = marks(SHOWN)[name]
        by_step = found[found["loss"] == name].groupby("setting")["value"]
        low, middle, high = (by_step.quantile(share) for share in (0.25, 0.5, 0.75))
        at = middle.index.to_numpy() * APART ** (place - (len(names) - 1) / 2)
        ax.vlines(at, low, high, color=mark.colour, linewidth=1, alpha=0.6)
        ax.plot(
            *(at, middle),
            color=mark.colour,
            marker=mark.marker,
            dashes=mark.dashes or (None, None),
            markersize=3.5,
            linewidth=1.2,
        )
    ax.axhline(0, color=FAINT, linewidth=0.7, zorder=0)
    ax.set(xscale="log", xlabel="Step / length of weights", ylabel="Cosine of gradients")
    ax.set_ylim(-1.08, 1.08)
    set_title(ax, "d  Along a training", 2, beside=0.2)
