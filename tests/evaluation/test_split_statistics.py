"""Statistics over splits, by hand and by counting sign patterns."""

import itertools

import numpy as np
import pandas as pd
import pytest

from biqa.errors import InputError
from biqa.evaluation.rows import METRICS
from biqa.evaluation.statistics import summarise


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
