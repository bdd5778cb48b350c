"""IL-NIQE of Zhang, Zhang and Bovik (TIP 2015): five kinds of statistics, patch by patch.

It never sees a score. Each picture is scaled to 524x524 pixels, of which 36 patches of 84x84 are
looked at; each has 234 numbers at either of two scales, which principal components of pristine
patches shorten. The predicted quality is minus the mean distance of the patches from the pristine
Gaussian (Eq. 19). Constants that the paper does not give are those of the authors' release.

Only the sharp patches of pristine pictures count, or the model is one of skies and walls. The
authors have 90 pictures and keep 430 components of 468 numbers, that is 92 %. Of the 24 Kodak
photographs 106 patches are sharp, too few for that; so ours overlap, one begins every 28 pixels,
and 515 are. Of fewer patches than numbers, 92 % of the patches would be kept.

Gradients of filter responses are taken in the frequency domain, with the picture repeated at its
edges, because it is fast.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image
from scipy import fft, ndimage

from biqa.errors import InputError
from biqa.handcrafted.distributions import generalised_gaussian, scale_of, weibull
from biqa.handcrafted.gaussian_models import distances, gaussian_model, own_covariance, sharpest
from biqa.handcrafted.log_gabor import filters, frequencies
from biqa.handcrafted.method import Basis, Method, Numbers, Picture
from biqa.handcrafted.scene_statistics import normalised, statistics

NAMES = ("ilniqe",)
BASIS = "pristine"
KIND = "opinion_unaware"

SCALES = 2
MARGIN = 20  # pixels of the scaled picture beyond the patches, right and below: not looked at
SHARP = 0.78  # how sharp a pristine patch is, against the sharpest of its picture
OVERLAP = 3  # of pristine patches: one begins every third of a side
KEPT = 0.92  # components, of as many as there can be
WINDOW = {"sigma": 5 / 6, "radius": 2, "mode": "nearest"}  # of local means and deviations
HALVING = {"sigma": 0.9, "radius": 3, "mode": "nearest"}  # before every second pixel is taken
OPPONENT = np.array([[0.06, 0.63, 0.27], [0.30, 0.04, -0.35], [0.34, -0.60, 0.17]])  # Eq. 7
LOG_OPPONENT = np.array(  # Eq. 14, on logarithms less their mean
    [[1, 1, 1] / np.sqrt(3), [1, 1, -2] / np.sqrt(6), [1, -1, 0] / np.sqrt(2)]
)
BLACK = 1e-5  # added to levels before their logarithm
DERIVATIVE = 1.66  # deviation of the Gaussian whose derivative is the gradient, pixels
SHRINK_GRADIENT, SHRINK_WAVES = 2**0.28, 2**0.87  # at half size the filters shrink by these


@dataclass(frozen=True)
class Grid:
    """Patches of ``side`` pixels, of which one begins every ``step`` pixels."""

    side: int
    step: int

    def cut(self, plane: Numbers) -> Numbers:
        """Cut (height, width) into (n, side, side), row by row."""
        windows = np.lib.stride_tricks.sliding_window_view(plane, (self.side, self.side))
        return windows[:: self.step, :: self.step].reshape(-1, self.side, self.side)


class ILNIQE(Method):
    """One number a picture, from the 468 statistics of each of its patches."""

    def __init__(self, patches: int, side: int) -> None:
        if side % (SCALES * OVERLAP):
            raise InputError(f"ilniqe: side is {side} pixels, expected a multiple of 6")
        self.side, self.size = side, patches * side

    def learn(self, pictures: Iterable[Picture], rng: np.random.Generator) -> Basis:
        """Return principal components of pristine patches, and the Gaussian in them."""
        chosen = []
        for picture in pictures:
            patches, sharpness = self.patches(picture, step=self.side // OVERLAP)
            chosen.append(patches[sharpest(sharpness, SHARP)])
        table = np.concatenate(chosen)
        centre = table.mean(axis=0)
        _, _, directions = np.linalg.svd(table - centre, full_matrices=False)
        kept = directions[: int(KEPT * len(directions))]
        model = gaussian_model([(table - centre) @ kept.T], "ilniqe")
        return {"centre": centre, "directions": kept, **model}

    def features(self, picture: Picture, basis: Basis) -> Numbers:
        """Return minus the mean distance of the patches from the pristine Gaussian."""
        patches = (self.patches(picture)[0] - basis["centre"]) @ basis["directions"].T
        own = own_covariance(patches, "ilniqe")
        away = distances(patches - basis["mean"], basis["covariance"], own)
        return -away.mean(keepdims=True)

    def patches(self, picture: Picture, step: int = 0) -> tuple[Numbers, Numbers]:
        """Return 468 statistics of each patch (n, 468), and its sharpness.

        A patch begins every ``step`` pixels; 0: side by side.
        """
        colours = _scaled(picture, self.size + MARGIN)[:, : self.size, : self.size]
        found = []
        for scale in range(SCALES):
            grid = Grid(self.side // 2**scale, (step or self.side) // 2**scale)
            shrink = (SHRINK_GRADIENT**scale, SHRINK_WAVES**scale)
            numbers, deviation = _statistics(colours, grid, *shrink)
            if scale == 0:
                sharpness = grid.cut(deviation).mean(axis=(1, 2))
                colours = np.stack([_halved(plane) for plane in colours])
            found.append(numbers)
        return np.concatenate(found, axis=1), sharpness


def _scaled(picture: Picture, side: int) -> Numbers:
    """Return the planes (3, side, side) of a picture in single precision: bicubic."""
    size, way = (side, side), Image.Resampling.BICUBIC
    planes = np.moveaxis(picture.astype(np.float32), 2, 0)
    scaled = [np.asarray(Image.fromarray(plane).resize(size, way)) for plane in planes]
    return np.clip(np.stack(scaled), 0, 255)


def _halved(plane: Numbers) -> Numbers:
    return ndimage.gaussian_filter(plane, **HALVING)[::2, ::2]


def _statistics(
    colours: Numbers, grid: Grid, shrink_gradient: float, shrink_waves: float
) -> tuple[Numbers, Numbers]:
    """Return 234 numbers of each block, and the local deviation (height, width)."""
    opponent = np.tensordot(OPPONENT.astype(np.float32), colours, axes=1)
    sd = DERIVATIVE / shrink_gradient
    values, deviation = normalised(opponent[0].astype(np.float64), WINDOW)
    found = [statistics(grid.cut(values), scales=True)]
    for plane in opponent:
        across, down = (ndimage.gaussian_filter(plane, sd, order=o) for o in ((0, 1), (1, 0)))
        found.append(_gradient_numbers(across, down, grid))
    spectrum = fft.fft2(opponent[0])
    steps = _derivatives(*opponent[0].shape, sd)
    for gain in _filters(*opponent[0].shape, shrink_waves):
        wave = spectrum * gain
        response, across, down = (
            fft.ifft2(one) for one in (wave, wave * steps[0], wave * steps[1])
        )
        for part in (np.real, np.imag):
            found.append(_width_and_shape(part(response), grid))
            found.append(_gradient_numbers(part(across), part(down), grid))
    found.append(_colour_numbers(colours, grid))
    return np.concatenate(found, axis=1), deviation


def _gradient_numbers(across: Numbers, down: Numbers, grid: Grid) -> Numbers:
    """Return shape and width of either derivative, and of their magnitude (6 numbers a block)."""
    magnitude = grid.cut(np.hypot(across, down))
    strength = weibull(magnitude.reshape(len(magnitude), -1))
    parts = [_width_and_shape(across, grid), _width_and_shape(down, grid)]
    return np.concatenate([*parts, np.stack(strength, axis=1)], axis=1)


def _width_and_shape(values: Numbers, grid: Grid) -> Numbers:
    flat = grid.cut(values)
    shape, deviation = generalised_gaussian(flat.reshape(len(flat), -1))
    return np.stack([shape, scale_of(shape, deviation)], axis=1)


def _colour_numbers(colours: Numbers, grid: Grid) -> Numbers:
    """Return mean and variance of the three log-opponent colours (6 numbers a block)."""
    logarithm = np.log(colours + BLACK)
    logarithm -= logarithm.mean(axis=(1, 2), keepdims=True)
    found = []
    for plane in np.tensordot(LOG_OPPONENT.astype(np.float32), logarithm, axes=1):
        cut = grid.cut(plane)
        found += [cut.mean(axis=(1, 2)), cut.var(axis=(1, 2))]
    return np.stack(found, axis=1)


@cache
def _filters(height: int, width: int, shrink: float) -> tuple[Numbers, ...]:
    return tuple(filters(height, width, shrink))


@cache
def _derivatives(height: int, width: int, sd: float) -> tuple[Numbers, Numbers]:
    """Return the gains of the derivatives of a Gaussian, across and down."""
    down, across = frequencies(height, width)
    smooth = np.exp(-2 * (np.pi * sd) ** 2 * (down**2 + across**2))
    turn = 2j * np.pi
    return tuple((turn * step * smooth).astype(np.complex64) for step in (across, down))  # type: ignore[return-value]


def build(name: str, *, patches: int = 6, side: int = 84) -> Method:
    """Return IL-NIQE, with ``patches`` a row of the scaled picture, of ``side`` pixels each."""
    return ILNIQE(patches, side)
