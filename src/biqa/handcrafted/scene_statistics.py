"""Locally normalised gray levels and the products of neighbours: what BRISQUE and NIQE look at."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy import ndimage

from biqa.handcrafted.distributions import generalised_gaussian, scale_of, two_sided_gaussian
from biqa.handcrafted.method import Gray, Numbers

WINDOW: Mapping[str, Any] = MappingProxyType(  # 7x7; edge pixels go on outwards
    {"sigma": 7 / 6, "radius": 3, "mode": "nearest"}
)
CONTRAST = 1.0  # C of Eq. 1, on gray levels from 0 to 255
N_STATISTICS = 18


def normalised(gray: Numbers, window: Mapping[str, Any] = WINDOW) -> tuple[Gray, Gray]:
    """Return (I - m) / (s + 1), and s: mean and deviation in a Gaussian window, by default 7x7.

    Mittal, Moorthy and Bovik (TIP 2012), Eqs. 1 to 3. ``gray`` is (height, width), 0 to 255.
    """
    mean = ndimage.gaussian_filter(gray, **window)
    power = ndimage.gaussian_filter(np.square(gray), **window)
    deviation = np.sqrt(np.maximum(power - np.square(mean), 0))
    return (gray - mean) / (deviation + CONTRAST), deviation


def neighbour_products(values: Numbers) -> tuple[Numbers, ...]:
    """Return the products of neighbours across, down and along both diagonals, inside a block.

    ``values`` is (..., height, width); Eqs. 7 to 10 of the same paper.
    """
    return (
        values[..., :, :-1] * values[..., :, 1:],
        values[..., :-1, :] * values[..., 1:, :],
        values[..., :-1, :-1] * values[..., 1:, 1:],
        values[..., :-1, 1:] * values[..., 1:, :-1],
    )


def statistics(values: Numbers, *, scales: bool = False) -> Numbers:
    """Return 18 numbers for each block of normalised gray levels (..., height, width).

    Shape and width of the generalised Gaussian; then for each kind of neighbours shape, mean
    and the width of either side. Widths are variances (BRISQUE, Table I) or, with ``scales``,
    the b of exp(-(|x| / b)^shape) (NIQE, Eqs. 4 to 7).
    """
    shape, deviation = generalised_gaussian(_flat(values))
    found = [shape, scale_of(shape, deviation) if scales else deviation**2]
    for products in neighbour_products(values):
        fit = two_sided_gaussian(_flat(products))
        sides = [fit.left, fit.right]
        widths = [scale_of(fit.shape, side) if scales else side**2 for side in sides]
        found += [fit.shape, fit.mean, *widths]
    return np.stack(found, axis=-1)


def _flat(values: Numbers) -> Numbers:
    return values.reshape(*values.shape[:-2], -1)
