"""Fixed crops of a picture that is larger than what a network takes."""

import pytest
import torch
from torch.testing import assert_close

from biqa.models.crops import mean_over_crops, offsets


@pytest.mark.parametrize(
    ("length", "side", "per_side", "expected"),
    [
        (10, 10, 5, [0]),
        (10, 4, 1, [3]),
        (10, 4, 2, [0, 6]),
        (512, 224, 5, [0, 72, 144, 216, 288]),
        (225, 224, 3, [0, 0, 1]),
    ],
)
def test_crops_lie_evenly_from_edge_to_edge(length, side, per_side, expected):
    assert offsets(length, side, per_side) == expected


def test_the_score_is_the_mean_over_the_crops(rng):
    images = torch.tensor(rng.normal(size=(3, 2, 9, 12)))

    def judge(crops):
        assert crops.shape[-2:] == (5, 5)
        return crops[:, 1, 0, 4] ** 2

    actual = mean_over_crops(judge, images, model="any", side=5, per_side=2)
    corners = [images[:, 1, top, left + 4] ** 2 for top in (0, 4) for left in (0, 7)]
    assert_close(actual, sum(corners) / 4)
