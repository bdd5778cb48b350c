"""Curves that carry predicted scores to the scale of the mean opinion scores."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from biqa.metrics import Scores, checked, plcc

CENTRES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)  # of the grid: quantiles of the predictions
STEEPNESSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # of the grid: per standard deviation
STANDARD_STEEPNESS = {4: 4.0, 5: 1.0}  # |b4| = std(x) / 4; |b2| = 1 on standardised x
FLATTEST, STEEPEST = -6.0, 9.0  # logs of the steepness; beyond them a line, or a step
N_BEST = 2  # starts taken from the grid
MAX_STEPS = 300
TOLERANCES = {"ftol": 1e-13, "xtol": 1e-10, "gtol": 1e-12}
CONVERGED = (1, 2, 3, 4)  # what MINPACK says of an end that is one
NEGLIGIBLE = 1e-24  # mean square of what is left of a sigmoid; below it there is only round-off


class LogisticFitError(ValueError):
    """A logistic curve cannot be fitted to these scores."""


@dataclass(frozen=True)
class LogisticFit:
    """A fitted curve: its parameters b1, b2, ... and its values, in units of ``mos``."""

    parameters: tuple[float, ...]
    mapped: np.ndarray


def least_squares_line(predicted: Scores, mos: Scores) -> tuple[float, float]:
    """Return slope and intercept of the line that best carries ``predicted`` to ``mos``.

    Fit it on the training part and apply it to others, as Norm-in-Norm does (Li, Jiang and
    Jiang, ACM MM 2020): only then is the error on the test part free of the test labels.
    """
    predicted, mos = checked(predicted, mos)
    centred = predicted - predicted.mean()
    slope = float(centred @ mos / (centred @ centred))
    return slope, float(mos.mean() - slope * predicted.mean())


def plcc_logistic(predicted: Scores, mos: Scores, *, parameters: int) -> float:
    """Return the linear correlation of ``mos`` with the logistic curve fitted to these scores.

    In [0, 1], higher is better; a falling relation counts as much as a rising one, because the
    curve may fall. The curve sees the labels it is judged by, so this is never below ``plcc``
    for 5 parameters: print it apart from the raw correlation.
    """
    return plcc(fit_logistic(predicted, mos, parameters=parameters).mapped, mos)


def fit_logistic(predicted: Scores, mos: Scores, *, parameters: int) -> LogisticFit:
    """Fit one of the field's two logistic curves by least squares.

    4 parameters (Video Quality Experts Group, final report, 2000):
    f(x) = (b1 - b2) / (1 + exp(-(x - b3) / b4)) + b2, with b4 > 0.

    5 parameters (Sheikh, Sabir and Bovik, IEEE TIP 2006):
    f(x) = b1 (1/2 - 1 / (1 + exp(b2 (x - b3)))) + b4 x + b5, with b2 > 0.

    Both are one sigmoid of unknown centre and steepness plus terms that enter linearly (1, or x
    and 1). Those are solved exactly for every centre and steepness (Golub and Pereyra, SIAM J.
    Numer. Anal. 1973), which leaves two unknowns; the search starts at the field's usual values
    and at the best points of a grid, and the best end is returned. With 5 parameters it is never
    worse than the straight line. The 5-parameter curve may have several local minima, and it may
    turn into a step between two pictures: the curve allows it. Raises ``LogisticFitError``
    where no start converges or there are fewer distinct predictions than parameters.
    """
    if parameters not in STANDARD_STEEPNESS:
        raise ValueError(f"parameters is {parameters}, expected 4 or 5")
    predicted, mos = checked(predicted, mos)
    n_distinct = len(np.unique(predicted))
    if n_distinct < parameters:
        raise LogisticFitError(
            f"{n_distinct} distinct predictions do not determine a curve of {parameters} parameters"
        )
    mean, std = float(predicted.mean()), float(predicted.std())
    sigmoid = _Sigmoid((predicted - mean) / std, mos, with_line=parameters == 5)
    centre, steepness, height = sigmoid.best(STANDARD_STEEPNESS[parameters])
    mapped = sigmoid.values(centre, steepness, height)
    rest = mapped - height * special.expit(steepness * (sigmoid.x - centre))
    if parameters == 4:
        low = float(rest.mean())
        return LogisticFit((low + height, low, mean + std * centre, std / steepness), mapped)
    slope = float(sigmoid.x @ rest / (sigmoid.x @ sigmoid.x)) / std
    level = float(rest.mean()) + height / 2 - slope * mean
    return LogisticFit((height, steepness / std, mean + std * centre, slope, level), mapped)


class _Sigmoid:
    """The least-squares problem in the two unknowns left: centre and log of the steepness."""

    def __init__(self, x: np.ndarray, mos: np.ndarray, *, with_line: bool) -> None:
        ones = np.ones_like(x)
        linear = np.stack([ones, x] if with_line else [ones], axis=1)
        self.x, self.mos = x, mos
        self.basis = np.linalg.qr(linear)[0]
        self.scale = float(mos.std())
        self.target = self._without_linear(mos) / self.scale

    def _without_linear(self, values: np.ndarray) -> np.ndarray:
        return values - self.basis @ (self.basis.T @ values)

    def _shape(self, centre: float, steepness: float) -> tuple[np.ndarray, np.ndarray, float]:
        """Return the sigmoid, what the linear terms leave of it, and its best height."""
        sigmoid = special.expit(steepness * (self.x - centre))
        left = self._without_linear(sigmoid)
        length = left @ left
        if length <= NEGLIGIBLE * len(left):
            return sigmoid, left, 0.0
        return sigmoid, left, float(left @ self.target / length)

    def residuals(self, unknowns: np.ndarray) -> np.ndarray:
        """Return curve minus target at centre and log of the steepness."""
        _, left, height = self._shape(unknowns[0], _steepness(unknowns[1]))
        return height * left - self.target

    def jacobian(self, unknowns: np.ndarray) -> np.ndarray:
        """Return the derivative of ``residuals``; the height moves with the two unknowns."""
        centre, steepness = unknowns[0], _steepness(unknowns[1])
        sigmoid, left, height = self._shape(centre, steepness)
        length = left @ left
        if length <= NEGLIGIBLE * len(left):
            return np.zeros((len(left), 2))
        slope = steepness * sigmoid * (1 - sigmoid)
        if not FLATTEST < unknowns[1] < STEEPEST:
            by_steepness = np.zeros_like(slope)
        else:
            by_steepness = slope * (self.x - centre)
        turned = self._without_linear(np.stack([-slope, by_steepness], axis=1))
        heights = (self.target @ turned - 2 * height * (left @ turned)) / length
        return height * turned + np.outer(left, heights)

    def starts(self, standard: float) -> list[tuple[float, float]]:
        """Return the usual start and the best points of the grid, at most one for a centre."""
        centres = np.quantile(self.x, CENTRES)
        points = np.array([(centre, steepness) for centre in centres for steepness in STEEPNESSES])
        sigmoids = special.expit(points[:, 1:] * (self.x - points[:, :1]))
        left = self._without_linear(sigmoids.T)
        lengths = np.maximum(np.sum(left**2, axis=0), NEGLIGIBLE * len(left))
        explained = ((self.target @ left) ** 2 / lengths).reshape(len(centres), -1)
        order = (-explained.max(axis=1)).argsort(kind="stable")[:N_BEST]
        grid = [(centres[i], np.log(STEEPNESSES[explained[i].argmax()])) for i in order]
        return [(0.0, np.log(standard)), *grid]

    def best(self, standard: float) -> tuple[float, float, float]:
        """Return centre, steepness and height of the best curve found, on standardised x."""
        ends = [
            optimize.leastsq(
                self.residuals,
                start,
                Dfun=self.jacobian,
                full_output=True,
                maxfev=MAX_STEPS,
                **TOLERANCES,
            )
            for start in self.starts(standard)
        ]
        converged = [end for end in ends if end[-1] in CONVERGED]
        if not converged:
            raise LogisticFitError(
                f"no start converged in {MAX_STEPS} steps on {len(self.x)} pictures"
            )
        best = min(converged, key=lambda end: 0.5 * np.dot(end[2]["fvec"], end[2]["fvec"]))
        centre, log_steepness = best[0]
        steepness = _steepness(log_steepness)
        return float(centre), steepness, self._shape(centre, steepness)[2] * self.scale

    def values(self, centre: float, steepness: float, height: float) -> np.ndarray:
        """Return the curve at the predictions, in units of ``mos``."""
        left = self._shape(centre, steepness)[1]
        return self.mos - self._without_linear(self.mos) + height * left


def _steepness(log_steepness: float) -> float:
    return math.exp(min(max(log_steepness, FLATTEST), STEEPEST))
