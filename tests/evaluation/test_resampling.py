"""The bootstrap draws as it says, and its matrices give what plain loops give."""

import numpy as np
import pytest
from scipy import stats

from biqa.evaluation import resampling
from biqa.evaluation.resampling import RESAMPLES, bootstrap_differences, share_not_above
from biqa.metrics import krcc, plcc, srcc


def test_the_bootstrap_draws_the_pictures_of_both_together(rng):
    mos = rng.uniform(size=300)
    good, bad = (mos + scale * rng.normal(size=300) for scale in (0.2, 0.6))
    resampled = bootstrap_differences(good, bad, mos, "plcc")
    difference = plcc(good, mos) - plcc(bad, mos)
    expected = stats.bootstrap(
        (good, bad, mos),
        lambda a, b, c: stats.pearsonr(a, c).statistic - stats.pearsonr(b, c).statistic,
        paired=True,
        vectorized=False,
        n_resamples=2000,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    low, high = np.quantile(resampled, [0.025, 0.975])
    assert low < difference < high
    assert low == pytest.approx(expected.low, abs=0.02)
    assert high == pytest.approx(expected.high, abs=0.02)
    assert share_not_above(resampled, 0.0) < 0.001
    assert share_not_above(resampled, 1.0) == 1.0


def test_the_bootstrap_of_equal_predictions_sees_no_difference(rng):
    mos = rng.uniform(size=50)
    same = mos + rng.normal(size=50)
    assert share_not_above(bootstrap_differences(same, same, mos, "plcc"), 0.0) == 1.0


def by_plain_loops(a, b, mos, metric):
    rng = np.random.default_rng(0)
    found = []
    for _ in range(resampling.RESAMPLES):
        drawn = rng.integers(len(mos), size=len(mos))
        if len(set(a[drawn])) > 1 and len(set(b[drawn])) > 1 and len(set(mos[drawn])) > 1:
            found.append(metric(a[drawn], mos[drawn]) - metric(b[drawn], mos[drawn]))
    return np.sort(found)


@pytest.mark.parametrize(("name", "metric"), [("srcc", srcc), ("plcc", plcc), ("krcc", krcc)])
def test_matrices_give_what_plain_loops_give(rng, monkeypatch, name, metric):
    mos = rng.integers(6, size=20) / 5  # with ties
    a, b = mos + rng.normal(size=20), np.round(mos + rng.normal(size=20), 1)
    monkeypatch.setattr(resampling, "RESAMPLES", 300)
    monkeypatch.setattr(resampling, "AT_ONCE", 20 * 140)  # three lots, the last one smaller
    found = bootstrap_differences(a, b, mos, name)
    np.testing.assert_allclose(found, by_plain_loops(a, b, mos, metric), rtol=0, atol=1e-12)


def test_draws_without_a_correlation_are_left_out(rng):
    a = np.array([0.0, 0.0, 0.0, 1.0])
    b, mos = rng.normal(size=4), np.array([0.1, 0.2, 0.2, 0.3])
    found = bootstrap_differences(a, b, mos, "plcc")
    np.testing.assert_allclose(found, by_plain_loops(a, b, mos, plcc), rtol=0, atol=1e-12)
    assert 0 < len(found) < RESAMPLES
    assert len(bootstrap_differences(np.zeros(4), b, mos, "srcc")) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_score_that_is_not_finite_is_refused(bad):
    scores = np.arange(5.0)
    with pytest.raises(ValueError, match="not finite"):
        bootstrap_differences(scores, np.append(scores[:4], bad), scores, "srcc")
