"""Figure: which pixels of a picture a network's score depends on."""

import base64
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from biqa.errors import InputError
from biqa.publishing.names import row_label
from biqa.publishing.panels import ordered_rows
from biqa.publishing.style import grid_of_panels

FILE = "gradients.npz"  # in the folder of a run
CLIPPED = 99  # percentile of a map that is drawn as its brightest
STRIP = 400  # pixels, the longer side of the strip in the report
BESIDE = 11  # characters of a row's name in a line


@dataclass(frozen=True)
class Maps:
    """Pictures, uint8 of shape (n, height, width, 3), and how much each pixel changes the score.

    ``gradients`` has shape (n, height, width) and is in score units, at least 0.
    """

    names: tuple[str, ...]
    pictures: np.ndarray
    gradients: np.ndarray


def read_maps(results: Path, run: str) -> Maps:
    """Return the gradient maps of one run."""
    path = results / run / FILE
    if not path.is_file():
        raise InputError(f"{path}: missing; make it with 'python -m biqa maps'")
    with np.load(path) as stored:
        names = tuple(str(name) for name in stored["names"])
        return Maps(names, stored["pictures"], stored["gradients"])


def gradients(artefact: Mapping[str, Any], maps: Mapping[str, Maps]) -> Figure:
    """Draw the pictures on top and below them a row of maps for each loss or model.

    ``maps`` has those of one run for each row; all are of the same pictures. Each map is scaled
    by itself, so places within a map compare, and maps do not.
    """
    names = ordered_rows(artefact, pd.Series(list(maps)))
    first = maps[names[0]]
    other = next((name for name in names if maps[name].names != first.names), None)
    if other is not None:
        raise InputError(
            f"{other}: gradient maps of {', '.join(maps[other].names)}, expected those of "
            f"{names[0]}: {', '.join(first.names)}"
        )
    columns = len(first.names)
    height = 4.0 / columns * first.pictures.shape[1] / first.pictures.shape[2]
    figure, axes = grid_of_panels(
        columns * (1 + len(names)), columns=columns, panel_height=height, margin=0.1
    )
    for column, picture in enumerate(first.pictures):
        axes[column].imshow(picture)
    for row, name in enumerate(names, start=1):
        for column, gradient in enumerate(maps[name].gradients):
            axes[row * columns + column].imshow(scaled(gradient), cmap="gray", vmin=0, vmax=1)
    for place, words in enumerate(("picture", *(row_label(artefact, name) for name in names))):
        axes[place * columns].set_ylabel(textwrap.fill(words, BESIDE))
    for ax in axes:
        _bare(ax)
    return figure


def drawn(artefact: Mapping[str, Any]) -> str:
    """Return what the marks are."""
    return (
        "The lowest-rated pictures of the test part, no two of one distortion where they have "
        "some, first split; below them the largest absolute derivative of the predicted score by a "
        "pixel's three colours: white pixels change the score most; each map is scaled by itself."
    )


def strip(maps: Maps) -> str:
    """Return the pictures above their maps as one small PNG, as a data address."""
    rows = [
        np.hstack(list(maps.pictures)),
        np.repeat(np.hstack([_bytes(one) for one in maps.gradients])[..., None], 3, axis=2),
    ]
    image = Image.fromarray(np.vstack(rows))
    image.thumbnail((STRIP, STRIP))
    buffer = BytesIO()
    image.quantize(128, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _bytes(gradient: np.ndarray) -> np.ndarray:
    return np.rint(255 * scaled(gradient)).astype(np.uint8)


def scaled(gradient: np.ndarray) -> np.ndarray:
    """Return a map in [0, 1]; the brightest hundredth of its pixels is white."""
    brightest = float(np.percentile(gradient, CLIPPED))
    return np.clip(gradient / brightest, 0, 1) if brightest > 0 else np.zeros_like(gradient)


def _bare(ax: Axes) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
