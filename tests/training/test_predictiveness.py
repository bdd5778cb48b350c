"""Gradients watched along a run are those of the run, and watching changes nothing of it."""

import numpy as np
import pytest
import torch
from small_pictures import (
    LinearModel,
    SmallNetwork,
    assert_same_bits,
    open_pictures,
    recipe,
    seeded,
    thirds,
    weights_of,
)
from torch.testing import assert_close

from biqa.losses import loss
from biqa.theory.predictiveness import DISTANCES, Probe, watched_training
from biqa.training.loop import train

SIZES = [(12, 12)] * 24


@pytest.fixture
def store(tmp_path):
    return open_pictures(tmp_path / "pictures", SIZES)


def watched(store, model, *, every, name="mse"):
    train_part = thirds(store, 16, 4)["train"]
    return watched_training(model, store, train_part, loss(name), recipe(), seed=5, every=every)


def test_the_training_has_the_bits_of_one_that_nobody_watches(store):
    plain, seen = seeded(SmallNetwork), seeded(SmallNetwork)
    train(plain, store, thirds(store, 16, 4), loss("mse"), recipe(), seed=5)
    rows = watched(store, seen, every=1)
    assert_same_bits(weights_of(seen), weights_of(plain))
    assert len(rows) == 4 * 4 * len(DISTANCES)  # epochs, steps an epoch


def test_looks_are_every_so_many_steps_at_every_distance(store):
    rows = watched(store, seeded(LinearModel), every=3)
    assert [row["step"] for row in rows[:: len(DISTANCES)]] == [0, 3, 6, 9, 12, 15]
    assert [row["distance"] for row in rows[: len(DISTANCES)]] == list(DISTANCES)


def quadratic(model: LinearModel, images: torch.Tensor, labels: torch.Tensor):
    """Return the gradient of the MSE of a linear model and its Hessian, by hand."""
    inputs = torch.cat([images.mean(dim=(2, 3)), torch.ones(len(images), 1)], dim=1).double()
    weights = torch.cat([model.fc.weight.flatten(), model.fc.bias]).detach().double()
    hessian = 2 * inputs.T @ inputs / len(images)
    gradient = 2 * inputs.T @ (inputs @ weights - labels.double()) / len(images)
    return weights, gradient, hessian


def test_a_look_is_that_of_a_quadratic_worked_out_by_hand(rng):
    model = seeded(LinearModel)
    images = torch.tensor(rng.normal(size=(6, 3, 4, 4)), dtype=torch.float32)
    noise = torch.tensor(rng.random(6), dtype=torch.float32)
    labels = model(images).detach() + 0.01 * noise  # so near the minimum that steps go beyond it
    before = weights_of(model)
    probe = Probe(model, [(images, labels)], loss("mse"), recipe(), every=1)
    probe(None)
    weights, here, hessian = quadratic(model, images, labels)
    assert probe.rows[-1]["cosine"] < 0 < probe.rows[0]["cosine"]
    for row, distance in zip(probe.rows, DISTANCES, strict=True):
        step = -distance * weights.norm() / here.norm() * here
        there = here + hessian @ step
        cosine = here @ there / (here.norm() * there.norm())
        change = (there - here).norm() / here.norm()
        assert row["gradient_length"] == pytest.approx(here.norm().item(), rel=1e-4)
        assert row["cosine"] == pytest.approx(cosine.item(), abs=1e-4)
        assert row["relative_change"] == pytest.approx(change.item(), rel=1e-3)
    assert_same_bits(weights_of(model), before)


def test_batch_norm_and_random_numbers_are_put_back(store):
    model = seeded(SmallNetwork)
    model.train()
    before, numbers = weights_of(model), torch.random.get_rng_state()
    images = torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    Probe(model, [(images, torch.rand(4, generator=torch.Generator()))], *_mse(), every=1)(None)
    assert_same_bits(weights_of(model), before)
    assert_close(torch.random.get_rng_state(), numbers)
    assert all(weight.grad is None for weight in model.parameters())


def _mse():
    return loss("mse"), recipe()


def test_numbers_are_finite_and_cosines_in_range(store):
    rows = watched(store, seeded(SmallNetwork), every=2, name="norm_in_norm")
    for key in ("cosine", "relative_change", "gradient_length"):
        assert np.isfinite([row[key] for row in rows]).all()
    assert all(abs(row["cosine"]) <= 1 + 1e-6 for row in rows)
