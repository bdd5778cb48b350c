"""Blur against convolutions that are written out."""

import numpy as np
import pytest
from scipy import signal

from biqa.distortions import distort, distortion

LEVELS = range(1, 6)


@pytest.fixture
def picture(rng) -> np.ndarray:
    return rng.integers(256, size=(48, 64, 3), dtype=np.uint8)


def point(side: int = 41) -> np.ndarray:
    spot = np.zeros((side, side, 3), dtype=np.uint8)
    spot[side // 2, side // 2] = 255
    return spot


@pytest.mark.parametrize("level", LEVELS)
def test_gaussian_blur_is_the_convolution_with_a_sampled_gaussian(level, picture, rng):
    sd = distortion("gaussian_blur").levels[level - 1]
    steps = np.arange(-int(4 * sd + 0.5), int(4 * sd + 0.5) + 1)
    kernel = np.exp(-(steps**2) / (2 * sd**2))
    kernel = np.outer(kernel, kernel) / kernel.sum() ** 2
    reach = len(steps) // 2
    for channel in range(3):
        wide = np.pad(picture[..., channel].astype(float), reach, mode="symmetric")
        expected = signal.convolve2d(wide, kernel, mode="valid")
        actual = distort(picture, "gaussian_blur", level, rng)[..., channel]
        # 0.5 is the rounding to whole gray values
        np.testing.assert_allclose(actual, expected, atol=0.5 + 1e-6)


@pytest.mark.parametrize("name", ["gaussian_blur", "lens_blur", "motion_blur"])
@pytest.mark.parametrize("level", LEVELS)
def test_blur_keeps_the_light_of_a_point(name, level, rng):
    blurred = distortion(name).apply(point(), distortion(name).levels[level - 1], rng)
    np.testing.assert_allclose(blurred.sum(axis=(0, 1)), 255, rtol=1e-9)
    assert blurred.min() >= 0


@pytest.mark.parametrize("name", ["gaussian_blur", "lens_blur", "motion_blur"])
def test_blur_leaves_a_flat_picture(name, rng):
    flat = np.full((24, 24, 3), 77, dtype=np.uint8)
    np.testing.assert_array_equal(distort(flat, name, 5, rng), flat)


def disc_areas(radius: float, reach: int) -> np.ndarray:
    """Area that a disc shares with each pixel around it: exact in rows, 500 steps in columns."""
    edges = np.arange(-reach - 0.5, reach + 1)
    across = np.linspace(-reach - 0.5, reach + 0.5, (2 * reach + 1) * 500 + 1)
    middles = (across[1:] + across[:-1]) / 2
    half_chord = np.sqrt(np.clip(radius**2 - middles**2, 0, None))
    upper = np.minimum(edges[1:, None], half_chord)
    lower = np.maximum(edges[:-1, None], -half_chord)
    return np.clip(upper - lower, 0, None).reshape(2 * reach + 1, -1, 500).mean(axis=2)


@pytest.mark.parametrize("level", LEVELS)
def test_lens_blur_is_the_convolution_with_a_disc(level, picture, rng):
    radius = distortion("lens_blur").levels[level - 1]
    kernel = disc_areas(radius, reach=7)
    assert kernel.sum() == pytest.approx(np.pi * radius**2, rel=1e-4)
    wide = np.pad(picture[..., 0].astype(float), 7, mode="symmetric")
    expected = signal.convolve2d(wide, kernel / kernel.sum(), mode="valid")
    actual = distortion("lens_blur").apply(picture, radius, rng)[..., 0]
    # ours draws the disc with 32 samples along a pixel
    np.testing.assert_allclose(actual, expected, atol=0.6)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", LEVELS)
def test_motion_blur_spreads_a_point_over_a_line(level, seed):
    """A line of length l has the second moments l^2 / 12 along it and 0 across."""
    length = distortion("motion_blur").levels[level - 1]
    rng = np.random.default_rng(seed)
    blurred = distortion("motion_blur").apply(point(), length, rng)[..., 0] / 255
    steps = np.arange(41) - 20
    row, column = np.meshgrid(steps, steps, indexing="ij")
    cross = (blurred * row * column).sum()
    moments = np.array([[(blurred * row**2).sum(), cross], [cross, (blurred * column**2).sum()]])
    across, along = np.linalg.eigvalsh(moments)
    # points are moved to the centres of their pixels: by 1/2 at most, 1/12 in a moment mostly
    assert along == pytest.approx(length**2 / 12, rel=0.06, abs=0.3)
    assert across < 0.3


def test_motion_blur_takes_many_directions(picture):
    blurred = [
        distort(picture, "motion_blur", 4, np.random.default_rng(seed)).tobytes()
        for seed in range(4)
    ]
    assert len(set(blurred)) == 4
