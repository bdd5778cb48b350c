"""WaDIQaM's patches and weighted mean, against plain loops and the released code's numbers."""

import pytest
import torch
from torch.testing import assert_close

from biqa.models import create_model

SMALL = {"width": 0.1, "hidden": 6}


@pytest.mark.data
def test_the_weighted_mean_is_that_of_the_released_code(block):
    inputs, outputs = block("wadiqam/weighted_average")
    model = create_model("wadiqam", **SMALL).double().eval()
    for name in ("fc1q", "fc2q", "fc1w", "fc2w"):
        weight, bias = (torch.tensor(part, dtype=torch.float64) for part in inputs[name])
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0]).double()
        layer.weight.data, layer.bias.data = weight, bias
        setattr(model, f"{name}_nr", layer)
    quality, weight = model.qualities_and_weights(inputs["features"])
    assert_close(quality, outputs["patch_quality"], rtol=1e-9, atol=0)
    assert_close(weight, outputs["patch_weight"], rtol=1e-9, atol=0)
    score = (quality * weight).sum() / weight.sum()
    assert_close(score, outputs["score"], rtol=1e-9, atol=0)


@pytest.mark.parametrize(("variant", "rows", "columns"), [("paper", 2, 3), ("released_code", 1, 2)])
def test_judges_the_patches_side_by_side(variant, rows, columns, rng):
    torch.manual_seed(2)
    model = create_model("wadiqam", variant=variant, **SMALL).eval()
    images = torch.tensor(rng.random(size=(2, 3, 64, 96)), dtype=torch.float32)
    with torch.no_grad():
        actual = model(images)
        for image, score in zip(images, actual, strict=True):
            above = below = 0.0
            for row in range(rows):
                for column in range(columns):
                    patch = image[:, 32 * row : 32 * row + 32, 32 * column : 32 * column + 32]
                    features = patch[None]
                    for number in range(1, 11):
                        features = model.get_submodule(f"conv{number}")(features).relu()
                        if number % 2 == 0:
                            features = torch.nn.functional.max_pool2d(features, 2)
                    quality, weight = model.qualities_and_weights(features.flatten(1))
                    above, below = above + quality * weight, below + weight
            assert_close(score[None], above / below, rtol=1e-5, atol=1e-6)


def test_training_draws_patches_of_each_picture_from_torchs_generator(rng):
    model = create_model("wadiqam", n_patches=50, **SMALL).train()
    rows, columns = torch.meshgrid(torch.arange(40.0), torch.arange(36.0), indexing="ij")
    images = torch.stack([torch.stack([rows, columns, torch.full_like(rows, k)]) for k in (0, 1)])
    torch.manual_seed(4)
    patches = model._random_patches(images)
    assert patches.shape == (2, 50, 3, 32, 32)
    top, left = patches[:, :, 0, 0, 0], patches[:, :, 1, 0, 0]
    assert (top.min(), top.max(), left.min(), left.max()) == (0, 8, 0, 4)
    assert_close(patches[:, :, 0] - top[..., None, None], rows[:32, :32].expand(2, 50, 32, 32))
    assert_close(patches[:, :, 1] - left[..., None, None], columns[:32, :32].expand(2, 50, 32, 32))
    assert patches[0, :, 2].max() == 0
    assert patches[1, :, 2].min() == 1
    assert not torch.equal(top[0], top[1])
    torch.manual_seed(4)
    assert torch.equal(model._random_patches(images), patches)
