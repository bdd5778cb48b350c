"""Filters peak where they should, and IL-NIQE counts its numbers as the paper does."""

import numpy as np
import pytest
from scipy import ndimage

from biqa.handcrafted.ilniqe import ILNIQE, _derivatives
from biqa.handcrafted.log_gabor import filters
from biqa.scenes import references


def test_each_filter_passes_a_wave_of_its_own_length_and_direction_best():
    side = 120
    gains = list(filters(side, side, 1.0))
    assert len(gains) == 12
    for number, gain in enumerate(gains):
        direction, scale = divmod(number, 3)
        frequency, angle = 1 / (2.4 * 1.31**scale), direction * np.pi / 4
        row, column = np.unravel_index(gain.argmax(), gain.shape)
        down, across = np.fft.fftfreq(side)[row], np.fft.fftfreq(side)[column]
        assert np.hypot(down, across) == pytest.approx(frequency, rel=0.02)
        assert np.cos(np.arctan2(-down, across) - angle) == pytest.approx(1, abs=0.01)
        assert gain[0, 0] == 0


def test_derivatives_in_the_frequency_domain_are_those_of_a_filter(rng):
    plane = rng.standard_normal((60, 60))
    gains = _derivatives(60, 60, 1.66)
    for gain, order in zip(gains, ((0, 1), (1, 0)), strict=True):
        fast = np.fft.ifft2(np.fft.fft2(plane) * gain).real
        slow = ndimage.gaussian_filter(plane, 1.66, order=order, mode="wrap", truncate=8)
        np.testing.assert_allclose(fast, slow, atol=2e-3)


def test_a_patch_has_468_numbers_that_do_not_depend_on_the_picture_s_size():
    (picture,) = references(64, ["coffee_2"], seed=0).values()
    method = ILNIQE(2, 30)
    patches, sharpness = method.patches(picture)
    assert patches.shape == (4, 468)
    assert sharpness.shape == (4,)
    larger = np.kron(picture, np.ones((2, 2, 1), dtype=np.uint8))
    assert method.patches(larger)[0].shape == (4, 468)
