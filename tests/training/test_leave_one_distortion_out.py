"""From pictures to a judged run that saw nothing of the distortion it is judged on."""

import json

import numpy as np
import pandas as pd
import pytest
import small_pictures as small
from safetensors.torch import load_file

from biqa.__main__ import main
from biqa.evaluation import gather
from biqa.metrics import srcc
from biqa.protocols import Protocol
from biqa.recipes import PriorRecipe, Views, plain

PROTOCOL = Protocol("lodo", 0.9, 0.0, 0.1, choose="last", by="distortion")
MODEL = {"name": "cnniqa", "options": {"kernels": 3, "hidden": [4, 4]}, "weights": "none"}
DATASET = {"name": "made_up", "size": "40x44"}
SPLIT = 1  # of blur, jpeg, noise
RUN = {"dataset": "made_up", "model": "meta", "loss": "mse", "recipe": "lodo", "split": SPLIT}


def step(*words):
    assert main(list(map(str, words))) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make split, prior, run and predictions as the workflow does, step by step."""
    folder = tmp_path_factory.mktemp("lodo")
    pictures = small.write_pictures(folder / "own", [(40, 44)] * 36, n_references=6)
    split, prior, run = folder / "split.csv", folder / "prior", folder / "run"
    words = ["split", "--pictures", pictures / "pictures.csv", "--seed", 1, "--index", SPLIT]
    step(*words, "--protocol", json.dumps(plain(PROTOCOL)), "--output", split)
    scheme = PriorRecipe(
        "bilevel", Views(crop=32), steps=2, lr=0.01, batch_size=4, inner_steps=2, tasks_per_step=2
    )
    spec = {"prior": "meta", "dataset": DATASET, "model": {**MODEL, "prior": None}}
    words = ["prior", "--spec", json.dumps(spec | {"recipe": plain(scheme)}), "--split", split]
    step(*words, "--pictures", pictures, "--output", prior)
    spec = {"run": RUN, "dataset": DATASET, "loss": {"name": "mse", "options": {}}}
    spec["model"] = {**MODEL, "prior": {"name": "meta", "kind": "bilevel"}}
    spec["recipe"] = plain(small.recipe(epochs=0, crop=32)) | {"protocol": plain(PROTOCOL)}
    words = ["train", "--spec", json.dumps(spec), "--pictures", pictures, "--split", split]
    step(*words, "--prior", prior / "weights.safetensors", "--output", run)
    words = ["predict", "--run", run, "--pictures", pictures, "--split", split, "--also"]
    step(*words, "--output", run / "predictions.csv.gz")
    return folder


def test_the_test_part_is_all_of_one_distortion(folder):
    labels = small.PictureStore.open(folder / "own").labels.set_index("name")["distortion"]
    parts = pd.read_csv(folder / "split.csv").set_index("name")["part"]
    assert set(labels[parts[parts == "test"].index]) == {"jpeg"}
    assert set(labels[parts[parts == "train"].index]) == {"blur", "noise"}


def test_the_judged_network_is_the_prior(folder):
    prior, run = (load_file(folder / name / "weights.safetensors") for name in ("prior", "run"))
    small.assert_same_bits(prior, run)


def test_it_is_judged_once_as_epoch_0_on_what_was_left_out(folder):
    metrics, curves = gather([folder / "run"])
    assert curves["epoch"].tolist() == [0]
    assert set(metrics["choice"]) == {"last", "best_test"}
    assert metrics["epoch"].tolist() == [0, 0]
    predictions = pd.read_csv(folder / "run" / "predictions.csv.gz")
    test = predictions[predictions["part"] == "test"]
    assert metrics["n_pictures"].tolist() == [len(test)] * 2 == [12, 12]
    expected = srcc(test["predicted"].to_numpy(), test["mos"].to_numpy())
    np.testing.assert_allclose(metrics["srcc"], expected, atol=1e-10)
    assert metrics["protocol_choice"].tolist() == (metrics["choice"] == "last").tolist()
