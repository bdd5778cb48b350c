"""Epochs that a learning curve needs, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from biqa.evaluation.speed import epochs_to_reach, speedup


def curve(*scores: float) -> pd.Series:
    return pd.Series(scores, index=range(1, len(scores) + 1), dtype=float)


@pytest.mark.parametrize(("level", "epoch"), [(0.5, 1), (0.51, 3), (0.8, 3), (0.81, None)])
def test_the_first_epoch_that_is_good_enough_counts(level, epoch):
    assert epochs_to_reach(curve(0.5, np.nan, 0.8, 0.6), level) == epoch


def test_a_speedup_is_the_ratio_of_the_epochs_to_the_best_of_the_slow():
    slow = curve(0.1, 0.2, 0.3, 0.4, 0.6, 0.5)  # at its best after 5
    assert speedup(curve(0.6, 0.1, 0.1), slow) == 5.0
    assert speedup(curve(0.1, 0.7, 0.1), slow) == 2.5
    assert speedup(slow, slow) == 1.0


def test_a_curve_that_never_gets_there_counts_one_epoch_more_than_it_has():
    assert speedup(curve(0.1, 0.2, 0.3), curve(0.1, 0.9)) == 0.5  # 2 / (3 + 1)


def test_a_slow_curve_without_a_score_gives_no_speedup():
    assert np.isnan(speedup(curve(0.1), curve(np.nan, np.nan)))
