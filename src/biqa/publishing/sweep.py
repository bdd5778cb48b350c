"""Figure: a figure of merit by the value of what a sweep changes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from biqa.errors import InputError
from biqa.publishing.names import METRICS, Facts, judged_on, metric_axis, row_label
from biqa.publishing.style import Mark, grid_of_panels, legend_above, marks, set_title

SWEPT = ("recipe", "loss", "model")  # kinds of sweeps
WORDS = {
    "lr": "Learning rate",
    "backbone_lr": "Backbone's learning rate",
    "batch_size": "Pictures a batch",
    "prior.tasks_per_step": "Tasks a step (k)",
    "prior.inner_steps": "Inner steps (s)",
}

Sweeps = Mapping[str, Mapping[str, Any]]  # of a study, each with its points


def sweep(
    artefact: Mapping[str, Any], found: pd.DataFrame, facts: Facts, sweeps: Sweeps, where: str
) -> Figure:
    """Plot one panel a sweep, its first value across, one line a loss or model.

    A sweep of two values has a line for each of the second one. Values stand side by side in
    equal distance, in the order of the study.
    """
    metric = artefact.get("metric", "srcc")
    names = _known(artefact, sweeps, where)
    panels = [_lines(found, sweeps[name], artefact) for name in names]
    labels = list(dict.fromkeys(label for lines in panels for label in lines["line"]))
    styles = _styles(panels, labels)
    figure, axes = grid_of_panels(
        len(panels), columns=min(3, len(panels)), panel_height=2.2, margin=0.9, shared=False
    )
    low, high = _limits(panels, metric)
    for ax, name, lines in zip(axes, names, panels, strict=True):
        values = list(dict.fromkeys(lines["at"]))
        for label in dict.fromkeys(lines["line"]):
            _draw(ax, lines[lines["line"] == label], values, metric, styles[label])
        key = next(iter(sweeps[name]["values"]))
        ax.set_xticks(range(len(values)), [f"{value:g}" for value in values])
        ax.set_xlim(-0.4, len(values) - 0.6)
        ax.set_ylim(low, high)
        set_title(ax, WORDS.get(key, key), len(panels), beside=0.6)
    for ax in axes[1:]:
        ax.tick_params(labelleft=False)
    figure.supylabel(
        metric_axis(metric, facts, found["tested_on"], judged_on(found), "\n"), fontsize="medium"
    )
    if len(labels) > 1:
        legend_above(figure, [_handle(label, styles[label]) for label in labels])
    return figure


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    metric = METRICS[artefact.get("metric", "srcc")]
    return (
        f"{metric} by the value of what each panel names, all else as in the recipe; marks: "
        "medians over the splits, bars: quartiles; values stand in equal distance."
    )


def _known(artefact: Mapping[str, Any], sweeps: Sweeps, where: str) -> list[str]:
    named = artefact.get("sweeps", [])
    unknown = [name for name in named if name not in sweeps]
    if not named or unknown:
        what = f"found {unknown[0]!r}" if unknown else "found none"
        raise InputError(
            f"{where}: sweeps: {what}, expected some of those of the study: "
            f"{', '.join(sweeps) or 'none'}"
        )
    return list(named)


def _lines(
    found: pd.DataFrame, declared: Mapping[str, Any], artefact: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the rows of one sweep with the columns at (its first value) and line (a label)."""
    kind = next(kind for kind in SWEPT if kind in declared)
    first, *rest = declared["values"]
    points = declared["points"]
    own = found[found[kind].isin(points)]
    rows = artefact.get("rows", "loss")
    place = {label: number for number, label in enumerate(points)}
    own = own.iloc[np.argsort([place[label] for label in own[kind]], kind="stable")]
    at = [points[label][first] for label in own[kind]]
    if rest:
        lines = [
            ", ".join(f"{key} = {points[label][key]:g}" for key in rest) for label in own[kind]
        ]
    else:
        lines = [row_label(artefact, name) for name in own[rows]]
    return own.assign(at=at, line=lines, key=lines if rest else own[rows])


def _styles(panels: list[pd.DataFrame], labels: list[str]) -> dict[str, Mark]:
    keys = {
        line: key for lines in panels for line, key in zip(lines["line"], lines["key"], strict=True)
    }
    style = marks([keys[label] for label in labels])
    return {label: style[keys[label]] for label in labels}


def _limits(panels: list[pd.DataFrame], metric: str) -> tuple[float, float]:
    """Return limits that all panels share, with room for the marks."""
    values = np.concatenate([lines[metric].dropna().to_numpy(dtype=float) for lines in panels])
    room = 0.08 * max(float(np.ptp(values)), 0.01)
    return float(values.min()) - room, float(values.max()) + room


def _draw(ax: Axes, table: pd.DataFrame, values: list[float], metric: str, mark: Mark) -> None:
    fine = table[table["status"] == "ok"]
    by_value = fine.groupby("at")[metric]
    low, middle, high = (
        by_value.quantile(share).reindex(values).to_numpy() for share in (0.25, 0.5, 0.75)
    )
    places = np.arange(len(values))
    ax.vlines(places, low, high, color=mark.colour, linewidth=1, alpha=0.6)
    ax.plot(
        *(places, middle),
        color=mark.colour,
        marker=mark.marker,
        dashes=mark.dashes or (None, None),
    )


def _handle(label: str, mark: Mark) -> Line2D:
    line = Line2D([], [], color=mark.colour, marker=mark.marker, label=label)
    line.set_dashes(mark.dashes or (None, None))
    return line
