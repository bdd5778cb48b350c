"""BLIINDS-II block by block, with the cosine transform written out."""

import numpy as np
import pytest

from biqa.handcrafted.bliinds2 import BLIINDS2, block_numbers, waves
from biqa.handcrafted.distributions import generalised_gaussian


def transform(block):
    """Return the orthonormal type-II cosine transform of a 5x5 block, by sums."""
    found = np.zeros((5, 5))
    for u in range(5):
        for v in range(5):
            for x in range(5):
                for y in range(5):
                    wave = np.cos(np.pi * (2 * x + 1) * u / 10) * np.cos(
                        np.pi * (2 * y + 1) * v / 10
                    )
                    found[u, v] += block[x, y] * wave
            found[u, v] *= np.sqrt((1 if u else 0.5) * (1 if v else 0.5)) * 2 / 5
    return found


def test_waves_are_the_cosine_transforms_of_blocks_every_three_pixels(rng):
    gray = rng.integers(0, 256, (9, 12)).astype(float)
    found = waves(gray)
    corners = [(row, column) for row in (0, 3) for column in (0, 3, 6)]
    assert found.shape == (len(corners), 24)
    for number, (row, column) in enumerate(corners):
        expected = transform(gray[row : row + 5, column : column + 5]).ravel()[1:]
        np.testing.assert_allclose(found[number], expected, atol=1e-9)


def test_the_numbers_of_a_block_are_those_of_the_paper(rng):
    square = rng.standard_normal((5, 5))
    bands: dict[str, list[list[float]]] = {"radial": [[], [], []], "angle": [[], [], []]}
    for u in range(5):
        for v in range(5):
            if u + v:
                bands["radial"][(u + v >= 3) + (u + v >= 5)].append(square[u, v])
                degrees = np.degrees(np.arctan2(u, v))
                bands["angle"][int(degrees >= 30) + int(degrees >= 60)].append(square[u, v])
    assert [len(band) for band in bands["radial"]] == [5, 9, 10]
    assert [len(band) for band in bands["angle"]] == [8, 8, 8]
    energies = [np.var(band) for band in bands["radial"]]
    before = energies[0], (energies[0] + energies[1]) / 2
    ratios = [abs(e - b) / (e + b) for e, b in zip(energies[1:], before, strict=True)]
    oriented = [np.std(np.abs(band)) / np.mean(np.abs(band)) for band in bands["angle"]]
    rest = square.ravel()[1:]
    expected = [
        float(generalised_gaussian(rest)[0]),
        np.std(np.abs(rest)) / np.mean(np.abs(rest)),
        np.mean(ratios),
        np.var(oriented),
    ]
    assert block_numbers(rest[None])[0] == pytest.approx(expected, rel=1e-6)


def test_the_worst_tenth_has_low_shapes_and_high_other_numbers(rng):
    features = BLIINDS2().features(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8), {})
    means, worst = features.reshape(3, 2, 4).swapaxes(0, 1)
    assert (worst[:, 0] < means[:, 0]).all()
    assert (worst[:, 1:] > means[:, 1:]).all()
