"""How well predicted scores agree with mean opinion scores."""

import numpy as np
from jaxtyping import Real
from scipy import stats

Scores = Real[np.ndarray, "_"]  # one number a picture; the lengths are compared below

COLLAPSED = 1e-6  # spread over magnitude; float32 networks differ by about 1e-7 on equal inputs


class CollapsedPredictionsError(ValueError):
    """All predictions are one number, up to float noise: no correlation or fit is defined."""


def srcc(predicted: Scores, mos: Scores) -> float:
    """Return Spearman's rank-order correlation; tied scores share their mean rank.

    In [-1, 1], higher is better; unchanged by any rising map of the predictions.
    """
    return float(stats.spearmanr(*checked(predicted, mos)).statistic)


def plcc(predicted: Scores, mos: Scores) -> float:
    """Return Pearson's linear correlation of the scores as they are, without any fit.

    In [-1, 1], higher is better; unchanged when ``predicted`` becomes a * predicted + b, a > 0.
    """
    return float(stats.pearsonr(*checked(predicted, mos)).statistic)


def krcc(predicted: Scores, mos: Scores) -> float:
    """Return Kendall's rank correlation, tau-b, which allows for ties on either side.

    In [-1, 1], higher is better; unchanged by any rising map of the predictions.
    """
    return float(stats.kendalltau(*checked(predicted, mos)).statistic)


def rmse(predicted: Scores, mos: Scores) -> float:
    """Return the root mean square error, in units of ``mos``; lower is better.

    Nothing is fitted, so the predictions must be on the scale of ``mos``. It is defined for
    collapsed predictions too.
    """
    predicted, mos = _finite(predicted, mos)
    return float(np.sqrt(np.mean((predicted - mos) ** 2)))


def checked(predicted: Scores, mos: Scores) -> tuple[np.ndarray, np.ndarray]:
    """Return both in float64, or refuse what no correlation or fit is defined for."""
    predicted, mos = _finite(predicted, mos)
    if len(mos) < 2:
        raise ValueError(f"a correlation needs at least 2 pictures, got {len(mos)}")
    if _is_constant(mos):
        raise ValueError(
            f"mos is {mos[0]} for all {len(mos)} pictures, so no correlation is defined"
        )
    if _is_constant(predicted):
        raise CollapsedPredictionsError(
            f"predicted is {predicted[0]} for all {len(predicted)} pictures, up to float noise: "
            "the model's output has collapsed, so no correlation is defined"
        )
    return predicted, mos


def _finite(predicted: Scores, mos: Scores) -> tuple[np.ndarray, np.ndarray]:
    predicted, mos = np.asarray(predicted, dtype=float), np.asarray(mos, dtype=float)
    if predicted.ndim != 1 or predicted.shape != mos.shape or not len(mos):
        raise ValueError(
            f"predicted has shape {predicted.shape} and mos {mos.shape}, "
            "expected one score a picture in both"
        )
    for name, scores in (("predicted", predicted), ("mos", mos)):
        bad = np.flatnonzero(~np.isfinite(scores))
        if len(bad):
            raise ValueError(f"{name}[{bad[0]}] is {scores[bad[0]]}, expected a finite score")
    return predicted, mos


def _is_constant(scores: np.ndarray) -> bool:
    return bool(np.ptp(scores) <= COLLAPSED * np.abs(scores).max())
