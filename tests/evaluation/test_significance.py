"""P-values, corrections and intervals, against scipy and slow statements."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from biqa.evaluation.significance import (
    fewest_splits,
    holm,
    mean_interval,
    median_interval,
    signed_rank_p,
    splits_needed,
)


def signed_rank_by_loops(differences):
    ranks = stats.rankdata(np.abs(differences))
    observed = sum(rank for rank, d in zip(ranks, differences, strict=True) if d > 0)
    sums = [
        sum(rank for rank, sign in zip(ranks, signs, strict=True) if sign)
        for signs in product([False, True], repeat=len(ranks))
    ]
    return sum(total >= observed - 1e-9 for total in sums) / len(sums)


@pytest.mark.parametrize("n", [1, 2, 6, 10, 30])
def test_signed_ranks_are_those_of_scipy(rng, n):
    differences = rng.normal(0.3, size=n)
    expected = stats.wilcoxon(differences, alternative="greater", method="exact").pvalue
    assert signed_rank_p(differences) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "differences", [[1, 1, 1, 1], [1, 1, -1, 2, 2, 3], [-2, -2, 1], [5, 5, 5, -5, 5, 5, 1, 1]]
)
def test_signed_ranks_with_ties_count_every_sign(differences):
    found = signed_rank_p(np.array(differences, dtype=float))
    assert found == pytest.approx(signed_rank_by_loops(differences), abs=1e-12)


def test_equal_pairs_say_nothing():
    assert signed_rank_p(np.zeros(5)) == 1.0
    assert signed_rank_p(np.array([])) == 1.0
    assert signed_rank_p(np.array([0.0, 1.0, 2.0])) == signed_rank_p(np.array([1.0, 2.0])) == 0.25


def test_holm_by_hand():
    # .01 * 4, .02 * 3, .03 * 2, .04 * 1, never falling
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize("level", [0.05, 0.01, 0.05 / 28])
def test_the_fewest_splits_are_those_that_can_reach_the_level(level):
    n = fewest_splits(level)
    assert 2 * signed_rank_p(np.arange(1.0, n + 1)) <= level
    assert 2 * signed_rank_p(np.arange(1.0, n)) > level


def test_splits_needed_by_hand():
    always = np.array([0.1, 0.2, 0.3])
    assert splits_needed(always, 0.05) == 11  # (1.960 + 0.842)^2 / (3 * 0.25) = 10.5
    two_of_three = np.array([-0.15, 0.1, 0.2])  # of the sums -.05, .05 and .3
    assert splits_needed(two_of_three, 0.05) == 95  # 7.849 / (3 * (1/6)^2) = 94.2
    assert splits_needed(-always, 0.05) is None
    assert splits_needed(np.array([0.1]), 0.05) == 6


@pytest.mark.parametrize("n", [1, 5, 6, 10, 11, 25])
def test_the_interval_of_a_median_is_that_of_scipy(rng, n):
    values = rng.normal(size=n)
    expected = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
    if np.isnan(expected.low) or np.isnan(expected.high):
        assert median_interval(values) is None
    else:
        assert median_interval(values) == pytest.approx((expected.low, expected.high))


def test_the_interval_of_a_mean_is_that_of_scipy(rng):
    values = rng.normal(size=7)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert mean_interval(values) == pytest.approx((expected.low, expected.high))
    assert mean_interval(values[:1]) is None
