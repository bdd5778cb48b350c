"""Local normalisation and products of neighbours against plain loops."""

import numpy as np
import pytest

from biqa.errors import InputError
from biqa.handcrafted.distributions import generalised_gaussian, two_sided_gaussian
from biqa.handcrafted.gray_levels import blocks, halved, luminance
from biqa.handcrafted.scene_statistics import neighbour_products, normalised, statistics


def by_loops(gray):
    """Normalise pixel by pixel, with the window written out."""
    height, width = gray.shape
    offsets = range(-3, 4)
    window = np.array(
        [[np.exp(-(a * a + b * b) / (2 * (7 / 6) ** 2)) for b in offsets] for a in offsets]
    )
    window /= window.sum()
    found, deviations = np.empty_like(gray), np.empty_like(gray)
    for row in range(height):
        for column in range(width):
            near = np.empty((7, 7))
            for a in offsets:
                for b in offsets:
                    inside = min(max(row + a, 0), height - 1), min(max(column + b, 0), width - 1)
                    near[a + 3, b + 3] = gray[inside]
            mean = (window * near).sum()
            deviation = np.sqrt((window * (near - mean) ** 2).sum())
            found[row, column] = (gray[row, column] - mean) / (deviation + 1)
            deviations[row, column] = deviation
    return found, deviations


def test_normalisation_is_that_of_the_equation(rng):
    gray = rng.integers(0, 256, (12, 15)).astype(float)
    np.testing.assert_allclose(normalised(gray), by_loops(gray), rtol=1e-9, atol=1e-9)


def test_a_flat_picture_is_normalised_to_zero():
    values, deviation = normalised(np.full((9, 9), 200.0))
    np.testing.assert_allclose(values, 0, atol=1e-6)
    np.testing.assert_allclose(deviation, 0, atol=1e-5)


def test_products_are_of_the_four_kinds_of_neighbours(rng):
    values = rng.standard_normal((5, 6))
    across, down, falling, rising = neighbour_products(values)
    assert across[2, 3] == values[2, 3] * values[2, 4]
    assert down[2, 3] == values[2, 3] * values[3, 3]
    assert falling[2, 3] == values[2, 3] * values[3, 4]
    assert rising[2, 3] == values[2, 4] * values[3, 3]
    assert [one.size for one in (across, down, falling, rising)] == [25, 24, 20, 20]


def test_statistics_are_the_fits_of_the_values_and_their_products(rng):
    values = rng.standard_normal((2, 20, 20))
    found = statistics(values)
    assert found.shape == (2, 18)
    shape, deviation = map(float, generalised_gaussian(values[1].ravel()))
    assert found[1, :2] == pytest.approx([shape, deviation**2])
    rising = two_sided_gaussian(neighbour_products(values[1])[3].ravel())
    expected = rising.shape, rising.mean, rising.left**2, rising.right**2
    np.testing.assert_allclose(found[1, 14:], expected)


def test_gray_levels_are_rounded_luma():
    picture = np.array([[[255, 255, 255], [10, 20, 30], [0, 0, 255]]], dtype=np.uint8)
    assert luminance(picture).tolist() == [[255, 18, 29]]  # 18.15 and 29.07


def test_half_size_keeps_the_mean_and_rounds_up():
    half = halved(np.full((7, 10), 42.0))
    assert half.shape == (4, 5)
    np.testing.assert_allclose(half, 42, atol=1e-4)


def test_blocks_run_row_by_row_and_the_rest_is_left_out():
    values = np.arange(5 * 7).reshape(5, 7)
    found = blocks(values, 2)
    assert found.shape == (6, 2, 2)
    assert found[1].tolist() == [[2, 3], [9, 10]]
    assert found[3].tolist() == [[14, 15], [21, 22]]
    with pytest.raises(InputError, match="5x7 pixels is smaller than one block of 6x6"):
        blocks(values, 6)
