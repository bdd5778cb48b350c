"""Every method by name; what distortions do to those that never saw a score."""

import numpy as np
import pytest

from biqa.distortions import distort
from biqa.errors import InputError
from biqa.handcrafted import create_method, facts_of, known_methods
from biqa.handcrafted.gaussian_models import distances, gaussian_model
from biqa.scenes import known, references

SMALL = {
    "ilniqe": {"patches": 3, "side": 42},
    "niqe": {"side": 32},
    "cornia": {"codewords": 16, "patches": 200, "samples": 40},
    "hosa": {"codewords": 8, "patches": 200, "samples": 40},
}


@pytest.fixture(scope="module")
def scenes():
    return references(128, known(), seed=0)


def learned(name, scenes):
    method = create_method(name, **SMALL.get(name, {}))
    return method, method.learn(scenes.values(), np.random.default_rng(0))


def test_the_methods_of_the_paper_are_there():
    assert known_methods() == ("bliinds2", "brisque", "cornia", "hosa", "ilniqe", "niqe")
    assert facts_of("gone") is None
    with pytest.raises(InputError, match="unknown method 'gone'; the methods are bliinds2"):
        create_method("gone")
    with pytest.raises(InputError, match="niqe: unknown option sides; it has side"):
        create_method("niqe", sides=3)


@pytest.mark.parametrize("name", known_methods())
def test_features_are_finite_and_the_same_again(name, scenes):
    method, basis = learned(name, scenes)
    pictures = [
        *(scenes[one] for one in ("chelsea_1", "leaves_3")),
        np.full((128, 128, 3), 255, dtype=np.uint8),
        np.zeros((130, 141, 3), dtype=np.uint8),
    ]
    sizes = set()
    for picture in pictures:
        found = method.features(picture, basis)
        assert found.ndim == 1
        assert np.isfinite(found).all()
        np.testing.assert_array_equal(found, method.features(picture.copy(), basis))
        sizes.add(len(found))
    assert len(sizes) == 1
    assert facts_of(name).kind == "svr" or sizes == {1}


@pytest.mark.parametrize("name", ["niqe", "ilniqe"])
@pytest.mark.parametrize("kind", ["white_noise", "gaussian_blur"])
def test_distance_from_pristine_pictures_grows_with_distortion(name, kind, scenes):
    method, basis = learned(name, scenes)
    tried = ("astronaut_3", "coffee_1", "china_2", "flower_3")
    means = []
    for level in (0, 1, 3, 5):
        pictures = [scenes[one] for one in tried]
        if level:
            rng = np.random.default_rng(level)
            pictures = [distort(picture, kind, level, rng) for picture in pictures]
        means.append(np.mean([method.features(picture, basis)[0] for picture in pictures]))
    assert means == sorted(means, reverse=True)
    assert means[0] - means[-1] > 0.1 * abs(means[0])


def test_the_distance_is_that_of_the_equation(rng):
    one, other = (np.cov(rng.standard_normal((50, 4)), rowvar=False) for _ in range(2))
    difference = rng.standard_normal(4)
    middle = np.linalg.inv((one + other) / 2)
    expected = np.sqrt(difference @ middle @ difference)
    assert distances(difference[None], one, other)[0] == pytest.approx(expected)


def test_too_few_pristine_patches_are_refused(rng):
    with pytest.raises(InputError, match="niqe: 36 pristine patches for 36 numbers each"):
        gaussian_model([rng.standard_normal((36, 36))], "niqe")
