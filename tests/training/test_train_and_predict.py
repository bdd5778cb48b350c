"""The steps train, predict and prior: files that agree with each other, and come out twice."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import small_pictures as small
import torch
from killed import kill_at_random
from safetensors import safe_open
from safetensors.torch import load_file
from small_disk import fill, small_disk

from biqa.__main__ import main
from biqa.commands.train import run_seed
from biqa.recipes import PriorRecipe, Views, plain, training_recipe
from biqa.training.prediction import predict as scores_of
from biqa.training.records import rounded
from biqa.training.setup import trained_model

CNNIQA = {
    "name": "cnniqa",
    "options": {"kernels": 3, "hidden": [4, 4]},
    "weights": "none",
    "prior": None,
}
RUN = {"dataset": "made_up", "model": "tiny", "loss": "mse", "recipe": "short", "split": 3}
SAME = ("weights.safetensors", "epochs.csv.gz", "history.csv")
CLOCK = (
    *("seconds", "seconds_training", "seconds_judging"),
    *("finished", "cpu_seconds", "peak_memory_mb"),
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return small.write_pictures(
        tmp_path_factory.mktemp("prepared") / "own", [(40, 44)] * 18, n_references=6
    )


@pytest.fixture(scope="module")
def split(pictures):
    store = small.PictureStore.open(pictures)
    return small.write_split(pictures.parent / "split3.csv", store, small.thirds(store, 9, 4))


def spec(model=CNNIQA, **changes):
    recipe = small.recipe(epochs=3, crop=32, batch_size=4, **changes)
    return {
        "run": RUN,
        "dataset": {"name": "made_up", "size": "40x44"},
        "model": model,
        "loss": {"name": "norm_in_norm", "options": {"p": 2}},
        "recipe": plain(recipe),
    }


def train(pictures, split, folder, *words, **options):
    given = ["train", "--spec", json.dumps(spec(**options)), "--code", "abc"]
    given += ["--pictures", pictures, "--split", split, "--output", folder, *words]
    return main(list(map(str, given)))


@pytest.fixture(scope="module")
def run(pictures, split):
    folder = pictures.parent / "run"
    assert train(pictures, split, folder, "--state", pictures.parent / "state.pt") == 0
    assert not (pictures.parent / "state.pt").exists()  # nothing is left to go on with
    return folder


def test_the_same_training_twice_writes_the_same_bytes(run, pictures, split, tmp_path):
    assert train(pictures, split, tmp_path / "again") == 0
    for name in SAME:
        assert (run / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    one, other = (
        json.loads((folder / "record.json").read_text()) for folder in (run, tmp_path / "again")
    )
    assert {key for key in one if one[key] != other[key]} <= set(CLOCK)


@pytest.mark.parametrize("full", ["state", "run"])
def test_a_full_disk_is_named_and_the_training_goes_on_when_there_is_space(
    run, pictures, split, tmp_path, capsys, full
):
    """Either the kept epochs or the finished run find no space; the other disk has some."""
    with small_disk(tmp_path / "disk", "256k") as disk:
        places = {"state": tmp_path / "state.pt", "run": tmp_path / "run"}
        places[full] = disk / places[full].name
        words = (pictures, split, places["run"], "--state", places["state"])
        filler = fill(disk)
        assert train(*words) == 1
        said = capsys.readouterr().err
        assert "no space left on the device while writing; free some and run again" in said
        assert str(places[full]) in said
        assert not list(disk.rglob("*.part"))
        filler.unlink()
        assert places["state"].exists() is (full == "run"), "finished epochs are kept"
        assert train(*words) == 0
        for name in SAME:
            assert (places["run"] / name).read_bytes() == (run / name).read_bytes(), name


def test_a_training_killed_at_random_moments_ends_with_the_same_bytes(
    run, pictures, split, tmp_path
):
    folder, state = tmp_path / "run", tmp_path / "state.pt"
    kill_at_random(lambda: train(pictures, split, folder, "--state", state))
    for file in folder.glob("[!.]*"):
        if file.name in SAME:
            assert file.read_bytes() == (run / file.name).read_bytes(), "whole or not there"
    assert train(pictures, split, folder, "--state", state) == 0
    for name in SAME:
        assert (run / name).read_bytes() == (folder / name).read_bytes(), name


def test_predictions_killed_at_random_moments_end_with_the_same_bytes(
    run, pictures, split, tmp_path
):
    output, again = tmp_path / "one.csv.gz", tmp_path / "other.csv.gz"
    assert predict(run, pictures, split, output) == 0
    kill_at_random(lambda: predict(run, pictures, split, again))
    assert not again.exists() or again.read_bytes() == output.read_bytes()
    assert predict(run, pictures, split, again) == 0
    assert again.read_bytes() == output.read_bytes()


def test_the_record_says_what_was_trained(run):
    record = json.loads((run / "record.json").read_text(encoding="utf-8"))
    assert record["run"] == RUN
    assert record["spec"] == spec()
    assert record["code"] == "abc"
    assert record["choose"] == "best_validation"
    assert record["epochs"] == 3
    assert record["seed"] == 3
    assert 0 <= record["seconds_training"] + record["seconds_judging"] <= record["seconds"] + 0.2
    assert record["device"] == "cpu, 1 thread(s)"
    model = load_file(run / "weights.safetensors")
    assert record["parameters"] == sum(weight.numel() for weight in model.values())
    assert record["libraries"]["torch"] == torch.__version__.split("+")[0]


def test_the_weights_carry_their_spec(run):
    with safe_open(run / "weights.safetensors", "pt") as file:
        assert json.loads(file.metadata()["spec"]) == spec()


def test_the_history_has_a_row_an_epoch_and_the_chosen_one_is_its_best(run):
    history = pd.read_csv(run / "history.csv")
    measured = [f"{part}_{name}" for part in ("validation", "test") for name in ("srcc", "plcc")]
    assert list(history) == ["epoch", "lr", "train_loss", *measured]
    assert history["epoch"].tolist() == [1, 2, 3]
    record = json.loads((run / "record.json").read_text(encoding="utf-8"))
    assert record["epoch_chosen"] == 1 + history["validation_srcc"].argmax()


def test_scores_by_epoch_are_those_of_validation_and_test(run, split):
    scores = pd.read_csv(run / "epochs.csv.gz")
    assert list(scores) == ["name", "part", "epoch_1", "epoch_2", "epoch_3"]
    parts = pd.read_csv(split).set_index("name")["part"]
    assert scores["part"].tolist() == parts[scores["name"]].tolist()
    assert set(scores["name"]) == set(parts.index[parts != "train"])


def predict(run, pictures, split, output, *words):
    given = ["predict", "--run", run, "--pictures", pictures, "--split", split]
    return main(list(map(str, [*given, "--output", output, *words])))


def test_predictions_are_those_of_the_written_weights(run, pictures, split, tmp_path):
    assert predict(run, pictures, split, tmp_path / "predictions.csv.gz") == 0
    predictions = pd.read_csv(tmp_path / "predictions.csv.gz")
    assert list(predictions) == ["dataset", "name", "part", "mos", "predicted"]
    assert predictions["part"].value_counts().to_dict() == {"train": 9, "validation": 4, "test": 5}
    store = small.PictureStore.open(pictures)
    labels = store.labels.set_index("name")
    assert predictions["mos"].tolist() == labels["mos"][predictions["name"]].tolist()
    model = trained_model(spec()["model"], run / "weights.safetensors")
    for part, rows in small.thirds(store, 9, 4).items():
        scores = rounded(scores_of(model, store, rows, training_recipe(spec()["recipe"])))
        assert predictions["predicted"][predictions["part"] == part].tolist() == scores


def test_what_the_training_judged_is_not_computed_again(
    run, pictures, split, tmp_path, monkeypatch
):
    asked = []

    def counted(model, store, indices, *_):
        asked.extend(indices)
        return np.zeros(len(indices))

    monkeypatch.setattr("biqa.training.prediction.predict", counted)
    assert predict(run, pictures, split, tmp_path / "predictions.csv.gz") == 0
    assert asked == list(range(9))
    scores = pd.read_csv(run / "epochs.csv.gz").set_index("name")
    chosen = json.loads((run / "record.json").read_text())["epoch_chosen"]
    predictions = pd.read_csv(tmp_path / "predictions.csv.gz").set_index("name")["predicted"]
    np.testing.assert_array_equal(predictions[scores.index], scores[f"epoch_{chosen}"])


def test_a_split_that_the_run_was_not_trained_with_is_refused(
    run, pictures, split, tmp_path, capsys
):
    store = small.PictureStore.open(pictures)
    other = small.write_split(tmp_path / "split4.csv", store, small.thirds(store, 4, 9))
    assert predict(run, pictures, other, tmp_path / "predictions.csv.gz") == 1
    error = capsys.readouterr().err
    assert "no score of made_up004.png, which the split has in its validation part" in error
    assert not (tmp_path / "predictions.csv.gz").exists()


def test_pictures_of_another_database_are_all_judged(run, pictures, split, tmp_path):
    other = small.write_pictures(tmp_path / "other", [(33, 36), (64, 40)], dataset="other", seed=5)
    output = tmp_path / "predictions.csv.gz"
    assert predict(run, pictures, split, output, "--also", other) == 0
    predictions = pd.read_csv(output)
    cross = predictions[predictions["part"] == "cross"]
    assert cross["name"].tolist() == ["other000.png", "other001.png"]
    assert set(cross["dataset"]) == {"other"}
    assert set(predictions["dataset"][predictions["part"] != "cross"]) == {"made_up"}


def test_predictions_name_the_subsets_where_a_database_has_some(run, pictures, split, tmp_path):
    other = small.write_pictures(tmp_path / "other", [(33, 36), (64, 40)], dataset="other", seed=5)
    table = pd.read_csv(other / "pictures.csv").assign(group=["one", "two"])
    table.to_csv(other / "pictures.csv", index=False)
    output = tmp_path / "predictions.csv.gz"
    assert predict(run, pictures, split, output, "--also", other) == 0
    predictions = pd.read_csv(output, keep_default_na=False)
    assert list(predictions) == ["dataset", "name", "part", "group", "mos", "predicted"]
    assert predictions["group"].tolist() == [""] * 18 + ["one", "two"]


def test_threads_of_a_training_come_from_its_recipe(pictures, split, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    hardware = small.recipe().hardware.__class__(threads=2)
    assert train(pictures, split, tmp_path / "run", hardware=hardware) == 0
    assert asked == [2]


def test_a_network_without_prior_starts_at_the_mean_of_its_training_part(
    pictures, split, tmp_path, monkeypatch
):
    from biqa.models.quality import QualityModel

    started = []
    monkeypatch.setattr(QualityModel, "initial_bias", lambda model, mean: started.append(mean))
    assert train(pictures, split, tmp_path / "run", label_scale=10.0) == 0
    store = small.PictureStore.open(pictures)
    assert started == [pytest.approx(10 * store.labels["mos"][:9].mean(), rel=1e-12)]


def test_runs_of_two_splits_or_seeds_have_seeds_of_their_own():
    seeds = [run_seed(seed, split) for seed in range(3) for split in range(1000)]
    assert len(set(seeds)) == len(seeds)


def prior(kind, pictures, folder, model, *more, **changes):
    recipe = PriorRecipe(
        kind, Views(crop=32), steps=2, lr=0.01, batch_size=4, inner_steps=1, tasks_per_step=2
    )
    given = {
        "prior": "made_up",
        "dataset": {"name": "made_up", "size": "40x44"},
        "model": {**CNNIQA, **model},
        "recipe": {**plain(recipe), **changes},
    }
    folders = pictures if isinstance(pictures, list) else [pictures]
    words = ["prior", "--spec", json.dumps(given), "--pictures", *folders, "--output", folder]
    return main(list(map(str, [*words, *more])))


SCNN = {"name": "scnn", "options": {"width": 0.05}}


@pytest.mark.parametrize(
    ("kind", "model"), [("bilevel", {}), ("pooled", {}), ("distortion_classes", SCNN)]
)
def test_the_same_prior_twice_writes_the_same_bytes(pictures, tmp_path, kind, model):
    for name in ("one", "other"):
        assert prior(kind, pictures, tmp_path / name, model) == 0
    for file in ("weights.safetensors", "history.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()
    assert pd.read_csv(tmp_path / "one" / "history.csv")["step"].tolist() == [1, 2]
    record = json.loads((tmp_path / "one" / "record.json").read_text())
    assert record["spec"]["recipe"]["kind"] == kind


@pytest.mark.parametrize("kind", ["bilevel", "pooled"])
def test_a_prior_of_a_division_sees_its_training_part_alone(pictures, split, tmp_path, kind):
    other = tmp_path / "other"
    shutil.copytree(pictures, other)
    table = pd.read_csv(other / "pictures.csv", keep_default_na=False)
    table.loc[9:, "mos"] = 0.5  # the split trains on the first nine
    table.to_csv(other / "pictures.csv", index=False)
    pixels = bytearray((other / "pixels.bin").read_bytes())
    pixels[table["offset"][9] :] = bytes(len(pixels) - table["offset"][9])
    (other / "pixels.bin").write_bytes(pixels)
    for name, folder in (("one", pictures), ("other", other)):
        assert prior(kind, folder, tmp_path / f"prior_{name}", {}, "--split", split) == 0
    one, two = (tmp_path / f"prior_{name}" / "weights.safetensors" for name in ("one", "other"))
    assert one.read_bytes() == two.read_bytes()
    assert prior(kind, pictures, tmp_path / "whole", {}) == 0
    assert (tmp_path / "whole" / "weights.safetensors").read_bytes() != one.read_bytes()


def test_a_prior_as_released_is_made_by_the_same_step(pictures, tmp_path):
    changes = {"variant": "released_code", "head_lr": 0.02, "decay_steps": 2, "decay_factor": 0.9}
    for name in ("one", "other"):
        assert prior("bilevel", pictures, tmp_path / name, {}, **changes) == 0
    one, other = (tmp_path / name / "weights.safetensors" for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()
    assert prior("bilevel", pictures, tmp_path / "paper", {}) == 0
    assert (tmp_path / "paper" / "weights.safetensors").read_bytes() != one.read_bytes()


@pytest.fixture
def both(pictures, tmp_path):
    other = tmp_path / "second"
    small.write_pictures(other, [(44, 40)] * 18, seed=8, n_references=3, dataset="second")
    return [pictures, other]


@pytest.mark.parametrize(
    ("kind", "variant"),
    [("bilevel", "paper"), ("bilevel", "released_code"), ("pooled", "paper")],
)
def test_a_prior_of_two_databases_learns_from_both(pictures, both, tmp_path, kind, variant):
    made = [tmp_path / name / "weights.safetensors" for name in ("one", "again", "alone")]
    folders = (both, both, [pictures])
    for file, named in zip(made, folders, strict=True):
        assert prior(kind, named, file.parent, {}, variant=variant, steps=4) == 0
    assert made[0].read_bytes() == made[1].read_bytes() != made[2].read_bytes()


def test_distortions_of_two_databases_are_classes_of_their_own(both, tmp_path):
    assert prior("distortion_classes", both, tmp_path / "prior", SCNN) == 0
    found = load_file(tmp_path / "prior" / "weights.safetensors")["classifier.bias"]
    assert found.shape == (3 + 6,)


def test_a_division_is_of_one_database(both, split, tmp_path, capsys):
    assert prior("pooled", both, tmp_path / "prior", {}, "--split", split) == 1
    assert "is of one database, and --pictures names 2" in capsys.readouterr().err


def test_a_classifier_of_distortions_has_a_class_a_type_and_level(pictures, tmp_path):
    assert prior("distortion_classes", pictures, tmp_path, SCNN) == 0
    assert load_file(tmp_path / "weights.safetensors")["classifier.bias"].shape == (3,)


def test_a_network_trained_from_a_prior_keeps_its_bias(pictures, split, tmp_path):
    assert prior("pooled", pictures, tmp_path / "prior", {}) == 0
    weights = tmp_path / "prior" / "weights.safetensors"
    model = {**CNNIQA, "prior": {"name": "made_up", "kind": "pooled"}}
    words = ["--prior", weights]
    assert train(pictures, split, tmp_path / "run", *words, model=model, freeze=("fc3",)) == 0
    bias = load_file(weights)["fc3.bias"]
    assert torch.equal(load_file(tmp_path / "run" / "weights.safetensors")["fc3.bias"], bias)
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert [note["source"] for note in record["weights"]] == [f"file:{weights}"]


def test_distortion_classes_of_another_network_are_refused(pictures, tmp_path, capsys):
    assert prior("distortion_classes", pictures, tmp_path / "prior", {}) == 1
    assert "trains the model 'scnn' from weights 'none', found 'cnniqa'" in capsys.readouterr().err
    assert not (tmp_path / "prior").exists()
