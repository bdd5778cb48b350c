"""Figure: how predicted scores are spread, beside the scores that people gave."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.stats import gaussian_kde

from biqa.datasets.definition import Dataset
from biqa.publishing.names import row_label, score_axis
from biqa.publishing.panels import ordered_rows
from biqa.publishing.scatter import after_line
from biqa.publishing.style import GRID, Mark, grid_of_panels, legend_above, marks

GRID_POINTS = 200
BEYOND = 0.15  # of the range of the scores, on both sides


def density(artefact: Mapping[str, Any], found: pd.DataFrame, dataset: Dataset) -> Figure:
    """Plot the density of the predictions of each loss or model over that of the scores.

    ``found`` is as for a scatter. Densities are Gaussian, with Scott's bandwidth.
    """
    names = ordered_rows(artefact, found["row"])
    style = marks(names)
    figure, (ax,) = grid_of_panels(1, columns=1, panel_height=2.6, margin=0.9)
    mos = found.loc[found["part"] == "judged", "mos"]
    room = BEYOND * float(np.ptp(mos))
    at = np.linspace(mos.min() - room, mos.max() + room, GRID_POINTS)
    one = found[(found["row"] == names[0]) & (found["part"] == "judged")]
    ax.fill_between(at, gaussian_kde(one["mos"])(at), color=GRID, linewidth=0)
    handles: list[Any] = [Patch(color=GRID, label=dataset.score_name)]
    for name in names:
        is_drawn = _draw(ax, at, found[found["row"] == name], style[name])
        label = row_label(artefact, name) + ("" if is_drawn else ": collapsed")
        line = Line2D([], [], color=style[name].colour, marker=style[name].marker, label=label)
        handles.append(line)
    ax.set_ylim(bottom=0)
    figure.supxlabel(score_axis(dataset), fontsize="medium")
    figure.supylabel("Density", fontsize="medium")
    legend_above(figure, handles)
    return figure


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    return (
        "Densities over the pictures that are judged, first split; grey: the scores; lines: "
        "predictions after the least-squares line fitted on the training part, mark at the peak."
    )


def _draw(ax: Axes, at: np.ndarray, run: pd.DataFrame, mark: Mark) -> bool:
    """Draw one line; return whether there is one: collapsed predictions have no density."""
    mapped = after_line(run)
    if mapped is None:
        return False
    height = gaussian_kde(mapped["predicted"])(at)
    peak = [int(height.argmax())]
    ax.plot(at, height, color=mark.colour, marker=mark.marker, markersize=6, markevery=peak)
    return True
