"""Medians over splits, against the standard library's, and where nothing can be judged."""

import statistics

import pandas as pd
import pytest

from biqa.evaluation.medians import curve_file, median_curves, medians

NAMES = {"dataset": "livec", "model": "tiny", "loss": "mse", "recipe": "short"}


def rows(*values: float, **others) -> pd.DataFrame:
    """Return a row for each split."""
    row = {**NAMES, "tested_on": "livec", "protocol_choice": True, "status": "ok", **others}
    return pd.DataFrame([{**row, "split": k, "srcc": v, "plcc": -v} for k, v in enumerate(values)])


@pytest.mark.parametrize("values", [(0.5,), (0.1, 0.4), (0.9, 0.1, 0.3), (0.2, 0.8, 0.4, 0.4)])
def test_the_median_is_over_the_splits(values):
    found = medians(rows(*values))["livec"]["tiny"]["mse"]["short"]
    assert found == {
        "srcc": statistics.median(values),
        "plcc": -statistics.median(values),
        "splits": len(values),
        "collapsed": 0,
    }


def test_only_the_epoch_that_the_protocol_chose_counts():
    other = rows(0.99, 0.99, protocol_choice=False)
    assert medians(pd.concat([rows(0.5, 0.7), other])) == medians(rows(0.5, 0.7))


def test_collapsed_runs_are_counted_and_not_averaged():
    collapsed = rows(float("nan"), status="collapsed")
    both = medians(pd.concat([rows(0.5, 0.7), collapsed]))["livec"]["tiny"]["mse"]["short"]
    assert both == {"srcc": 0.6, "plcc": -0.6, "splits": 2, "collapsed": 1}
    alone = medians(collapsed)["livec"]["tiny"]["mse"]["short"]
    assert alone == {"splits": 0, "collapsed": 1}


def test_pictures_of_another_dataset_are_told_apart():
    found = medians(pd.concat([rows(0.5), rows(0.1, tested_on="csiq")]))
    assert found["livec"]["tiny"]["mse"]["short"]["srcc"] == 0.5
    assert found["livec on csiq"]["tiny"]["mse"]["short"]["srcc"] == 0.1


def test_a_curve_is_the_median_of_each_epoch():
    scores = {("mse", 0): [0.1, 0.5], ("mse", 1): [0.3, 0.9], ("dcq", 0): [0.2, 0.4]}
    table = pd.DataFrame(
        {**NAMES, "loss": loss, "split": split, "epoch": epoch, "lr": 0.1, "test_srcc": score}
        for (loss, split), each in scores.items()
        for epoch, score in enumerate(each, start=1)
    )
    found = dict(median_curves(table))
    assert set(found) == {curve_file("livec", "tiny", loss, "short") for loss in ("mse", "dcq")}
    mse = found[curve_file("livec", "tiny", "mse", "short")]
    assert list(mse.columns) == ["epoch", "lr", "test_srcc"]
    for number, epoch in enumerate(mse["epoch"]):
        each = [scores["mse", 0][number], scores["mse", 1][number]]
        assert mse.loc[number, "test_srcc"] == statistics.median(each)
        assert epoch == number + 1


def test_the_place_of_a_curve_is_the_one_that_the_workflow_expects():
    assert str(curve_file("d", "m", "l", "r")) == "d/m/r/l.csv"
