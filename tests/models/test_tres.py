"""TReS's pooling, place code and ranking terms, against loops and the released code's numbers."""

import pytest
import torch
from torch.nn.functional import l1_loss, triplet_margin_loss
from torch.testing import assert_close

from biqa.errors import InputError
from biqa.losses import loss
from biqa.models import create_model
from biqa.models.blur_pooling import blur_pooling
from biqa.models.place_code import place_code
from biqa.models.stages import stage_maps
from biqa.models.tres import extremes_ranking

SMALL = {"encoder": "resnet18", "width": 1 / 16, "side": 64, "heads": 4}


@pytest.fixture
def images(rng):
    return torch.tensor(rng.random(size=(4, 3, 64, 64)), dtype=torch.float32)


@pytest.mark.data
def test_blur_pooling_is_that_of_the_released_code(block):
    inputs, outputs = block("tres/l2_pooling")
    assert_close(blur_pooling(inputs["x"]), outputs["y"], rtol=1e-9, atol=1e-12)


@pytest.mark.data
def test_the_place_code_is_that_of_the_released_code(block):
    _, outputs = block("tres/position_code")
    code = place_code(8, 2, 3, device=torch.device("cpu"))
    assert_close(code.double(), outputs["y"], rtol=0, atol=1e-6)


def test_ranking_is_two_triplet_losses_on_the_extremes(rng):
    scores = torch.tensor(rng.normal(size=7))
    mos = torch.tensor(rng.permutation(7) / 6.0)
    by_mos = [scores[(mos == level).nonzero().item()].view(1, 1) for level in mos.sort().values]
    first = triplet_margin_loss(by_mos[0], by_mos[1], by_mos[-1], margin=5 / 6, p=1, eps=0)
    second = triplet_margin_loss(by_mos[-1], by_mos[-2], by_mos[0], margin=5 / 6, p=1, eps=0)
    assert_close(extremes_ranking(scores, mos), first + second)


def test_ranking_is_zero_for_perfect_scores():
    mos = torch.tensor([0.2, 0.9, 0.5, 0.4])
    assert_close(extremes_ranking(mos, mos), torch.tensor(0.0))


def test_the_training_loss_has_the_released_terms(images):
    torch.manual_seed(5)
    model = create_model("tres", **SMALL).eval()  # no dropout, so that terms can be compared
    mos = torch.tensor([0.1, 0.8, 0.5, 0.3])
    with torch.no_grad():
        plain = model._judged(images, drop_maps=False)
        mirror = model._judged(images.flip(3), drop_maps=False)
        expected = loss("mae")(plain[0], mos) + loss("mae")(mirror[0], mos)
        expected += 2 * (l1_loss(plain[1], mirror[1]) + l1_loss(plain[2], mirror[2]))
        first, second = extremes_ranking(plain[0], mos), extremes_ranking(mirror[0], mos)
        expected += 2 * 0.5 * (first - second).abs() + 0.05 * (first + second)
        assert_close(model.training_loss(images, mos, loss("mae")), expected)


def test_a_training_picture_has_the_size_of_a_crop(images):
    model = create_model("tres", **SMALL).train()
    with pytest.raises(InputError, match=r"is 64x60 pixels, expected 64x64: set views\.crop"):
        model.training_loss(images[..., :60], torch.rand(4), loss("mae"))


def test_the_stages_become_one_map_with_the_places_told_by_the_code(images):
    torch.manual_seed(5)
    model = create_model("tres", **SMALL).eval()
    entering = []
    model.transformer[0].register_forward_pre_hook(lambda _, inputs: entering.append(inputs))
    with torch.no_grad():
        model(images)
        features, code = entering[0]
        assert features.shape == (4, 2 * 2, 4 + 8 + 16 + 32)
        for stage, cell, first in zip(
            stage_maps(model.encoder, images), (8, 4, 2, 1), (0, 4, 12, 28), strict=True
        ):
            unit = stage / stage.norm(dim=1, keepdim=True).clamp(min=1e-12)
            pooled = blur_pooling(unit)[2, :, cell : 2 * cell, :cell].mean(dim=(1, 2))
            assert_close(features[2, 2, first : first + len(pooled)], pooled)  # row 1, column 0
    assert_close(code[2], place_code(60, 2, 2, device=torch.device("cpu"))[:, 1, 0])
