"""Numbers that describe each loss, independent of any network, as one tidy table."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from biqa.losses import loss
from biqa.mappings import least_squares_line
from biqa.metrics import plcc
from biqa.shapes import Scores
from biqa.theory.gradients import (
    changes_across_a_tie,
    eigenvalues,
    gradient,
    gradient_lengths,
    minimiser,
)

Row = dict[str, Any]
COLUMNS = ("loss", "quantity", "setting", "at", "value")

QUADRATIC = ("mse", "qdc", "qac", "rpc", "dcq")  # QAC is linear, which is quadratic too
OTHERS = ("mae", "mono", "plcc", "norm_in_norm")
SCALES = tuple(10.0 ** np.arange(-2, 4))  # of the predictions, 1: spread like the MOS
DISTANCES = tuple(10.0 ** np.arange(0, -7, -1))
LABEL_SCALES = (1.0, 4.0, 100.0)  # [0, 1], the width of 1 to 5, and of 0 to 100
N_DRAWS = 20
SHIFTS = {"dcq": 1 / 3, "rpc": 1 / 2, "mse_rank_shifted": 1 / 3}  # of the minimum, in s / n


def properties(n: int, mos: np.ndarray, *, seed: int = 0) -> pd.DataFrame:
    """Return the columns ``COLUMNS``, one row a number.

    Curvature and gradients are those of batches of ``n`` with random MOS in [0, 1] and random
    predictions, in float64; the minima are of ``mos``, the labels of a database in [0, 1].
    ``setting`` and ``at`` say where: a scale of the labels, of the predictions, a distance.
    """
    rng = np.random.default_rng(seed)
    batches = [_batch(rng.random((2, n))) for _ in range(N_DRAWS)]
    rows = [
        row
        for name in (*QUADRATIC, *OTHERS)
        for row in (*_curvature(name, batches), *_lengths(name, *batches[0]))
    ]
    rows += [*_alignment(*batches[0]), *_normalisation(batches)]
    for name in SHIFTS:
        rows += _minimum(name, torch.tensor(np.asarray(mos, dtype=float)), n)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _batch(drawn: np.ndarray) -> tuple[Scores, Scores]:
    predicted, mos = torch.tensor(drawn)
    return predicted, mos


def _row(
    name: str, quantity: str, value: float | Tensor, *, setting: float = 0.0, at: float = 0.0
) -> Row:
    return dict(zip(COLUMNS, (name, quantity, setting, at, float(value)), strict=True))


def _curvature(name: str, batches: Sequence[tuple[Scores, Scores]]) -> Iterator[Row]:
    """Yield n times the lowest and largest curvature of any batch, and how it grows near a tie."""
    chosen = loss(name)
    found = [len(mos) * eigenvalues(chosen, predicted, mos) for predicted, mos in batches]
    yield _row(name, "lowest_curvature", min(each.min() for each in found))
    yield _row(name, "largest_curvature", max(each.abs().max() for each in found))
    if name in QUADRATIC:
        for place, value in enumerate(found[0]):
            yield _row(name, "eigenvalue", value, at=place)
    if name == "mae":  # its gradient jumps where a prediction is right, not where two are equal
        return
    changes = changes_across_a_tie(chosen, *_in_order(*batches[0]), DISTANCES)
    for distance, value in zip(DISTANCES, changes, strict=True):
        yield _row(name, "change_across_a_tie", value, at=distance)
    yield _row(name, "growth_near_a_tie", _growth(1 / np.array(DISTANCES), changes))


def _in_order(predicted: Scores, mos: Scores) -> tuple[Scores, Scores]:
    """Return both sorted by MOS, so that the first two are a pair."""
    order = mos.argsort()
    return predicted[order], mos[order]


def _lengths(name: str, predicted: Scores, mos: Scores) -> Iterator[Row]:
    """Yield the length of the gradient by the scale of the predictions, and how it grows."""
    lengths = gradient_lengths(loss(name), predicted, mos, SCALES)
    for scale, value in zip(SCALES, lengths, strict=True):
        yield _row(name, "gradient", value, at=scale)
    yield _row(name, "gradient_growth", _growth(np.array(SCALES), lengths))


def _growth(at: np.ndarray, values: Sequence[float]) -> float:
    """Return the power by which the last two ``values`` grow with ``at``; 0 for zeros."""
    before, last = values[-2:]
    return float(np.log(last / before) / np.log(at[-1] / at[-2])) if before > 0 else 0.0


def _alignment(predicted: Scores, mos: Scores) -> Iterator[Row]:
    """Yield what the order of the predictions changes in QAC and MONO."""
    wrong = -mos
    for name in ("qac", "mono"):
        chosen = loss(name)
        yield _row(name, "cost_of_wrong_order", chosen(wrong, mos) - chosen(mos, mos))
        lengths = [gradient(chosen, scores, mos).norm() for scores in (mos, wrong)]
        yield _row(name, "gradient_right_over_wrong", lengths[0] / lengths[1])
        yield _row(
            name, "gain_over_constant", chosen(torch.zeros_like(mos), mos) - chosen(mos, mos)
        )


def _normalisation(batches: Sequence[tuple[Scores, Scores]]) -> Iterator[Row]:
    """Yield what Norm-in-Norm has to do with lines, PLCC and RMSE, as the largest differences."""
    name = "norm_in_norm"
    linear = [loss(name)(3 * mos + 2, mos).item() for _, mos in batches]
    yield _row(name, "loss_on_a_line", max(linear))
    moved = [
        (loss(name)(3 * predicted + 2, mos) - loss(name)(predicted, mos)).abs().item()
        for predicted, mos in batches
    ]
    yield _row(name, "change_by_a_line", max(moved))
    sums = [gradient(loss(name), *batch).sum().abs().item() for batch in batches]
    yield _row(name, "sum_of_gradient", max(sums))
    squared = loss(name, p=2, q=2)
    variant = loss(name, p=2, q=2, alpha=(0, 1))
    gaps = [
        (
            abs(squared(predicted, mos).item() - (1 - plcc(predicted.numpy(), mos.numpy())) / 2),
            abs(variant(predicted, mos).item() - _mapped_error(predicted, mos)),
        )
        for predicted, mos in batches
    ]
    yield _row(name, "distance_to_plcc", max(gap for gap, _ in gaps))
    yield _row(name, "distance_to_rmse", max(gap for _, gap in gaps))


def _mapped_error(predicted: Scores, mos: Scores) -> float:
    """Return the squared RMSE after the least-squares line, over four times the variance of MOS."""
    slope, intercept = least_squares_line(predicted.numpy(), mos.numpy())
    error = slope * predicted.numpy() + intercept - mos.numpy()
    return float(np.mean(error**2) / (4 * np.var(mos.numpy())))


def _minimum(name: str, mos: Scores, n: int) -> Iterator[Row]:
    """Yield where the minimum lies: of ``n`` even labels, and of ``mos`` in several units.

    Predictions are divided by the scale of the labels, so that all lie on that of ``mos``.
    """
    even = torch.linspace(0, 1, n, dtype=mos.dtype)
    shift = minimiser(loss(name), even) - even
    directions = 2 * torch.arange(n, dtype=mos.dtype) - (n - 1)
    yield _row(name, "largest_shift", shift.abs().max())
    yield _row(name, "distance_to_closed_form", (shift - SHIFTS[name] * directions / n).abs().max())
    if name == "rpc":
        return
    for scale in LABEL_SCALES:
        lowest = minimiser(loss(name), mos * scale) / scale
        summed = partial(_row, name, setting=scale)
        slope, _ = least_squares_line(mos.numpy(), lowest.numpy())
        yield summed("minimum_slope", slope)
        yield summed("minimum_plcc", plcc(lowest.numpy(), mos.numpy()))
        yield summed("minimum_lowest", lowest.min())
        yield summed("minimum_highest", lowest.max())
        drawn = mos.argsort()[torch.linspace(0, len(mos) - 1, min(len(mos), 100)).long()]
        for place in drawn:
            yield summed("minimum", lowest[place], at=mos[place].item())
