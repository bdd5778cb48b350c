"""Noise has the variance, the share and the spectrum that its parameters state."""

import numpy as np
import pytest
from scipy import stats

from biqa.distortions import distort, distortion
from biqa.distortions.noise import white_noise

SIDE = 256
GRAY = np.full((SIDE, SIDE, 3), 128, dtype=np.uint8)
LEVELS = range(1, 6)
ROUNDING = 1 / 12  # variance that rounding to whole gray values adds


def clipped_variance(sd: float) -> float:
    """Variance of Gaussian noise on gray 128 that black and white cut off, by its integrals."""
    normal = stats.norm(128, sd)
    below, above = normal.cdf(0), normal.sf(255)
    first = normal.expect(lambda x: x, 0, 255) + 255 * above
    second = normal.expect(lambda x: x**2, 0, 255) + 255**2 * above
    assert 0 <= below < 0.5
    return second - first**2


@pytest.mark.parametrize("level", LEVELS)
def test_white_noise_has_the_stated_variance(level, rng):
    sd = 255 * np.sqrt(distortion("white_noise").levels[level - 1])
    noise = distort(GRAY, "white_noise", level, rng).astype(float)
    # 196,608 samples: the standard error of their variance is 0.3 %
    assert noise.var() == pytest.approx(clipped_variance(sd) + ROUNDING, rel=0.015)


def test_white_noise_is_independent_between_neighbours_and_channels(rng):
    noise = white_noise(GRAY, 0.01, rng) - 128
    beside = np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]
    channels = np.corrcoef(noise.reshape(-1, 3).T)
    assert abs(beside) < 0.02
    assert np.abs(channels - np.eye(3)).max() < 0.02


@pytest.mark.parametrize("level", LEVELS)
def test_impulse_noise_replaces_the_stated_share_half_by_black_half_by_white(level, rng):
    share = distortion("impulse_noise").levels[level - 1]
    noisy = distort(GRAY, "impulse_noise", level, rng)
    tolerance = 5 * np.sqrt(share / noisy.size)
    assert (noisy == 0).mean() == pytest.approx(share / 2, abs=tolerance)
    assert (noisy == 255).mean() == pytest.approx(share / 2, abs=tolerance)
    assert set(np.unique(noisy)) == {0, 128, 255}


@pytest.mark.parametrize("gray", [60, 120])
@pytest.mark.parametrize("level", LEVELS)
def test_multiplicative_noise_grows_with_the_gray_value(level, gray, rng):
    variance = distortion("multiplicative_noise").levels[level - 1]
    noisy = distort(np.full_like(GRAY, gray), "multiplicative_noise", level, rng)
    expected = variance * gray**2 + ROUNDING
    assert noisy.astype(float).var() == pytest.approx(expected, rel=0.015)


@pytest.mark.parametrize("level", LEVELS)
def test_colour_noise_leaves_luma_and_has_the_stated_variance_in_blue(level, rng):
    variance = distortion("colour_noise").levels[level - 1]
    noisy = distortion("colour_noise").apply(GRAY, variance, rng)
    luma = noisy @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(luma, 128, atol=1e-9)
    blue = (noisy[..., 2] - luma) / 1.772  # Cb by its definition in BT.601
    red = (noisy[..., 0] - luma) / 1.402
    assert blue.var() == pytest.approx(255**2 * variance, rel=0.03)
    assert red.var() == pytest.approx(255**2 * variance, rel=0.03)


@pytest.mark.parametrize("level", LEVELS)
def test_pink_noise_has_the_stated_deviation_and_a_falling_spectrum(level, rng):
    sd = distortion("pink_noise").levels[level - 1]
    noise = distortion("pink_noise").apply(GRAY, sd, rng) - 128
    assert noise.std() == pytest.approx(sd, rel=1e-6)
    np.testing.assert_allclose(noise[..., 0], noise[..., 2], atol=1e-9)
    power = np.abs(np.fft.fft2(noise[..., 0])) ** 2
    row = np.arange(4, 100)
    slope = np.polyfit(np.log(row), np.log(power[row, :8].mean(axis=1)), 1)[0]
    # amplitude 1/f is power 1/f^2; a column away from 0 bends the line a little
    assert slope == pytest.approx(-2, abs=0.35)


@pytest.mark.parametrize("level", [2, 5])
def test_denoising_takes_away_most_of_the_noise_on_flat_gray(level, rng):
    variance = distortion("denoised").levels[level - 1]
    left = distort(GRAY, "denoised", level, rng).astype(float).var()
    assert 0 < left < 0.35 * 255**2 * variance
