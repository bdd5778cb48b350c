"""HyperIQA's judging network and its sizes, against loops and the released code's numbers."""

import math

import pytest
import torch
from torch.testing import assert_close

from biqa.models import create_model
from biqa.models.hyperiqa import judged_by
from biqa.models.stages import stage_maps

SMALL = {"width": 0.05, "side": 64, "target": (40, 16, 8, 8, 4), "lda": 8, "hyper": 8}


@pytest.mark.data
def test_the_judging_network_is_that_of_the_released_code(block):
    inputs, outputs = block("hyperiqa/target_network")
    layers = [
        (inputs[f"target_fc{number}w"][..., 0, 0], inputs[f"target_fc{number}b"])
        for number in range(1, 6)
    ]
    scores = judged_by(layers, inputs["target_in_vec"][..., 0, 0])
    assert_close(scores.squeeze(-1), outputs["score"], rtol=1e-9, atol=0)


def test_the_judging_network_by_hand():
    layers = [
        (torch.tensor([[[2.0, -1.0]], [[0.5, 0.0]]]), torch.tensor([[0.5], [1.0]])),
        (torch.tensor([[[3.0]], [[-2.0]]]), torch.tensor([[0.1], [0.2]])),
    ]
    scores = judged_by(layers, torch.tensor([[1.0, 4.0], [2.0, 9.0]]))
    expected = [3 / (1 + math.exp(1.5)) + 0.1, -2 / (1 + math.exp(-2.0)) + 0.2]
    assert_close(scores.squeeze(-1).tolist(), expected, rtol=1e-6, atol=0)


@pytest.mark.data
def test_full_size_maps_and_written_weights_are_those_of_the_released_code(references_folder):
    with torch.device("meta"):
        model = create_model("hyperiqa")
        maps = stage_maps(model.encoder, torch.empty(2, 3, 224, 224))
        assert model.lda1_pool(maps[0]).shape == (2, 16 * 8 * 8)
        assert model.lda2_pool(maps[1]).shape == (2, 32 * 4 * 4)
        assert model.lda3_pool(maps[2]).shape == (2, 64 * 2 * 2)
        content = model.conv1(maps[3])
        assert content.shape == (2, 112, 7, 7)
        written = [model.get_submodule(f"fc{k}w_conv")(content).shape for k in range(1, 5)]
        assert written == [(2, channels, 7, 7) for channels in (512, 128, 32, 8)]
        assert model(torch.empty(2, 3, 224, 224)).shape == (2,)


def test_weights_are_written_for_each_picture_in_the_order_of_the_maps(rng):
    torch.manual_seed(8)
    model = create_model("hyperiqa", **SMALL).eval()
    images = torch.tensor(rng.random(size=(2, 3, 64, 64)), dtype=torch.float32)
    with torch.no_grad():
        maps = stage_maps(model.encoder, images)
        content = model.conv1(maps[3])
        mean = content.mean(dim=(2, 3))
        seen = [
            model.get_submodule(f"lda{k}_fc")(model.get_submodule(f"lda{k}_pool")(maps[k - 1]))
            for k in (1, 2, 3)
        ]
        vectors = torch.cat([*seen, model.lda4_fc(maps[3].mean(dim=(2, 3)))], dim=1)
        for k, score in enumerate(model.crop_scores(images)):
            x = vectors[k]
            for number, size in enumerate((16, 8, 8, 4), start=1):
                flat = model.get_submodule(f"fc{number}w_conv")(content)[k].flatten()
                bias = model.get_submodule(f"fc{number}b_fc")(mean)[k]
                rows = [flat[row * len(x) : (row + 1) * len(x)] for row in range(size)]
                x = (torch.stack([(row * x).sum() for row in rows]) + bias).sigmoid()
            expected = (model.fc5w_fc(mean)[k] * x).sum() + model.fc5b_fc(mean)[k, 0]
            assert_close(score, expected, rtol=1e-5, atol=1e-6)


def test_distortion_modules_learn_at_the_rate_of_the_backbone():
    model = create_model("hyperiqa", **SMALL)
    groups = {group["name"]: group for group in model.parameter_groups(lr=1e-3, backbone_lr=1e-4)}
    slow = {id(parameter) for parameter in groups["backbone"]["params"]}
    for name, parameter in model.named_parameters():
        assert (id(parameter) in slow) == name.startswith(("encoder.", "lda"))


def test_scores_keep_float32_where_the_rest_computes_in_bfloat16(rng):
    torch.manual_seed(8)
    model = create_model("hyperiqa", **SMALL).eval()
    images = torch.tensor(rng.random(size=(4, 3, 64, 64)), dtype=torch.float32)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        scores = model(images)
    assert scores.dtype == torch.float32
    assert not torch.equal(scores, scores.bfloat16().float())
