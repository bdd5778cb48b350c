"""DBCNN, its bilinear pooling and S-CNN."""

import json

import numpy as np
import pytest
import torch
import torchvision
from torch.testing import assert_close

from biqa.models import create_model
from biqa.models.bilinear import bilinear_pooling
from biqa.models.scnn import SCNN, scnn_features


def pooled_by_loops(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """One picture, maps (channels, positions); the equations, one number at a time."""
    pooled = [
        np.sqrt(sum(a * b for a, b in zip(row, column, strict=True)) / len(row) + 1e-8)
        for row in first
        for column in second
    ]
    return np.array(pooled) / np.sqrt(sum(value**2 for value in pooled))


def test_bilinear_pooling_is_the_equation_of_the_paper(rng):
    first, second = rng.random(size=(2, 5, 3, 4)), rng.random(size=(2, 2, 3, 4))
    first[0, 1] = 0
    expected = np.stack(
        [
            pooled_by_loops(a.reshape(5, -1), b.reshape(2, -1))
            for a, b in zip(first, second, strict=True)
        ]
    )
    actual = bilinear_pooling(torch.tensor(first), torch.tensor(second))
    assert_close(actual.numpy(), expected, rtol=1e-9, atol=1e-12)


def test_a_second_map_of_another_size_is_resized_with_its_corners_kept(rng):
    """A map linear in its coordinates is linear on the new grid, with the same corners."""
    first = torch.tensor(rng.random(size=(1, 3, 5, 4)))
    rows, columns = np.linspace(1, 3, 9)[:, None], np.linspace(0, 5, 7)[None]
    small_rows, small_columns = np.linspace(1, 3, 5)[:, None], np.linspace(0, 5, 4)[None]
    second, expected = (
        torch.tensor(row + 2 * column)[None, None]
        for row, column in ((rows, columns), (small_rows, small_columns))
    )
    assert_close(bilinear_pooling(first, second), bilinear_pooling(first, expected))


def test_bilinear_pooling_has_unit_length_whatever_the_contrast(rng):
    first, second = torch.tensor(rng.random(size=(2, 3, 4, 6, 6)))
    pooled = bilinear_pooling(1e3 * first, second)
    assert_close(pooled.norm(dim=1), torch.ones(3).double())
    assert_close(bilinear_pooling(first * 0, second).norm(dim=1), torch.ones(3).double())


@pytest.mark.data
@pytest.mark.parametrize("case", ["bilinear_pooling", "bilinear_pooling_unequal_sizes"])
def test_bilinear_pooling_gives_the_numbers_of_the_released_code(case, references_folder):
    blocks = json.loads((references_folder / "models.json").read_text())["blocks"]
    block = next(block for block in blocks if block["id"] == f"dbcnn/{case}")
    maps = []
    factors = {"features1": (7, 3, 5, 3, 11), "features2": (3, 5, 2, 3, 7)}
    for name, (by_c, by_y, by_x, by_n, modulus) in factors.items():
        n, c, y, x = np.indices(block["inputs"][name]["shape"])
        maps.append(torch.tensor((by_c * c + by_y * y + by_x * x + by_n * n) % modulus / modulus))
    pooled = bilinear_pooling(*maps)
    assert list(pooled.shape) == block["outputs"]["shape"]
    values = torch.tensor(block["outputs"]["values"], dtype=torch.double)
    assert_close(pooled[:, block["outputs"]["indices"]], values, rtol=1e-9, atol=0)
    sums = torch.tensor(block["outputs"]["sum"], dtype=torch.double)
    assert_close(pooled.sum(dim=1), sums, rtol=1e-9, atol=0)


def test_vgg16_of_dbcnn_ends_before_the_last_pooling():
    with torch.device("meta"):
        theirs = torchvision.models.vgg16().features[:-1]
        assert repr(create_model("dbcnn").vgg.features) == repr(theirs)


def test_only_the_last_layer_of_dbcnn_learns_at_the_rate_of_the_head():
    model = create_model("dbcnn", width=0.1)
    head = next(
        group
        for group in model.parameter_groups(lr=1e-3, backbone_lr=1e-5)
        if group["name"] == "head"
    )
    assert [id(each) for each in head["params"]] == [id(each) for each in model.fc.parameters()]


def test_scnn_steps_as_published():
    convolutions = [layer for layer in scnn_features() if isinstance(layer, torch.nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [48, 48, 64, 64, 64, 64, 128, 128, 128]
    assert [layer.stride[0] for layer in convolutions] == [1, 2, 1, 2, 1, 2, 1, 1, 2]


@pytest.mark.parametrize(("side", "features"), [(224, 14), (500, 32), (64, 4)])
def test_scnn_features_are_one_sixteenth_rounded_up_and_not_negative(side, features, rng):
    images = torch.tensor(rng.normal(size=(1, 3, side, side)), dtype=torch.float32)
    with torch.no_grad():
        maps = scnn_features(width=0.1).eval()(images)
    assert maps.shape == (1, 13, features, features)
    assert maps.min() == 0


def test_scnn_gives_a_logit_a_class_for_pictures_of_any_size(rng):
    model = SCNN(classes=11, width=0.1).eval()
    images = torch.tensor(rng.normal(size=(2, 3, 80, 113)), dtype=torch.float32)
    logits = model(images)
    assert logits.shape == (2, 11)
    logits.square().sum().backward()
    assert all(parameter.grad.any() for parameter in model.parameters())


def test_a_random_last_layer_hardly_moves_the_scores(rng):
    torch.manual_seed(2)
    model = create_model("dbcnn", width=0.25).eval()
    images = torch.tensor(rng.normal(size=(6, 3, 64, 64)), dtype=torch.float32)
    with torch.no_grad():
        assert 0 < model(images).std() < 0.05
