"""CNNIQA and its preprocessing, against slow statements, SciPy and Pillow."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import uniform_filter
from scipy.signal import correlate2d
from torch.testing import assert_close

from biqa.errors import InputError
from biqa.models import create_model
from biqa.models.local_normalisation import (
    gray_as_stored,
    local_normalisation,
    non_overlapping_patches,
)

COUNTS = [  # height, width, patches of the paper and of the released code
    (384, 512, 192, 165),
    (512, 768, 384, 345),
    (500, 500, 225, 225),
    (64, 64, 4, 1),
    (97, 65, 6, 6),
    (33, 33, 1, 1),
]


def as_images(pixels: np.ndarray) -> torch.Tensor:
    return torch.tensor(pixels).permute(0, 3, 1, 2) / 255


def test_gray_is_that_of_pillow_for_8_bit_pictures(rng):
    pixels = rng.integers(256, size=(1, 300, 400, 3), dtype=np.uint8)
    gray = gray_as_stored(as_images(pixels))[0, 0] * 255
    expected = np.asarray(Image.fromarray(pixels[0]).convert("L"))
    assert np.array_equal(gray.round().numpy(), expected)
    assert_close(gray.numpy(), expected.astype(np.float32), rtol=0, atol=1e-4)


def test_gray_has_the_gradient_of_the_luma_weights(rng):
    images = torch.tensor(rng.random(size=(1, 3, 2, 2)), requires_grad=True)
    gray_as_stored(images).sum().backward()
    for channel, weight in enumerate((0.299, 0.587, 0.114)):
        assert_close(
            images.grad[0, channel], torch.full((2, 2), weight).double(), rtol=0, atol=1e-5
        )


def test_local_normalisation_is_the_equation_with_mirrored_borders(rng):
    patches = rng.random(size=(3, 1, 9, 7))
    mean = np.stack([uniform_filter(patch[0], 3, mode="reflect") for patch in patches])
    square = np.stack([uniform_filter(patch[0] ** 2, 3, mode="reflect") for patch in patches])
    expected = (patches[:, 0] - mean) / (np.sqrt(square - mean**2) + 0.5)
    actual = local_normalisation(torch.tensor(patches), contrast=0.5)[:, 0]
    assert_close(actual.numpy(), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.data
def test_local_normalisation_gives_the_numbers_of_the_released_code(references_folder):
    block = _block(references_folder, "cnniqa/local_normalization")
    patch = torch.tensor(block["inputs"]["patch_0_255"], dtype=torch.double)[None, None] / 255
    expected = torch.tensor(block["outputs"]["value_double_precision"], dtype=torch.double)
    assert_close(local_normalisation(patch)[0, 0], expected, rtol=0, atol=1e-9)
    single = torch.tensor(block["outputs"]["value"])
    assert_close(local_normalisation(patch.float())[0, 0], single, rtol=0, atol=1e-6)


def test_patches_are_cut_row_by_row_and_picture_by_picture(rng):
    images = torch.tensor(rng.random(size=(2, 1, 14, 19)))
    patches = non_overlapping_patches(images, side=4, rows=3, columns=2)
    expected = [
        image[:, top : top + 4, left : left + 4]
        for image in images
        for top in (0, 4, 8)
        for left in (0, 4)
    ]
    assert torch.equal(patches, torch.stack(expected))


@pytest.mark.parametrize(("height", "width", "paper", "released"), COUNTS)
def test_the_variant_decides_which_patches_count(height, width, paper, released):
    images = torch.zeros(1, 3, height, width)
    for variant, expected in (("paper", paper), ("released_code", released)):
        model = create_model("cnniqa", variant=variant, kernels=2, hidden=[3, 2]).eval()
        with torch.no_grad():
            assert model.patch_scores(images).shape == (1, expected)


@pytest.mark.data
def test_released_code_has_its_number_of_patches(references_folder):
    counts = _block(references_folder, "cnniqa/patch_count")["outputs"]["counts"]
    stated = {(height, width): released for height, width, _, released in COUNTS}
    assert all(stated[count["height"], count["width"]] == count["patches"] for count in counts)


@pytest.mark.parametrize(
    ("variant", "side", "least"), [("paper", 31, 32), ("released_code", 32, 33)]
)
def test_a_picture_smaller_than_a_patch_is_refused(variant, side, least):
    model = create_model("cnniqa", variant=variant, kernels=2, hidden=(3, 2))
    with pytest.raises(InputError, match=f"a side of {side} pixels, expected {least} or more"):
        model(torch.zeros(1, 3, side, 64))


def test_a_picture_has_the_mean_score_of_its_patches_each_judged_alone(rng):
    torch.manual_seed(7)
    model = create_model("cnniqa", kernels=3, hidden=(5, 4)).eval().double()
    pixels = rng.integers(256, size=(1, 64, 96, 3), dtype=np.uint8)
    gray = np.asarray(Image.fromarray(pixels[0]).convert("L")) / 255
    expected = [
        _score_by_hand(model, gray[top : top + 32, left : left + 32])
        for top in (0, 32)
        for left in (0, 32, 64)
    ]
    images = as_images(pixels.astype(float))
    with torch.no_grad():
        assert_close(model.patch_scores(images)[0].numpy(), np.array(expected), rtol=0, atol=1e-9)
        assert_close(model(images).item(), np.mean(expected).item(), rtol=0, atol=1e-9)


def _score_by_hand(model, patch: np.ndarray) -> float:
    """One patch through the network, with SciPy's windows and correlations."""
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    mean = uniform_filter(patch, 3, mode="reflect")
    spread = np.sqrt(np.maximum(uniform_filter(patch**2, 3, mode="reflect") - mean**2, 0))
    patch = (patch - mean) / (spread + 1)
    kernels = zip(weights["conv1.weight"], weights["conv1.bias"], strict=True)
    maps = [correlate2d(patch, kernel[0], mode="valid") + bias for kernel, bias in kernels]
    features = np.array([each.max() for each in maps] + [each.min() for each in maps])
    features = np.maximum(weights["fc1.weight"] @ features + weights["fc1.bias"], 0)
    features = np.maximum(weights["fc2.weight"] @ features + weights["fc2.bias"], 0)
    return float(weights["fc3.weight"][0] @ features + weights["fc3.bias"][0])


def test_dropout_acts_in_training_only(rng):
    model = create_model("cnniqa", kernels=8, hidden=(64, 64))
    images = torch.tensor(rng.random(size=(1, 3, 64, 64)), dtype=torch.float32)
    with torch.no_grad():
        assert not torch.equal(model.train()(images), model(images))


@pytest.mark.parametrize("level", [0.0, 0.3, 0.5])
def test_a_flat_patch_has_a_finite_gradient(level):
    patches = torch.full((1, 1, 8, 8), level, requires_grad=True)
    local_normalisation(patches).square().sum().backward()
    assert patches.grad.isfinite().all()


def test_cnniqa_takes_pictures_as_they_are():
    model = create_model("cnniqa", kernels=2, hidden=(3, 2))
    assert (model.mean, model.std) == ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def _block(references_folder, name: str) -> dict:
    blocks = json.loads((references_folder / "models.json").read_text())["blocks"]
    return next(block for block in blocks if block["id"] == name)
