"""Many run folders on disk, read back."""

import itertools
import json
import time

import numpy as np
import pandas as pd
import pytest

from biqa.errors import InputError
from biqa.evaluation import evaluate_run, gather
from biqa.evaluation.rows import COLUMNS
from biqa.files import write_table


def test_every_run_gives_the_rows_of_its_tables(make_run, tmp_path):
    runs = [make_run(seed=k, split=k, cross={"other": 15}) for k in range(3)]
    metrics, _ = gather([run.write(tmp_path) for run in runs])
    expected = [row for run in runs for row in evaluate_run(*run.tables())]
    pd.testing.assert_frame_equal(
        metrics, pd.DataFrame(expected).astype({"epoch": "Int64"}), check_exact=True
    )


def test_curves_are_the_histories_with_the_identity(make_run, tmp_path):
    run = make_run(collapsed=(2,), loss="plcc", split=4)
    _, curves = gather([run.write(tmp_path)])
    identity = ["dataset", "model", "loss", "recipe", "split"]
    assert list(curves) == [*identity, *run.history]
    assert (curves[identity] == ["made_up", "m", "plcc", "r", 4]).all(axis=None)
    pd.testing.assert_frame_equal(curves[list(run.history)], run.history, check_exact=True)


def test_the_order_of_the_folders_does_not_matter(make_run, tmp_path):
    folders = [
        make_run(loss=loss, split=k).write(tmp_path)
        for loss, k in itertools.product(["plcc", "mse"], [10, 2])
    ]
    forwards, backwards = gather(folders), gather(folders[::-1])
    for one, other in zip(forwards, backwards, strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert forwards[0]["split"].unique().tolist() == [2, 10]


def test_metrics_survive_a_csv(make_run, tmp_path):
    run = make_run(collapsed=(1, 2, 3))
    metrics, _ = gather([run.write(tmp_path)])
    write_table(tmp_path / "metrics.csv", metrics)
    text = (tmp_path / "metrics.csv").read_text().splitlines()
    assert text[0] == ",".join(COLUMNS)
    assert text[1] == "made_up,m,mse,r,0,made_up,last,True,3,20,,,,,,,,collapsed,"
    assert text[3] == "made_up,m,mse,r,0,made_up,best_test,False,,20,,,,,,,,collapsed,"


def test_names_like_numbers_and_gaps_stay_names(make_run, tmp_path):
    run = make_run()
    odd = {"045": "NA", "046": "1", "047": "1.0", "048": "nan", "049": "001"}
    for table in (run.predictions, run.epochs):
        table["name"] = table["name"].replace(odd)
    run.predictions.loc[1, "name"] = "0001"
    metrics, _ = gather([run.write(tmp_path)])
    assert metrics["n_pictures"].tolist() == [20, 20, 20]


def test_an_empty_prediction_is_named(make_run, tmp_path):
    run = make_run()
    run.predictions.loc[run.predictions["name"] == "050", "predicted"] = np.nan
    with pytest.raises(InputError, match="picture '050': predicted is nan"):
        gather([run.write(tmp_path)])


@pytest.mark.parametrize("dataset", ["made_up", "other"])
def test_a_picture_with_two_mos_is_named_with_its_run(make_run, tmp_path, dataset):
    first, second = (make_run(split=k, cross={"other": 15}) for k in (0, 1))
    wrong = (second.predictions["name"] == "007") & (second.predictions["dataset"] == dataset)
    second.predictions.loc[wrong, "mos"] += 1e-9
    where = f"run made_up/m/mse/r/split1: {dataset}: picture '007' is of another MOS"
    with pytest.raises(InputError, match=where):
        gather([run.write(tmp_path) for run in (first, second)])


def test_a_picture_seen_first_in_a_later_run_is_compared_too(make_run, tmp_path):
    runs = [make_run(split=k, cross={"other": n}) for k, n in enumerate((5, 15, 15))]
    last = runs[2].predictions
    last.loc[(last["name"] == "012") & (last["dataset"] == "other"), "mos"] += 1e-9
    with pytest.raises(InputError, match="split2: other: picture '012' is of another MOS"):
        gather([run.write(tmp_path) for run in runs])


def test_runs_that_learned_from_other_pixels_are_not_judged_together(make_run, tmp_path):
    runs = [make_run(split=k) for k in range(4)]
    for run, pixels in zip(runs[1:], ("a" * 64, "a" * 64, "b" * 64), strict=True):
        run.record["made_of"] = {"pixels": pixels}
    folders = [run.write(tmp_path) for run in runs]
    assert len(gather(folders[:3])[0]) > 0  # the first has an older record, which does not say
    with pytest.raises(InputError, match=r"split3: learned from other pixels .* than .*/split1 "):
        gather(folders)


def test_a_run_in_two_folders_is_refused(make_run, tmp_path):
    folders = [make_run().write(tmp_path / place) for place in ("a", "b")]
    with pytest.raises(InputError, match=r"split0 is in both .*/a/.* and .*/b/"):
        gather(folders)


def test_no_runs_are_refused():
    with pytest.raises(InputError, match="no run folders"):
        gather([])


@pytest.mark.parametrize("key", ["run", "choose", "epoch_chosen", "epochs"])
def test_a_missing_key_of_the_record_is_named(make_run, tmp_path, key):
    folder = make_run().write(tmp_path)
    record = json.loads((folder / "record.json").read_text())
    del record[key]
    (folder / "record.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=f"record.json: missing key '{key}'"):
        gather([folder])


def test_a_missing_file_is_named(make_run, tmp_path):
    folder = make_run().write(tmp_path)
    (folder / "epochs.csv.gz").unlink()
    with pytest.raises(FileNotFoundError, match=r"split0/epochs\.csv\.gz"):
        gather([folder])


def test_ten_runs_take_a_fraction_of_a_second(make_run, tmp_path):
    noise = tuple(np.linspace(0.9, 0.3, 20))
    parts = {"train": 160, "validation": 40, "test": 200}
    folders = [
        make_run(seed=k, split=k, noise=noise, parts=parts, choose="best_validation").write(
            tmp_path
        )
        for k in range(10)
    ]
    start = time.process_time()
    metrics, _ = gather(folders)
    assert len(metrics) == 30
    assert time.process_time() - start < 2.0  # usually 0.3; loose for a busy machine


def test_runs_judged_side_by_side_give_the_same_tables(make_run, tmp_path):
    folders = [make_run(seed=k, split=k).write(tmp_path) for k in range(9)]
    for one, other in zip(gather(folders), gather(folders, jobs=3), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_an_error_in_a_process_beside_names_its_run(make_run, tmp_path):
    folders = [make_run(seed=k, split=k).write(tmp_path) for k in range(6)]
    record = json.loads((folders[4] / "record.json").read_text(encoding="utf-8"))
    del record["choose"]
    (folders[4] / "record.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(InputError, match=r"split4/record\.json: missing key 'choose'"):
        gather(folders, jobs=2)
