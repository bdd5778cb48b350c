"""Rows of one made-up run, against scipy on the tables it was made of."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from biqa.errors import InputError
from biqa.evaluation import evaluate_run
from biqa.evaluation.rows import COLUMNS, DECIMALS, METRICS, judge

STORED = 0.51 * 10 ** -DECIMALS["srcc"]  # rounding alone


def by_choice(rows):
    return {row["choice"]: row for row in rows}


def test_rows_have_the_columns_of_the_contract(make_run):
    contract = "dataset model loss recipe split tested_on choice protocol_choice epoch n_pictures "
    contract += "srcc plcc krcc plcc_logistic4 plcc_logistic5 rmse rmse_mapped status fit_note"
    assert contract.split() == COLUMNS
    for row in evaluate_run(*make_run(cross={"other": 15}).tables()):
        assert list(row) == COLUMNS


def test_metrics_are_those_of_scipy_on_the_test_part_of_the_epoch(make_run):
    run = make_run(choose="best_validation")
    rows = by_choice(evaluate_run(*run.tables()))
    assert list(rows) == ["last", "best_validation", "best_test"]
    test = run.epochs[run.epochs["part"] == "test"].merge(run.predictions, on=["name", "part"])
    for row in rows.values():
        predicted = test[f"epoch_{row['epoch']}"]
        assert row["n_pictures"] == 20
        expected = stats.spearmanr(predicted, test["mos"]).statistic
        assert row["srcc"] == pytest.approx(expected, abs=STORED)
        assert row["plcc"] == pytest.approx(stats.pearsonr(predicted, test["mos"])[0], abs=STORED)
        assert row["krcc"] == pytest.approx(stats.kendalltau(predicted, test["mos"])[0], abs=STORED)
        error = np.sqrt(np.mean((predicted - test["mos"]) ** 2))
        assert row["rmse"] == pytest.approx(error, abs=STORED)
        assert row["plcc"] - 1e-5 <= row["plcc_logistic5"] <= 1
        assert row["status"] == "ok"
        assert row["fit_note"] == ""


def test_the_epochs_are_the_last_and_those_of_the_highest_srcc(make_run):
    run = make_run(noise=(0.9, 0.3, 0.6, 0.8))
    run.history["validation_srcc"] = [0.1, 0.2, 0.7, 0.7]
    run.history["test_srcc"] = [np.nan, 0.9, 0.8, 0.9]
    rows = by_choice(evaluate_run(*run.tables()))
    chosen = {choice: row["epoch"] for choice, row in rows.items()}
    assert chosen == {"last": 4, "best_validation": 3, "best_test": 2}


def test_without_a_validation_part_there_is_no_such_row(make_run):
    run = make_run(parts={"train": 30, "test": 20})
    assert run.history["validation_srcc"].isna().all()
    assert list(by_choice(evaluate_run(*run.tables()))) == ["last", "best_test"]


@pytest.mark.parametrize("choose", ["last", "best_validation", "best_test"])
def test_one_row_is_the_protocols_and_only_it_is_mapped(make_run, choose):
    rows = evaluate_run(*make_run(choose=choose).tables())
    assert [row["choice"] for row in rows if row["protocol_choice"]] == [choose]
    assert [row["choice"] for row in rows if not np.isnan(row["rmse_mapped"])] == [choose]


def test_the_line_is_fitted_on_the_training_part(make_run):
    run = make_run()
    train, test = (run.predictions[run.predictions["part"] == part] for part in ("train", "test"))
    slope, intercept = np.polyfit(train["predicted"], train["mos"], 1)
    errors = slope * test["predicted"] + intercept - test["mos"]
    row = by_choice(evaluate_run(*run.tables()))["last"]
    assert row["rmse_mapped"] == pytest.approx(np.sqrt(np.mean(errors**2)), abs=STORED)
    assert row["rmse_mapped"] < row["rmse"]


def test_the_kept_weights_are_judged_by_their_own_predictions(make_run):
    run = make_run()
    run.epochs["epoch_3"] = 0.0
    assert by_choice(evaluate_run(*run.tables()))["last"]["status"] == "ok"


def test_pictures_are_joined_by_name_not_by_order(make_run, rng):
    run = make_run(cross={"other": 15})
    shuffled = make_run(cross={"other": 15})
    shuffled.predictions = shuffled.predictions.sample(frac=1, random_state=1)
    shuffled.epochs = shuffled.epochs.sample(frac=1, random_state=2)
    expected = pd.DataFrame(evaluate_run(*run.tables()))
    actual = pd.DataFrame(evaluate_run(*shuffled.tables()))
    pd.testing.assert_frame_equal(actual, expected, rtol=1e-8)


def test_other_datasets_are_judged_with_the_kept_weights(make_run):
    run = make_run(choose="best_test", cross={"other": 15, "another": 9})
    rows = evaluate_run(*run.tables())
    cross = [row for row in rows if row["tested_on"] != "made_up"]
    assert [(row["tested_on"], row["n_pictures"]) for row in cross] == [
        ("another", 9),
        ("other", 15),
    ]
    own = by_choice(row for row in rows if row["tested_on"] == "made_up")
    for row in cross:
        assert row["dataset"] == "made_up"
        assert row["choice"] == "best_test"
        assert row["protocol_choice"]
        assert row["epoch"] == own["best_test"]["epoch"] == run.record["epoch_chosen"]
        scores = run.predictions[run.predictions["dataset"] == row["tested_on"]]
        expected = stats.spearmanr(scores["predicted"], scores["mos"]).statistic
        assert row["srcc"] == pytest.approx(expected, abs=STORED)


def test_a_collapsed_epoch_has_a_row_without_metrics(make_run):
    rows = by_choice(evaluate_run(*make_run(collapsed=(3,), choose="last").tables()))
    assert rows["last"]["status"] == "collapsed"
    assert rows["last"]["n_pictures"] == 20
    assert rows["last"]["epoch"] == 3
    assert all(np.isnan(rows["last"][metric]) for metric in METRICS)
    assert rows["best_test"]["status"] == "ok"


@pytest.mark.parametrize("choose", ["last", "best_validation"])
def test_a_run_that_always_collapsed_has_no_best_epoch(make_run, choose):
    rows = by_choice(evaluate_run(*make_run(collapsed=(1, 2, 3), choose=choose).tables()))
    assert {row["status"] for row in rows.values()} == {"collapsed"}
    assert rows["best_test"]["epoch"] is None
    assert rows["last"]["epoch"] == 3
    assert rows["best_validation"]["epoch"] == (None if choose == "last" else 3)


def test_collapsed_training_predictions_leave_only_the_mapped_error_empty(make_run):
    run = make_run()
    run.predictions.loc[run.predictions["part"] == "train", "predicted"] = 0.5
    row = by_choice(evaluate_run(*run.tables()))["last"]
    assert np.isnan(row["rmse_mapped"])
    assert row["srcc"] > 0
    assert row["status"] == "ok"
    assert "training part have collapsed" in row["fit_note"]


def test_a_failed_fit_is_an_empty_cell_and_a_note(make_run):
    run = make_run()
    test = run.predictions["part"] == "test"
    run.predictions.loc[test, "predicted"] = np.arange(test.sum()) % 4
    row = by_choice(evaluate_run(*run.tables()))["last"]
    assert np.isnan(row["plcc_logistic5"])
    assert row["plcc_logistic4"] > 0
    assert row["status"] == "ok"
    assert row["fit_note"].startswith("plcc_logistic5: 4 distinct predictions")


NAME = "run made_up/m/mse/r/split0"


@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize("table", ["predictions", "epochs"])
def test_a_missing_picture_is_named(make_run, table, part):
    run = make_run()
    rows = getattr(run, table)
    gone = rows["name"][rows["part"] == part].iloc[3]
    setattr(run, table, rows[rows["name"] != gone])
    with pytest.raises(InputError, match=f"{NAME}: {table}: picture '{gone}' is missing"):
        evaluate_run(*run.tables())


@pytest.mark.parametrize("table", ["predictions", "epochs"])
def test_a_picture_that_is_there_twice_is_named(make_run, table):
    run = make_run()
    rows = getattr(run, table)
    setattr(run, table, pd.concat([rows, rows[rows["name"] == "050"]]))
    with pytest.raises(InputError, match=f"{NAME}: .*picture '050' is twice"):
        evaluate_run(*run.tables())


def test_a_picture_of_two_parts_is_named(make_run):
    run = make_run()
    run.epochs.loc[run.epochs["name"] == "050", "part"] = "validation"
    with pytest.raises(InputError, match=f"{NAME}: .*picture '050' is of two different parts"):
        evaluate_run(*run.tables())


@pytest.mark.parametrize("column", ["mos", "predicted"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_score_that_is_not_finite_is_named(make_run, column, value):
    run = make_run()
    run.predictions.loc[run.predictions["name"] == "050", column] = value
    with pytest.raises(InputError, match=f"{NAME}: picture '050': {column} is {value}"):
        evaluate_run(*run.tables())


def test_an_epoch_that_is_not_finite_is_named(make_run):
    run = make_run()
    run.epochs.loc[run.epochs["name"] == "050", "epoch_2"] = np.nan
    assert run.history["test_srcc"].idxmax() == 1
    with pytest.raises(InputError, match=f"{NAME}: epoch 2: picture '050': predicted is nan"):
        evaluate_run(*run.tables())


@pytest.mark.parametrize(
    ("part", "dataset", "message"),
    [
        ("val", "made_up", "picture '050' is in an unknown part"),
        ("cross", "made_up", "picture '050' is of the wrong dataset"),
        ("test", "other", "picture '050' is of the wrong dataset"),
    ],
)
def test_a_part_that_does_not_fit_the_dataset_is_refused(make_run, part, dataset, message):
    run = make_run()
    run.predictions.loc[run.predictions["name"] == "050", ["part", "dataset"]] = part, dataset
    with pytest.raises(InputError, match=f"{NAME}: {message}"):
        evaluate_run(*run.tables())


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_part_without_pictures_is_refused(make_run, part):
    run = make_run()
    run.predictions = run.predictions[run.predictions["part"] != part]
    with pytest.raises(InputError, match=f"no picture of part {part}"):
        evaluate_run(*run.tables())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epoch_chosen": 1}, "epoch_chosen is 1, but by its history last is epoch 3"),
        ({"epochs": 4}, r"history has epochs \[1, 2, 3\], expected 1 to 4"),
        ({"choose": "best"}, "choose is 'best', expected last or best_validation or best_test"),
    ],
)
def test_a_record_that_contradicts_its_history_is_refused(make_run, change, message):
    run = make_run()
    run.record |= change
    with pytest.raises(InputError, match=f"{NAME}: .*{message}"):
        evaluate_run(*run.tables())


def test_constant_mos_names_the_run(make_run):
    run = make_run()
    run.predictions.loc[run.predictions["part"] == "test", "mos"] = 0.5
    with pytest.raises(InputError, match=rf"{NAME}: mos is 0\.5 for all 20 pictures"):
        evaluate_run(*run.tables())


@pytest.mark.parametrize(
    ("table", "column"),
    [("predictions", "mos"), ("epochs", "part"), ("epochs", "epoch_2"), ("history", "test_srcc")],
)
def test_a_missing_column_is_named(make_run, table, column):
    run = make_run()
    setattr(run, table, getattr(run, table).drop(columns=column))
    with pytest.raises(InputError, match=f"{NAME}: {table}: no column '{column}'"):
        evaluate_run(*run.tables())


def test_sums_in_another_order_give_the_same_stored_numbers(rng):
    """As processors differ: the last digits of a sum depend on how many terms are added at once."""
    mos = rng.random(300)
    scores = pd.DataFrame({"mos": mos, "predicted": mos**2 + 0.1 * rng.normal(size=300)})
    expected = judge(scores, "here")
    for _ in range(20):
        order = rng.permutation(300)
        found = judge(scores.iloc[order], "here")
        assert [found[metric] for metric in METRICS[:-1]] == [expected[one] for one in METRICS[:-1]]
    assert expected["plcc"] == pytest.approx(stats.pearsonr(*scores.to_numpy().T)[0], abs=STORED)
