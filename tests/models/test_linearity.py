"""LinearityIQA's pooling, heads and loss, against loops and the released code's numbers."""

import pytest
import torch
import torchvision
from torch.testing import assert_close

from biqa.errors import InputError
from biqa.losses import loss
from biqa.models import create_model
from biqa.models.pyramid_pooling import STATISTICS, pyramid_pooling
from biqa.models.stages import stage_channels, stage_maps

SMALL = {"encoder": "resnet18", "width": 0.1, "reduced": (16, 12, 8)}


@pytest.fixture
def images(rng):
    return torch.tensor(rng.random(size=(3, 3, 64, 70)), dtype=torch.float32)


@pytest.fixture
def model():
    torch.manual_seed(6)
    return create_model("linearity", **SMALL)


@pytest.mark.data
@pytest.mark.parametrize("method", STATISTICS)
@pytest.mark.parametrize("levels", [1, 2])
def test_pooling_is_that_of_the_released_code(method, levels, block):
    inputs, outputs = block("linearityiqa/pooling")
    pooled = pyramid_pooling(inputs["x"], levels=levels, method=method)
    assert_close(pooled[0], outputs[f"{method}-P{levels}"], rtol=1e-9, atol=1e-12)


def test_pooling_keeps_its_gradient_where_a_map_is_flat():
    maps = torch.full((1, 2, 4, 4), 0.3, requires_grad=True)
    pyramid_pooling(maps, levels=2, method="std").sum().backward()
    assert maps.grad.isfinite().all()


def test_pooling_has_p_by_p_cells_whatever_the_size_and_refuses_fewer_pixels():
    assert pyramid_pooling(torch.rand(1, 2, 7, 9), levels=3, method="avg").shape == (1, 2 * 14)
    with pytest.raises(InputError, match="a feature map of 2x9 has no 3x3 cells"):
        pyramid_pooling(torch.rand(1, 2, 2, 9), levels=3, method="avg")


def test_stage_maps_are_those_of_torchvision(images):
    theirs = torchvision.models.resnet18().eval()
    expected = images
    for name, layer in list(theirs.named_children())[:-2]:
        expected = layer(expected)
        if name == "layer3":
            third = expected
    maps = stage_maps(theirs, images)
    assert torch.equal(maps[2], third)
    assert torch.equal(maps[3], expected)
    assert tuple(part.shape[1] for part in maps) == stage_channels("resnet18", 1.0)


def test_each_head_scores_its_own_tap_and_the_last_one_both(model, images):
    model.eval()
    with torch.no_grad():
        _, _, third, fourth = stage_maps(model.encoder, images)
        features6 = model.dr6(third.mean(dim=(2, 3)))
        features7 = model.dr7(fourth.mean(dim=(2, 3)))
        expected = [
            model.regr6[0](features6),
            model.regr7[0](features7),
            model.regression[0](torch.cat([features6, features7], dim=1)),
        ]
        assert_close(model.scores(images), torch.stack(expected)[..., 0])
        assert_close(model(images), expected[2][:, 0])


@pytest.mark.parametrize("name", ["mse", "norm_in_norm"])
@pytest.mark.parametrize("betas", [(0.1, 0.1, 1.0), (0.0, 0.5, 2.0)])
def test_the_training_loss_is_the_weighted_sum_over_the_heads(name, betas, model, images):
    model.eval()
    model.betas = betas
    mos = torch.tensor([0.2, 0.9, 0.4])
    first, second, last = model.scores(images)
    one = loss(name)
    expected = betas[0] * one(first, mos) + betas[1] * one(second, mos) + betas[2] * one(last, mos)
    assert_close(model.training_loss(images, mos, one), expected)


@pytest.mark.parametrize("bn_end", [False, True])
def test_all_heads_start_at_the_mean(bn_end, images):
    model = create_model("linearity", bn_end=bn_end, **SMALL).train()
    model.initial_bias(0.7)
    for head in (model.regr6, model.regr7, model.regression):
        torch.nn.init.zeros_(head[0].weight)
    with torch.no_grad():
        assert_close(model.scores(images), torch.full((3, 3), 0.7))


def test_a_batch_norm_at_the_end_makes_the_scores_of_a_batch_of_unit_spread(images):
    model = create_model("linearity", bn_end=True, **SMALL).train()
    with torch.no_grad():
        scores = model.scores(images)
    assert_close(scores.mean(dim=1), torch.zeros(3), rtol=0, atol=1e-5)
    assert_close(scores.std(dim=1, correction=0), torch.ones(3), rtol=0.05, atol=0)
