"""Every network takes a training step with every loss, and is judged afterwards."""

from typing import Any

import numpy as np
import pytest
import small_pictures as small
import torch
from small_models import SMALL

from biqa.losses import known_losses, loss
from biqa.models import create_model
from biqa.protocols import Protocol
from biqa.recipes import Recipe, Views
from biqa.training.loop import train

SIDE = 72  # pixels; every small network takes it
CROP = 64
BATCH = 4
LEAST_WIDTH = 0.125  # eight channels in a ResNet, see ``wide_enough``


def wide_enough(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a network without strided 1x1 convolutions of fewer than 8 channels.

    In their gradient torch 2.15 writes beyond its memory, on one thread of a processor without
    AVX-512 and with the channels last, as they are in training.
    """
    if "width" not in options:
        return options
    return {**options, "width": max(options["width"], LEAST_WIDTH)}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("every") / "pictures"
    return small.open_pictures(folder, [(SIDE, SIDE)] * (BATCH + 3), seed=6)


@pytest.mark.parametrize("name", known_losses())
@pytest.mark.parametrize("model", SMALL)
def test_a_network_learns_and_is_judged_with_a_loss(store, model, name):
    torch.manual_seed(0)
    network = create_model(model, **wide_enough(SMALL[model][0]))
    before = small.weights_of(network)
    protocol = Protocol("one", 0.6, 0.0, 0.4, choose="last")
    recipe = Recipe(protocol, Views(crop=CROP), epochs=1, batch_size=BATCH, lr=1e-3)
    parts = small.thirds(store, BATCH, 0)
    progress = train(network, store, parts, loss(name), recipe, seed=1)
    assert np.isfinite(progress.history[0]["train_loss"])
    assert np.isfinite(progress.predicted[0]["test"]).all()
    after = small.weights_of(network)
    trained = [key for key, _ in network.named_parameters()]
    moved = not all(torch.equal(before[key], after[key]) for key in trained)
    assert moved or progress.history[0]["train_loss"] == 0  # MONO asks nothing of the right order
