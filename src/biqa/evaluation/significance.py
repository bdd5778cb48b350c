"""How sure a difference is: signed ranks, Holm's correction, splits that decide."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

LEVEL = 0.05  # of a whole family of claims
POWER = 0.8
MOST_SPLITS = 1000  # what needs more is called undecidable


def signed_rank_p(differences: np.ndarray) -> float:
    """Return the one-sided p of Wilcoxon's signed ranks (1945) for differences above zero.

    The distribution is exact, with ties too: all signs of the ranks found are counted.
    Zeros have no sign and are left out; without differences p is 1. Random divisions of one
    database share pictures, so p is too small rather than too large.
    """
    differences = differences[differences != 0]
    doubled = np.rint(2 * stats.rankdata(np.abs(differences))).astype(int)
    chances = np.zeros(doubled.sum() + 1)
    chances[0] = 1.0
    for rank in doubled:
        chances = chances / 2
        chances[rank:] += chances[:-rank].copy()
    return float(chances[doubled[differences > 0].sum() :].sum())


def holm(p: Sequence[float]) -> list[float]:
    """Return Holm's (1979) adjusted p of each test of one family."""
    adjusted = [1.0] * len(p)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=lambda at: p[at])):
        largest = max(largest, min(1.0, (len(p) - rank) * p[place]))
        adjusted[place] = largest
    return adjusted


def fewest_splits(level: float) -> int:
    """Return the fewest pairs whose two-sided p can be at most ``level``: 2 / 2**n."""
    return int(np.ceil(np.log2(2 / level)))


def splits_needed(differences: np.ndarray, level: float) -> int | None:
    """Return about how many splits would show differences like these to be above zero.

    Noether's (1987) formula for signed ranks at two-sided ``level`` and a power of 80 %; the
    chance that two splits' differences add up to more than zero is estimated from all
    pairs. None: more than ``MOST_SPLITS``. One split gives no estimate, so the fewest that can
    reach the level is returned.
    """
    least = fewest_splits(level)
    if len(differences) < 2:
        return least
    first, second = np.triu_indices(len(differences), k=1)
    chance = float(np.mean(differences[first] + differences[second] > 0))
    if chance <= 0.5:
        return None
    quantiles = stats.norm.ppf(1 - level / 2) + stats.norm.ppf(POWER)
    noether = int(np.ceil(quantiles**2 / (3 * (chance - 0.5) ** 2)))
    return max(least, noether) if noether <= MOST_SPLITS else None


def median_interval(values: np.ndarray) -> tuple[float, float] | None:
    """Return the distribution-free 95 % interval of a median, two of the ordered values.

    With fewer than six values no such interval exists: None.
    """
    ordered = np.sort(values)
    outside = int(stats.binom.ppf(LEVEL / 2, len(ordered), 0.5))
    # the largest k with P(Binomial(n, 1/2) < k) <= 2.5 %
    if stats.binom.cdf(outside, len(ordered), 0.5) <= LEVEL / 2:
        outside += 1
    if outside < 1:
        return None
    return float(ordered[outside - 1]), float(ordered[-outside])


def mean_interval(values: np.ndarray) -> tuple[float, float] | None:
    """Return Student's 95 % interval of a mean; None for fewer than two values."""
    if len(values) < 2:
        return None
    half = stats.t.ppf(1 - LEVEL / 2, len(values) - 1) * stats.sem(values)
    return float(np.mean(values) - half), float(np.mean(values) + half)
