"""Distributions fitted to many samples at once; the samples of one fit lie along the last axis."""

from typing import NamedTuple

import numpy as np
from scipy.special import gamma

from biqa.handcrafted.method import Numbers

SHAPES = np.linspace(0.2, 10, 9801)  # what a fitted shape can be; beyond, the nearest end
RATIOS = gamma(2 / SHAPES) ** 2 / (gamma(1 / SHAPES) * gamma(3 / SHAPES))  # (E|x|)^2 / E x^2
NEWTON_STEPS, CLOSE = 30, 1e-8  # at most so many, until the shape changes by less, relatively
FLAT = 2.0  # the shape that we give to samples without any spread: a Gaussian of width 0


class TwoSided(NamedTuple):
    """An asymmetric generalised Gaussian: shape, mean, and the deviation of either side."""

    shape: Numbers
    mean: Numbers
    left: Numbers
    right: Numbers


def generalised_gaussian(samples: Numbers) -> tuple[Numbers, Numbers]:
    """Return shape and standard deviation, of mean 0, by matching E|x| and E x^2.

    Density proportional to exp(-(|x| / b)^shape): 2 is the Gaussian, 1 the Laplacian
    (Sharifi and Leon-Garcia, TCSVT 1995).
    """
    power = np.square(samples).mean(axis=-1)
    return _shape(np.abs(samples).mean(axis=-1) ** 2, power), np.sqrt(power)


def two_sided_gaussian(samples: Numbers) -> TwoSided:
    """Fit an asymmetric generalised Gaussian by moments (Lasmar, Stitou and Berthoumieu, 2009).

    The mean is that of the fitted density, (b_right - b_left) Gamma(2/shape) / Gamma(1/shape),
    with b as in ``scale_of`` (Mittal et al., TIP 2012, Eq. 12).
    """
    squares = np.square(samples)
    left, right = (_side(squares, samples < 0), _side(squares, samples > 0))  # type: ignore[arg-type]
    ratio = np.abs(samples).mean(axis=-1) ** 2
    power = squares.mean(axis=-1)
    both = left**2 + right**2
    skew = np.divide(
        (left**3 + right**3) * (left + right), both**2, out=np.ones_like(both), where=both > 0
    )
    shape = _shape(ratio * skew, power)
    mean = (scale_of(shape, right) - scale_of(shape, left)) * gamma(2 / shape) / gamma(1 / shape)
    return TwoSided(shape, mean, left, right)


def scale_of(shape: Numbers, deviation: Numbers) -> Numbers:
    """Return b of exp(-(|x| / b)^shape) for a standard deviation."""
    return deviation * np.sqrt(gamma(1 / shape) / gamma(3 / shape))


def weibull(samples: Numbers) -> tuple[Numbers, Numbers]:
    """Return the most likely shape and scale of samples that are not negative.

    The shape k solves sum(x^k ln x) / sum(x^k) - 1 / k = mean(ln x) (Cohen, Technometrics 1965),
    here by Newton's method from the k that the deviation of ln x gives, pi / (sqrt(6) k); it is
    at most 10. Samples of 0 count as 2.2e-16, as in IL-NIQE's release. Moments of ln x alone
    would be one pass, but a few samples near 0 rule them.
    """
    logarithm = np.log(samples.astype(np.float64) + np.finfo(np.float64).eps)
    largest = logarithm.max(axis=-1, keepdims=True)
    below = logarithm - largest  # so that no power overflows
    mean = below.mean(axis=-1)
    shape = np.pi / np.sqrt(6) / np.maximum(below.std(axis=-1), np.pi / np.sqrt(6) / SHAPES[-1])
    for _ in range(NEWTON_STEPS):
        powers = np.exp(shape[..., None] * below)
        total, first = powers.sum(axis=-1), (powers * below).sum(axis=-1)
        second = (powers * below**2).sum(axis=-1)
        excess = first / total - mean - 1 / shape
        slope = second / total - (first / total) ** 2 + 1 / shape**2
        before, shape = shape, np.clip(shape - excess / slope, shape / 3, SHAPES[-1])
        if np.all(np.abs(shape - before) <= CLOSE * shape):
            break
    power = np.exp(shape[..., None] * below).mean(axis=-1)
    return shape, np.exp(largest[..., 0] + np.log(power) / shape)


def _shape(squared_mean: Numbers, power: Numbers) -> Numbers:
    """Return the shape whose (E|x|)^2 / E x^2 is the ratio of the arguments."""
    ratio = np.divide(squared_mean, power, out=np.zeros_like(power), where=power > 0)
    return np.where(power > 0, np.interp(ratio, RATIOS, SHAPES), FLAT)


def _side(squares: Numbers, chosen: Numbers) -> Numbers:
    """Return the root of the mean square of the chosen samples; 0 where there are none."""
    count = chosen.sum(axis=-1)
    total = (squares * chosen).sum(axis=-1)
    return np.sqrt(np.divide(total, count, out=np.zeros_like(total), where=count > 0))
