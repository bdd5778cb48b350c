"""Wrong places: pixels merged, moved, replaced, or edges drawn too strong."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from biqa.distortions.definition import Distortion, Picture

PATCH = 8  # side of a moved patch and largest displacement, pixels
BLOCK = 16  # side of a block of one colour, pixels


def pixelated(picture: Picture, side: float, rng: np.random.Generator) -> npt.NDArray:
    """Replace square blocks by their means; those at the right and bottom may be cut."""
    means = picture.astype(float)
    for axis in (0, 1):
        starts = np.arange(0, picture.shape[axis], int(side))
        counts = np.diff(starts, append=picture.shape[axis])
        sums = np.add.reduceat(means, starts, axis=axis)
        shape = [-1 if dimension == axis else 1 for dimension in range(3)]
        means = np.repeat(sums / counts.reshape(shape), counts, axis=axis)
    return means


def jittered(picture: Picture, sd: float, rng: np.random.Generator) -> npt.NDArray:
    """Take every pixel from a place nearby, Gaussian in both directions; bilinear."""
    height, width, _ = picture.shape
    places = np.indices((height, width)) + rng.normal(scale=sd, size=(2, height, width))
    channels = [
        ndimage.map_coordinates(picture[..., channel].astype(float), places, order=1, mode="mirror")
        for channel in range(3)
    ]
    return np.stack(channels, axis=-1)


def patches_moved(picture: Picture, n_patches: float, rng: np.random.Generator) -> npt.NDArray:
    """Show, in small squares, what lies a few pixels beside: non-eccentricity pattern noise."""
    moved = picture.copy()
    for place in rng.uniform(size=(int(n_patches), 4)):
        row, column, row_from, column_from = _patch(place, *picture.shape[:2])
        there = np.s_[row : row + PATCH, column : column + PATCH]
        moved[there] = picture[row_from : row_from + PATCH, column_from : column_from + PATCH]
    return moved


def _patch(place: npt.NDArray, height: int, width: int) -> list[int]:
    """Return row and column where a patch goes, and from where, from four numbers in [0, 1)."""
    last = np.array([height, width]) - PATCH
    to = np.floor(place[:2] * (last + 1))
    start = np.clip(to + np.rint((2 * place[2:] - 1) * PATCH), 0, last)
    return [int(number) for number in (*to, *start)]


def colour_blocks(picture: Picture, n_blocks: float, rng: np.random.Generator) -> npt.NDArray:
    """Cover squares by blocks of random colour."""
    covered = picture.copy()
    room = np.array(picture.shape[:2]) - BLOCK + 1
    for row, column, *colour in rng.uniform(size=(int(n_blocks), 5)):
        top, left = (np.array([row, column]) * room).astype(int)
        covered[top : top + BLOCK, left : left + BLOCK] = np.multiply(colour, 256).astype(np.uint8)
    return covered


def sharpened(picture: Picture, amount: float, rng: np.random.Generator) -> npt.NDArray:
    """Add the difference to a Gaussian blur of standard deviation 1 (unsharp masking)."""
    values = picture.astype(float)
    return values + amount * (values - ndimage.gaussian_filter(values, sigma=1, axes=(0, 1)))


DISTORTIONS = (
    Distortion(
        name="pixelated",
        parameter="side of a block, pixels",
        levels=(2, 3, 4, 6, 10),
        source="own choice: KADID-10k states factors of its pictures of 512 x 384 pixels",
        apply=pixelated,
    ),
    Distortion(
        name="jittered",
        parameter="standard deviation of the displacement, pixels",
        levels=(0.2, 0.4, 0.7, 1.2, 2.0),
        source="own choice: KADID-10k moves by up to 0.05 to 1 pixels, five times over",
        apply=jittered,
    ),
    Distortion(
        name="patches_moved",
        parameter=f"patches of {PATCH} pixels a side",
        levels=(20, 40, 60, 80, 100),
        source="KADID-10k, with smaller patches",
        apply=patches_moved,
    ),
    Distortion(
        name="colour_blocks",
        parameter=f"blocks of {BLOCK} pixels a side",
        levels=(2, 4, 6, 8, 10),
        source="KADID-10k, with smaller blocks",
        apply=colour_blocks,
    ),
    Distortion(
        name="sharpened",
        parameter="weight of the difference",
        levels=(1, 2, 3, 6, 12),
        source="KADID-10k",
        apply=sharpened,
    ),
)
