"""IL-NIQE: which patches and numbers its model is made of, and the distance from it."""

import numpy as np
import pytest

from biqa.handcrafted.ilniqe import ILNIQE
from biqa.scenes import known, references


@pytest.fixture
def method(monkeypatch):
    """IL-NIQE whose patches are given, not computed: a picture is a pair of arrays."""
    method = ILNIQE(6, 84)
    monkeypatch.setattr(method, "patches", lambda picture: picture)
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


def test_units_of_the_numbers_do_not_matter(method, rng):
    unit = 10.0 ** rng.uniform(-3, 3, size=30)
    pristine, judged = patches(rng, 25, 30), patches(rng, 12, 30, 2.0)
    found = []
    for by in (np.ones(30), unit):
        numbers, sharpness = pristine
        basis = method.learn([(numbers * by, sharpness)], rng)
        found.append(method.features((judged[0] * by, judged[1]), basis))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)


def test_the_prediction_is_minus_the_mean_distance_of_the_patches(method, rng):
    pristine, judged = patches(rng, 300, 5), rng.standard_normal((9, 5)) + 1
    basis = method.learn([pristine], rng)
    sharp = pristine[0][pristine[1] >= 0.78]
    assert basis["directions"].shape == (4, 5)
    scaled = (judged - sharp.mean(axis=0)) / sharp.std(axis=0) @ basis["directions"].T
    own = np.cov(scaled, rowvar=False)
    middle = np.linalg.inv((basis["covariance"] + own) / 2)
    distances = [np.sqrt(patch @ middle @ patch) for patch in scaled]
    assert method.features((judged, None), basis) == pytest.approx([-np.mean(distances)])


def test_what_lies_beyond_the_patches_is_not_looked_at():
    (picture,) = references(64, ["coffee_2"], seed=0).values()
    method = ILNIQE(2, 22)  # 64 pixels a side, of which 44 lie in patches: nothing is scaled
    other = picture.copy()
    other[44:], other[:, 44:] = 0, 255
    for one, two in zip(method.patches(picture), method.patches(other), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_number_without_spread_among_pristine_patches_is_left_as_it_is(method, rng):
    numbers, sharpness = patches(rng, 60, 4)
    numbers[:, 2] = 7.0
    basis = method.learn([(numbers, sharpness)], rng)
    assert basis["unit"][2] == 1
    assert np.isfinite(method.features((numbers[:9], None), basis)).all()


def test_the_model_of_all_scenes_has_fewer_components_than_patches():
    method = ILNIQE(2, 32)
    scenes = references(84, known(), seed=0)
    basis = method.learn(scenes.values(), np.random.default_rng(0))
    n_components, n_numbers = basis["directions"].shape
    assert n_numbers == 468
    assert len(scenes) * 0.92 - 1 < n_components < len(scenes) * 4
