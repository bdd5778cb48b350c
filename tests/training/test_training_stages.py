"""A training in stages: each has its own optimiser, what it freezes stays, a killed one goes on."""

from pathlib import Path

import numpy as np
import pytest
import small_pictures as small
import torch
import yaml

from biqa.errors import InputError
from biqa.losses import loss
from biqa.models import create_model
from biqa.recipes import Stage, plain, training_recipe
from biqa.training.epoch import hold_still
from biqa.training.loop import train
from biqa.training.stages import stages_of, thaw

RECIPES = Path(__file__).parents[2] / "config" / "recipes"
MSE = loss("mse")
TWO_STEPS = (  # DBCNN's: the head first, then everything
    Stage(epochs=2, optimizer="sgd", lr=0.05, freeze=("encoder",)),
    Stage(epochs=2, optimizer="adam", lr=0.003, batch_size=3),
)


class KilledError(Exception):
    """Stands for the signal that ends a process."""


@pytest.fixture
def store(tmp_path):
    return small.open_pictures(tmp_path / "pictures", [(10, 12)] * 20)


@pytest.fixture
def parts(store):
    return small.thirds(store, 11, 4)


def trained(store, parts, recipe, *, state=None, killed_in=0, model=None):
    """Return the progress and the weights after each epoch of this call."""
    model = model or small.seeded(small.SmallNetwork)
    seen = []

    def report(row):
        seen.append(small.weights_of(model))
        if row["epoch"] == killed_in:
            raise KilledError

    return train(model, store, parts, MSE, recipe, seed=7, state=state, report=report), seen


def test_a_stage_is_the_recipe_with_what_it_says():
    recipe = small.recipe(epochs=4, lr=0.2, batch_size=8, weight_decay=0.1, stages=TWO_STEPS)
    (zero, head), (two, everything) = stages_of(recipe)
    assert (zero, two) == (0, 2)
    assert (head.epochs, head.lr, head.optimizer, head.batch_size) == (2, 0.05, "sgd", 8)
    assert (everything.lr, everything.optimizer, everything.batch_size) == (0.003, "adam", 3)
    assert (head.freeze, everything.freeze) == (("encoder",), ())
    assert head.weight_decay == everything.weight_decay == 0.1


def test_a_recipe_without_stages_is_its_own():
    recipe = small.recipe()
    assert list(stages_of(recipe)) == [(0, recipe)]


def test_a_frozen_encoder_stays_in_its_stage_and_learns_in_the_next(store, parts):
    start = small.weights_of(small.seeded(small.SmallNetwork))
    _, seen = trained(store, parts, small.recipe(epochs=4, stages=TWO_STEPS))
    for weights in seen[:2]:
        for name in start:
            same = torch.equal(weights[name], start[name])
            assert same == name.startswith("encoder"), name
    assert not torch.equal(seen[2]["encoder.0.weight"], start["encoder.0.weight"])
    assert not torch.equal(seen[2]["encoder.1.running_mean"], start["encoder.1.running_mean"])


def test_a_head_learns_by_the_optimiser_of_its_stage(store, parts):
    """The first stage alone, by hand: momentum descent on the mean colour of the pictures."""
    stages = (Stage(epochs=1, optimizer="sgd", lr=0.05), Stage(epochs=1, lr=0.003))
    recipe = small.recipe(epochs=2, crop=0, batch_size=11, stages=stages)
    model = small.seeded(small.LinearModel)
    weight, bias = (value.detach().double().numpy().copy() for value in model.parameters())
    _, seen = trained(store, parts, recipe, model=model)
    pixels = np.stack([store.picture(i) for i in parts["train"]]) / 255
    colours = ((pixels - model.mean) / model.std).mean(axis=(1, 2))
    mos = store.labels["mos"].to_numpy()[parts["train"]]
    error = colours @ weight[0] + bias - mos
    weight[0] -= 0.05 * 2 * (error[:, None] * colours).mean(axis=0)
    bias -= 0.05 * 2 * error.mean()
    np.testing.assert_allclose(seen[0]["fc.weight"], weight, rtol=1e-5)
    np.testing.assert_allclose(seen[0]["fc.bias"], bias, rtol=1e-5)
    moved = (seen[1]["fc.weight"] - seen[0]["fc.weight"]).abs()  # Adam's first step is lr
    np.testing.assert_allclose(moved, 0.003, rtol=1e-3)


@pytest.mark.parametrize("killed_in", [1, 2, 3])
def test_a_training_killed_in_or_between_stages_goes_on_as_if_not(
    store, parts, tmp_path, killed_in
):
    recipe = small.recipe(epochs=4, choose="last", stages=TWO_STEPS, schedule="cosine")
    whole, _ = trained(store, parts, recipe)
    state = tmp_path / "state.pt", "key"
    with pytest.raises(KilledError):
        trained(store, parts, recipe, state=state, killed_in=killed_in)
    done, seen = trained(store, parts, recipe, state=state)
    assert len(seen) == 4 - killed_in + 1
    small.assert_same_bits(done.chosen_weights, whole.chosen_weights)
    for mine, theirs in zip(done.history, whole.history, strict=True):
        assert mine == theirs


def test_an_epoch_of_two_passes_is_two_epochs_judged_once(store, parts):
    _, single = trained(store, parts, small.recipe(epochs=4))
    done, double = trained(store, parts, small.recipe(epochs=2, passes=2))
    assert [row["epoch"] for row in done.history] == [1, 2]
    small.assert_same_bits(double[0], single[1])
    small.assert_same_bits(double[1], single[3])


def test_stages_survive_json_and_have_to_fill_the_epochs():
    recipe = small.recipe(epochs=4, stages=TWO_STEPS)
    assert training_recipe(plain(recipe)) == recipe
    with pytest.raises(InputError, match="epochs is 5, but its stages have 4"):
        small.recipe(epochs=5, stages=TWO_STEPS)


@pytest.mark.parametrize(
    ("file", "model", "learning"),
    [("paper_dbcnn", "dbcnn", "fc."), ("paper_hyperiqa_released", "hyperiqa", ("encoder.", "lda"))],
)
def test_the_stages_of_a_paper_leave_the_parts_that_it_says_learning(file, model, learning):
    raw = yaml.safe_load((RECIPES / f"{file}.yaml").read_text(encoding="utf-8"))
    network = create_model(model, weights="none", width=0.0625)
    for _, stage in stages_of(training_recipe(raw)):
        thaw(network, training_recipe(raw))
        hold_still(network, stage.freeze)
        free = {name for name, value in network.named_parameters() if value.requires_grad}
        own = {name for name, _ in network.named_parameters() if name.startswith(learning)}
        assert free == (own if stage.freeze else {name for name, _ in network.named_parameters()})
        assert own
