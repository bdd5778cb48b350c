"""Runs judged on each subset by itself, against scipy on the pictures picked out by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from biqa.errors import InputError
from biqa.evaluation.rows import COLUMNS, evaluate_run
from biqa.evaluation.subsets import gather_subsets


def with_groups(run, dataset="made_up"):
    """Give the pictures of one database two subsets in turn, none to the others."""
    table = run.predictions
    turns = np.where(np.arange(len(table)) % 2, "odd", "even")
    return replace(
        run,
        predictions=table.assign(group=turns).where(
            table["dataset"] == dataset, table.assign(group="")
        ),
    )


def test_the_test_part_of_each_subset_is_judged_alone(make_run, tmp_path):
    run = with_groups(make_run(cross={"other": 15}))
    found = gather_subsets([run.write(tmp_path)])
    assert list(found) == [*COLUMNS, "subset"]
    assert found["subset"].tolist() == ["even", "odd"]
    table = run.predictions
    for row in found.to_dict("records"):
        own = table[(table["part"] == "test") & (table["group"] == row["subset"])]
        assert row["n_pictures"] == len(own)
        assert row["srcc"] == pytest.approx(stats.spearmanr(own["predicted"], own["mos"])[0])
        train = table[table["part"] == "train"]
        slope, intercept = np.polyfit(train["predicted"], train["mos"], 1)
        error = slope * own["predicted"] + intercept - own["mos"]
        assert row["rmse_mapped"] == pytest.approx(np.sqrt(np.mean(error**2)))
        assert (row["tested_on"], row["choice"], row["epoch"]) == ("made_up", "last", 3)


def test_subsets_of_another_database_are_judged_on_all_their_pictures(make_run, tmp_path):
    run = with_groups(make_run(cross={"other": 15, "third": 9}), "other")
    found = gather_subsets([run.write(tmp_path)])
    assert found[["tested_on", "subset"]].to_numpy().tolist() == [
        ["other", "even"],
        ["other", "odd"],
    ]
    assert found["n_pictures"].sum() == 15
    assert found["protocol_choice"].all()


def test_one_subset_of_all_pictures_gives_the_row_of_the_run(make_run, tmp_path):
    run = make_run(seed=3)
    whole = replace(run, predictions=run.predictions.assign(group="all"))
    (found,) = gather_subsets([whole.write(tmp_path)])[COLUMNS].to_dict("records")
    expected = next(row for row in evaluate_run(*run.tables()) if row["protocol_choice"])
    assert found == expected


def test_a_collapsed_run_has_no_metrics_on_its_subsets_either(make_run, tmp_path):
    run = with_groups(make_run(collapsed=(3,)))
    found = gather_subsets([run.write(tmp_path)])
    assert found["status"].tolist() == ["collapsed", "collapsed"]
    assert found["srcc"].isna().all()


def test_a_subset_of_one_picture_is_named(make_run, tmp_path):
    run = make_run()
    table = run.predictions
    first = table.index[table["part"] == "test"][0]
    groups = pd.Series("many", index=table.index)
    groups[first] = "few"
    folder = replace(run, predictions=table.assign(group=groups)).write(tmp_path)
    with pytest.raises(InputError, match="few of made_up: a correlation needs at least 2 pictures"):
        gather_subsets([folder])


def test_runs_without_subsets_are_refused(make_run, tmp_path):
    with pytest.raises(InputError, match="no run was tested on a database with subsets"):
        gather_subsets([make_run().write(tmp_path)])
