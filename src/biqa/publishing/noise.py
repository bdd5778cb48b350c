"""Figure: what losses differ by, beside what the seed alone changes."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from biqa.publishing.names import METRICS, Facts, judged_on, row_label, score_word
from biqa.publishing.panels import ordered_rows, panels
from biqa.publishing.spread import finish_rows, note_collapsed
from biqa.publishing.style import FAINT, GRID, grid_of_panels, marks, set_title

KEYS = ["recipe", "split"]


def noise(artefact: Mapping[str, Any], found: pd.DataFrame, facts: Facts) -> Figure:
    """Plot two kinds of differences, one line a loss: to the first loss, and between seeds.

    The recipes of ``found`` are one recipe with several seeds; the first of them is what the
    other seeds are compared with.
    """
    metric = artefact.get("metric", "srcc")
    names = ordered_rows(artefact, found["loss"])
    divided = panels(artefact, found.assign(recipe=""), "loss", facts)
    height = 0.4 + 0.34 * len(names)
    figure, axes = grid_of_panels(len(divided), columns=2, panel_height=height, margin=1.15)
    widest = 0.0
    for ax, panel in zip(axes, divided, strict=True):
        table = found.loc[panel.table.index]
        widest = max(widest, _draw(ax, table, names, metric))
        set_title(ax, panel.title, min(2, len(divided)), beside=1.1)
        finish_rows(ax, [row_label(artefact, name) for name in names])
    against = score_word(facts, found["tested_on"])
    label = f"Difference in {METRICS[metric]} with {against}, {judged_on(found)}"
    figure.supxlabel(label, fontsize="medium")
    first = row_label(artefact, names[0])
    handles = [
        _dot(f"loss minus {first}, same split and seed", "full"),
        _dot("another seed minus the first, same split and loss", "none"),
        Patch(color=GRID, label=f"root mean square between seeds, {widest:.3f}"),
    ]
    figure.legend(handles=handles, loc="outside upper left")
    return figure


def _dot(label: str, style: Literal["full", "none"]) -> Line2D:
    return Line2D([], [], ls="", marker="o", color=FAINT, fillstyle=style, label=label)


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    metric = METRICS[artefact.get("metric", "srcc")]
    return (
        f"Differences in {metric} on the test part. Filled: a loss minus the first one, trained on "
        "the same split from the same seed; hollow: the same loss and split from another seed, "
        "minus the first seed; grey: plus and minus the root mean square of all hollow ones. "
        "A difference of losses inside the grey is no larger than what the seed alone makes."
    )


def seed_differences(found: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return, for each loss, split and further recipe, the metric minus that of the first recipe.

    Columns loss, split, recipe and difference; runs that collapsed have no row.
    """
    fine = found[found["status"] == "ok"]
    recipes = list(dict.fromkeys(found["recipe"]))
    by_recipe = fine.pivot_table(index=["loss", "split"], columns="recipe", values=metric)
    by_recipe = by_recipe.reindex(columns=recipes)
    minus = by_recipe[recipes[1:]].sub(by_recipe[recipes[0]], axis="index")
    return minus.melt(ignore_index=False, value_name="difference").dropna().reset_index()


def loss_differences(found: pd.DataFrame, metric: str, first: str) -> pd.DataFrame:
    """Return, for each further loss, split and recipe, the metric minus that of ``first``."""
    fine = found[found["status"] == "ok"]
    by_loss = fine.pivot_table(index=KEYS, columns="loss", values=metric)
    by_loss = by_loss.reindex(columns=list(dict.fromkeys(found["loss"])))
    minus = by_loss.drop(columns=first).sub(by_loss[first], axis="index")
    return minus.melt(ignore_index=False, value_name="difference").dropna().reset_index()


def _draw(ax: Axes, found: pd.DataFrame, names: list[str], metric: str) -> float:
    """Draw one panel; return the root mean square between seeds."""
    seeds = seed_differences(found, metric)
    losses = loss_differences(found, metric, names[0])
    width = float(np.sqrt(np.mean(seeds["difference"] ** 2))) if len(seeds) else 0.0
    ax.axvspan(-width, width, color=GRID, linewidth=0, zorder=0)
    ax.axvline(0, color=FAINT, linewidth=0.7, zorder=1)
    for place, name in enumerate(names):
        colour = marks(names)[name].colour
        own = found[found["loss"] == name]
        note_collapsed(ax, place, int((own["status"] != "ok").sum()), beside=True)
        for table, height, face in ((losses, -0.15, colour), (seeds, 0.15, "none")):
            values = table.loc[table["loss"] == name, "difference"]
            ax.scatter(
                values,
                np.full(len(values), place + height),
                s=13,
                facecolors=face,
                edgecolors=colour,
                linewidths=0.9,
                zorder=2,
            )
    return width
