"""IL-NIQE: which patches and numbers its model is made of, and the distance from it."""

import numpy as np
import pytest

from biqa.errors import InputError
from biqa.handcrafted.ilniqe import ILNIQE
from biqa.scenes import known, references


@pytest.fixture
def method(monkeypatch):
    """IL-NIQE whose patches are given, not computed: a picture is a pair of arrays."""
    method = ILNIQE(6, 84)
    monkeypatch.setattr(method, "patches", lambda picture, step=0: picture)
    return method


def patches(rng, n, d, deviation=1.0):
    return rng.standard_normal((n, d)) * deviation, np.linspace(0.5, 1.0, n)


def test_92_per_cent_of_the_components_are_kept(method, rng):
    many = method.learn([patches(rng, 900, 50)] * 2, rng)
    assert many["directions"].shape == (46, 50)
    few = method.learn([(rng.standard_normal((25, 468)), np.ones(25))], rng)
    assert few["directions"].shape == (23, 468)


def test_only_sharp_patches_of_each_picture_count(method, rng):
    numbers, sharpness = rng.standard_normal((40, 3)), np.full(40, 0.5)
    sharpness[:20] = 0.79
    sharpness[7] = 1.0
    basis = method.learn([(numbers, sharpness), (numbers + 5, 3 * sharpness)], rng)
    np.testing.assert_allclose(basis["centre"], numbers[:20].mean(axis=0) + 2.5)


def test_the_prediction_is_minus_the_mean_distance_of_the_patches(method, rng):
    pristine, judged = patches(rng, 300, 5), rng.standard_normal((9, 5)) + 1
    basis = method.learn([pristine], rng)
    sharp = pristine[0][pristine[1] >= 0.78]
    assert basis["directions"].shape == (4, 5)
    scaled = (judged - sharp.mean(axis=0)) @ basis["directions"].T
    own = np.cov(scaled, rowvar=False)
    middle = np.linalg.inv((basis["covariance"] + own) / 2)
    distances = [np.sqrt(patch @ middle @ patch) for patch in scaled]
    assert method.features((judged, None), basis) == pytest.approx([-np.mean(distances)])


def test_what_lies_beyond_the_patches_is_not_looked_at():
    (picture,) = references(68, ["coffee_2"], seed=0).values()
    method = ILNIQE(2, 24)  # 68 pixels a side, of which 48 lie in patches: nothing is scaled
    other = picture.copy()
    other[48:], other[:, 48:] = 0, 255
    for one, two in zip(method.patches(picture), method.patches(other), strict=True):
        np.testing.assert_array_equal(one, two)


def test_pristine_patches_overlap_and_those_side_by_side_are_among_them():
    (picture,) = references(68, ["coffee_2"], seed=0).values()
    method = ILNIQE(2, 24)
    apart, sharp = method.patches(picture)
    overlapping, all_sharp = method.patches(picture, step=8)
    assert (len(apart), len(overlapping)) == (4, 16)
    corners = [0, 3, 12, 15]  # of four a row
    np.testing.assert_allclose(overlapping[corners], apart, rtol=1e-6)
    np.testing.assert_allclose(all_sharp[corners], sharp, rtol=1e-6)


def test_the_side_is_one_that_halves_and_thirds():
    with pytest.raises(InputError, match="side is 32 pixels, expected a multiple of 6"):
        ILNIQE(2, 32)


def test_the_model_of_all_scenes_has_fewer_components_than_patches():
    method = ILNIQE(2, 30)
    scenes = references(80, known(), seed=0)
    basis = method.learn(scenes.values(), np.random.default_rng(0))
    n_components, n_numbers = basis["directions"].shape
    assert n_numbers == 468
    assert len(scenes) * 0.92 - 1 < n_components < len(scenes) * 16
