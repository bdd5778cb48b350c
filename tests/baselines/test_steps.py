"""The steps by hand, from prepared folders to metrics."""

import json

import numpy as np
import pandas as pd
import pytest

from biqa.__main__ import main
from biqa.baselines.recipe import baseline_recipe
from biqa.baselines.regression import fit
from biqa.baselines.tables import read_arrays
from biqa.distortions import distort
from biqa.evaluation.gathering import gather
from biqa.scenes import references

SIDE = 64
SCENES = ("chelsea_1", "coffee_2", "rocket_1", "leaves_1", "china_2", "flower_3")
LEVELS = (0, 1, 2, 3, 4, 5)
PROTOCOL = {"name": "p", "train": 0.6, "validation": 0.0, "test": 0.4, "choose": "last"}
RECIPE = {
    "kind": "svr",
    "protocol": PROTOCOL,
    "regression": {"kernel": "linear", "c": [1, 10], "epsilon": 0.01, "folds": 2},
}
SMALL = {"codewords": 8, "patches": 200, "samples": 40, "rounds": 3}
MODEL = {"name": "hosa", "options": SMALL, "basis": "other"}


def prepared(folder, dataset, kind):
    """Write pictures of one distortion in six strengths, whose MOS falls with the strength."""
    rows, pixels = [], []
    for scene, picture in references(SIDE, SCENES, seed=1).items():
        for level in LEVELS:
            rng = np.random.default_rng(level)
            pixels.append(distort(picture, kind, level, rng) if level else picture)
            rows.append((f"{scene}-{level}", 1 - level / 5, scene))
    table = pd.DataFrame(rows, columns=["name", "mos", "reference"])
    offsets = pixels[0].size * np.arange(len(pixels))
    folder.mkdir(parents=True)
    table.assign(height=SIDE, width=SIDE, offset=offsets).to_csv(
        folder / "pictures.csv", index=False
    )
    (folder / "pixels.bin").write_bytes(np.stack(pixels).tobytes())
    facts = {"dataset": dataset, "n_images": len(pixels), "pixels_sha256": f"sha of {dataset}"}
    (folder / "facts.json").write_text(json.dumps(facts))
    return folder


def step(*words):
    assert main([str(word) for word in words]) == 0


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """Return the folder of a run on blurred pictures, with a codebook of noisy ones."""
    folder = tmp_path_factory.mktemp("steps")
    own, other = (
        prepared(folder / name, name, kind)
        for name, kind in (("own", "gaussian_blur"), ("other", "white_noise"))
    )
    spec = json.dumps({"model": MODEL, "seed": 3})
    step("basis", "--spec", spec, "--source", other, "--output", folder / "basis.npz")
    for store in (own, other):
        step(
            *("features", "--spec", spec, "--pictures", store, "--basis", folder / "basis.npz"),
            *("--state", folder / "state.npz", "--output", folder / f"{store.name}.npz"),
        )
    names = pd.read_csv(own / "pictures.csv")["name"]
    is_test = names.str.startswith(SCENES[-2:])
    split = pd.DataFrame({"name": names, "part": np.where(is_test, "test", "train")})
    split.to_csv(folder / "split.csv", index=False)
    run = dict(
        zip(("dataset", "model", "loss", "recipe"), ("own", "hosa", "none", "r"), strict=True)
    )
    step(
        *("baseline", "--spec", json.dumps({"run": {**run, "split": 0}, "recipe": RECIPE})),
        *("--pictures", own, "--features", folder / "own.npz", "--split", folder / "split.csv"),
        *("--also", other, "--also-features", folder / "other.npz", "--output", folder / "run"),
    )
    return folder / "run"


def test_a_run_is_judged_like_one_of_a_network(run_folder):
    metrics, curves = gather([run_folder])
    assert list(metrics["tested_on"]) == ["own", "own", "other"]
    assert set(metrics["choice"]) == {"last", "best_test"}
    assert metrics["n_pictures"].tolist() == [12, 12, 36]
    assert metrics["srcc"].iloc[0] > 0.7  # blur is easy to see
    assert curves["epoch"].tolist() == [1]


def test_the_record_says_what_was_learned_and_from_what(run_folder):
    record = json.loads((run_folder / "record.json").read_text())
    assert record["basis"]["learned_from"] == "other"
    assert record["basis"]["sha256"] == "sha of other"
    assert record["regression"]["c"] in (1, 10)
    assert -1 <= record["regression"]["held_out_srcc"] <= 1
    assert (record["features"], record["epochs"], record["choose"]) == (8 * 3 * 49, 1, "last")


def test_a_finished_computation_leaves_no_state(run_folder):
    assert not (run_folder.parent / "state.npz").exists()
    arrays, facts = read_arrays(run_folder.parent / "own.npz")
    assert arrays["features"].shape == (36, 8 * 3 * 49)
    assert facts["pixels_sha256"] == "sha of own"


def test_a_missing_archive_of_pristine_pictures_says_what_to_do(tmp_path, capsys):
    words = ["pristine", "--archives", str(tmp_path), "--output", str(tmp_path / "new/kodak.zip")]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert f"kodak.zip not found (looked in {tmp_path})" in said
    assert "or let the study say basis: scenes" in said


def test_each_picture_has_the_prediction_of_its_own_features(run_folder):
    tables = [read_arrays(run_folder.parent / f"{name}.npz")[0] for name in ("other", "own")]
    labels = [pd.read_csv(run_folder.parent / name / "pictures.csv") for name in ("other", "own")]
    both = pd.concat(labels, ignore_index=True)
    train = np.flatnonzero((both.index >= 36) & ~both["name"].str.startswith(SCENES[-2:]))
    settings = baseline_recipe(RECIPE).regression
    features = np.concatenate([table["features"] for table in tables])
    expected = fit(features, both["mos"].to_numpy(), train, both["reference"], settings, seed=0)
    found = pd.read_csv(run_folder / "predictions.csv.gz").set_index(["dataset", "name"])
    order = list(zip(["other"] * 36 + ["own"] * 36, both["name"], strict=True))
    np.testing.assert_allclose(found["predicted"].loc[order], expected.predicted, atol=1e-6)
    np.testing.assert_array_equal(found["mos"].loc[order], both["mos"])
