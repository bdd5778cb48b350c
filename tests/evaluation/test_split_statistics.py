"""Statistics over splits, by hand and by counting sign patterns."""

import itertools

import numpy as np
import pandas as pd
import pytest

from biqa.errors import InputError
from biqa.evaluation.rows import METRICS
from biqa.evaluation.statistics import paired_wilcoxon, summarise


def metrics_table(srccs, loss="mse", choice="last"):
    """Return rows of one loss, a split each; None stands for a collapsed split."""
    rows = []
    for split, value in enumerate(srccs):
        row = {"dataset": "made_up", "loss": loss, "choice": choice, "split": split}
        row |= dict.fromkeys(METRICS, np.nan) | {"status": "ok" if value else "collapsed"}
        rows.append(row | {"srcc": np.nan if value is None else value})
    return pd.DataFrame(rows)


def row_of(summary, metric="srcc", loss="mse"):
    return summary[(summary["metric"] == metric) & (summary["loss"] == loss)].squeeze()


def test_summary_by_hand():
    summary = summarise(metrics_table([0.1, 0.2, 0.4, 0.5, 0.9]), by=["dataset", "loss"])
    row = row_of(summary)
    # Mean 2.1 / 5; squared deviations .1024, .0484, .0004, .0064, .2304 sum to .388.
    assert row["median"] == pytest.approx(0.4)
    assert row["mean"] == pytest.approx(0.42)
    assert row["std"] == pytest.approx(np.sqrt(0.388 / 4))
    assert (row["min"], row["max"]) == (0.1, 0.9)
    assert (row["lower_quartile"], row["upper_quartile"]) == pytest.approx((0.2, 0.5))
    assert (row["n_splits"], row["n_collapsed"], row["n_values"]) == (5, 0, 5)


def test_collapsed_splits_are_counted_and_not_averaged():
    row = row_of(summarise(metrics_table([0.6, None, 0.8, None]), by=["loss"]))
    assert row["mean"] == pytest.approx(0.7)
    assert (row["n_splits"], row["n_collapsed"], row["n_values"]) == (4, 2, 2)


def test_a_loss_that_always_collapsed_keeps_its_row():
    table = pd.concat([metrics_table([0.6, 0.7]), metrics_table([None, None], loss="mono")])
    row = row_of(summarise(table, by=["loss"]), loss="mono")
    assert np.isnan(row["median"])
    assert (row["n_splits"], row["n_collapsed"]) == (2, 2)


def test_a_group_of_an_empty_name_does_not_vanish():
    table = pd.concat([metrics_table([0.6, 0.7]), metrics_table([0.5, 0.4], loss=None)])
    assert len(summarise(table, by=["loss"])) == 2 * len(METRICS)


def test_every_group_has_every_metric():
    table = pd.concat([metrics_table([0.6, 0.7]), metrics_table([0.5, 0.4], loss="mono")])
    summary = summarise(table, by=["loss"])
    found = list(zip(summary["loss"], summary["metric"], strict=True))
    assert found == list(itertools.product(["mono", "mse"], METRICS))


def test_choices_are_not_pooled():
    table = pd.concat([metrics_table([0.6]), metrics_table([0.7], choice="best_test")])
    with pytest.raises(InputError, match=r"several rows for .*'loss': 'mse', 'split': 0"):
        summarise(table, by=["dataset", "loss"])
    assert len(summarise(table, by=["loss", "choice"])) == 2 * len(METRICS)


def p_by_counting(differences):
    """Two-sided p of the signed-rank sum, over all patterns of signs; no ties."""
    ranks = np.abs(differences).argsort().argsort() + 1
    middle = ranks.sum() / 2
    found = abs(ranks[differences > 0].sum() - middle)
    sums = [np.dot(signs, ranks) for signs in itertools.product([0, 1], repeat=len(ranks))]
    return np.mean([abs(total - middle) >= found for total in sums])


@pytest.mark.parametrize("n", [6, 8, 10])
def test_p_is_the_share_of_sign_patterns_as_extreme(n, rng):
    a, b = (pd.Series(values) for values in rng.normal(size=(2, n)))
    test = paired_wilcoxon(a + 0.4, b)
    assert test.p == pytest.approx(p_by_counting((a + 0.4 - b).to_numpy()), rel=1e-12)
    assert (test.n, test.note) == (n, "")


def test_pairs_are_made_by_split_not_by_order(rng):
    a, b = (pd.Series(values, index=range(10)) for values in rng.normal(size=(2, 10)))
    assert paired_wilcoxon(a, b.iloc[::-1]) == paired_wilcoxon(a, b)


@pytest.mark.parametrize(("n", "p"), [(5, 2 / 32), (6, 2 / 64)])
def test_the_smallest_p_of_few_pairs_is_noted(n, p):
    test = paired_wilcoxon(pd.Series(np.arange(1.0, n + 1)), pd.Series(np.zeros(n)))
    assert test.p == pytest.approx(p)
    assert ("too small to reach p < .05" in test.note) == (n < 6)


def test_empty_and_equal_pairs_are_left_out_and_counted():
    a = pd.Series([0.5, np.nan, 0.7, 0.9, 0.8, 0.6, 0.77, 0.3, 0.4])
    b = pd.Series([0.4, 0.30, 0.7, 0.6, 0.6, 0.9, np.nan, 0.25, 0.0])
    test = paired_wilcoxon(a, b)
    kept = [0, 3, 4, 5, 7, 8]
    assert test.n == 6
    assert "2 pairs left out: no value" in test.note
    assert "1 pairs left out: equal" in test.note
    assert test.p == paired_wilcoxon(a[kept], b[kept]).p


def test_equal_sides_do_not_differ():
    scores = pd.Series(np.arange(10.0))
    test = paired_wilcoxon(scores, scores)
    assert (test.n, test.p) == (0, 1.0)


def test_splits_on_one_side_only_are_refused():
    with pytest.raises(InputError, match="split 2 is on one side only"):
        paired_wilcoxon(pd.Series([1.0, 2.0, 3.0]), pd.Series([1.0, 2.0]))
    with pytest.raises(InputError, match="a has a split twice"):
        paired_wilcoxon(pd.Series([1.0, 2.0], index=[0, 0]), pd.Series([1.0, 2.0]))
