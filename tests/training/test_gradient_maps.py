"""Gradient maps are the derivative of the score by the pixels; the worst pictures are chosen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from small_pictures import SmallNetwork, open_pictures, recipe
from torch import nn

from biqa.models.quality import QualityModel
from biqa.recipes import Views
from biqa.training.gradient_maps import gradient_maps, severe

MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.5)


class Weighted(QualityModel):
    """The score is a weighted sum of the normalised pixels, so its derivative is known."""

    mean, std = MEAN, STD

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        weights = torch.linspace(-1, 1, 3 * height * width).reshape(3, height, width)
        self.weights = nn.Parameter(weights)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return (images * self.weights).sum(dim=(1, 2, 3))


def test_a_linear_score_has_its_weights_as_map(tmp_path: Path) -> None:
    store = open_pictures(tmp_path / "p", [(6, 8)] * 3)
    model = Weighted(6, 8)
    scaled = replace(recipe(), label_scale=4.0, views=Views(crop=4, test_crop=0))
    pictures, maps = gradient_maps(model, store, np.array([2, 0]), scaled)
    weights = model.weights.detach().numpy() / np.array(STD)[:, None, None] / 4.0
    assert maps.shape == (2, 6, 8)
    for one in maps:
        np.testing.assert_allclose(one, np.abs(weights).max(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(pictures[0], store.picture(2))
    np.testing.assert_array_equal(pictures[1], store.picture(0))


def test_a_map_is_the_quotient_of_differences(tmp_path: Path) -> None:
    """Move one pixel of one colour a little and see the score follow, in float64."""
    store = open_pictures(tmp_path / "p", [(8, 8)])
    torch.manual_seed(3)
    model = SmallNetwork().double().eval()
    with pytest.MonkeyPatch.context() as patch:
        double = torch.float64
        patch.setattr(
            "biqa.models.quality.normalised",
            lambda pixels, *, mean, std, device: _normalised(pixels, mean, std).to(double),
        )
        _, (map_,) = gradient_maps(model, store, np.array([0]), recipe(crop=8))
    pixels = torch.tensor(np.array(store.picture(0))).permute(2, 0, 1)[None].double() / 255
    for row, column in ((0, 0), (3, 5), (7, 7)):
        slopes = []
        for colour in range(3):
            moved = [pixels.clone(), pixels.clone()]
            for sign, one in zip((-1, 1), moved, strict=True):
                one[0, colour, row, column] += sign * 1e-6
            low, high = (model(_standard(one, model.mean, model.std)).item() for one in moved)
            slopes.append(abs(high - low) / 2e-6)
        assert map_[row, column] == pytest.approx(max(slopes), rel=1e-5, abs=1e-9)


def _normalised(pixels: torch.Tensor, mean: tuple, std: tuple) -> torch.Tensor:
    scaled = pixels.double() / 255
    if scaled.shape[-1] == 3:
        scaled = scaled.permute(0, 3, 1, 2)
    return _standard(scaled, mean, std)


def _standard(pixels: torch.Tensor, mean: tuple, std: tuple) -> torch.Tensor:
    shape = (1, 3, 1, 1)
    return (pixels - torch.tensor(mean).view(shape)) / torch.tensor(std).view(shape)


def test_the_worst_are_chosen_and_no_distortion_twice(tmp_path: Path) -> None:
    mos = [0.9, 0.1, 0.2, 0.3, 0.05, 0.8, 0.15, 0.25]
    store = open_pictures(tmp_path / "p", [(4, 4)] * 8, mos=mos)
    kinds = ["blur", "blur", "noise", "jpeg", "blur", "noise", "", ""]
    store.labels["distortion"] = kinds
    everything = np.arange(8)
    assert severe(store, everything, 4).tolist() == [4, 6, 2, 7]  # those without one never clash
    assert severe(store, everything, 6).tolist() == [4, 6, 2, 7, 3, 1]
    assert severe(store, np.array([0, 1, 5]), 2).tolist() == [1, 5]
