"""The bootstrap: how a difference of two correlations varies with the pictures that were drawn."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from biqa.metrics import COLLAPSED, krcc

RESAMPLES = 2000
AT_ONCE = 2**19  # numbers; what is drawn at a time stays in the processor's cache or near it

Numbers = NDArray[np.float64]


def _plcc(predicted: Numbers, mos: Numbers) -> Numbers:
    return np.asarray(stats.pearsonr(predicted, mos, axis=1).statistic)


def _srcc(predicted: Numbers, mos: Numbers) -> Numbers:
    return _plcc(stats.rankdata(predicted, axis=1), stats.rankdata(mos, axis=1))


def _krcc(predicted: Numbers, mos: Numbers) -> Numbers:
    return np.array([krcc(*row) for row in zip(predicted, mos, strict=True)])


# (predicted, mos), both a resample a row -> a correlation a row
BOOTSTRAPPED: Mapping[str, Callable[[Numbers, Numbers], Numbers]] = {
    **{"srcc": _srcc, "plcc": _plcc, "krcc": _krcc}
}


def bootstrap_differences(
    a: Numbers, b: Numbers, mos: Numbers, metric: str, *, seed: int = 0
) -> Numbers:
    """Return ``metric`` of ``a`` minus that of ``b`` on resampled pictures, sorted.

    Both predict the same pictures (n,), which are drawn together with replacement,
    ``RESAMPLES`` times; draws on which one of the three is all equal have no correlation and are
    left out. Raises ``ValueError`` at a score that is not finite.
    """
    if not np.isfinite([a, b, mos]).all():
        raise ValueError("a score to be resampled is not finite")
    rng = np.random.default_rng(seed)
    at_once = max(1, AT_ONCE // len(mos))
    found = []
    for start in range(0, RESAMPLES, at_once):
        drawn = rng.integers(len(mos), size=(min(at_once, RESAMPLES - start), len(mos)))
        vary = np.all([_vary(scores[drawn]) for scores in (a, b, mos)], axis=0)
        first, second, labels = (scores[drawn[vary]] for scores in (a, b, mos))
        if vary.any():
            correlation = BOOTSTRAPPED[metric]
            found.append(correlation(first, labels) - correlation(second, labels))
    return np.sort(np.concatenate(found)) if found else np.empty(0)


def share_not_above(resampled: Numbers, bound: float) -> float:
    """Return the one-sided bootstrap p for a difference above ``bound``, never quite zero."""
    return float((1 + np.count_nonzero(resampled <= bound)) / (1 + len(resampled)))


def _vary(scores: Numbers) -> NDArray[np.bool_]:
    """Return which rows differ by more than float noise, as ``biqa.metrics`` asks of them."""
    return np.ptp(scores, axis=1) > COLLAPSED * np.abs(scores).max(axis=1)
