"""CORNIA and HOSA patch by patch; what their codebooks promise."""

import numpy as np
import pytest

from biqa.errors import InputError
from biqa.handcrafted import create_method
from biqa.handcrafted.hosa import moments, soft_weights
from biqa.handcrafted.local_patches import normalised_patches, whitening
from biqa.scenes import references


@pytest.fixture(scope="module")
def pictures():
    return list(references(64, ["chelsea_1", "coffee_2", "rocket_1", "leaves_1"], seed=1).values())


def test_patches_are_normalised_one_by_one(rng):
    picture = rng.integers(0, 256, (9, 10, 3), dtype=np.uint8)
    found = normalised_patches(picture, 10_000)
    gray = np.rint(picture @ np.array([0.299, 0.587, 0.114]))
    assert found.shape == (3 * 4, 49)
    for number, (row, column) in enumerate(np.ndindex(3, 4)):
        patch = gray[row : row + 7, column : column + 7].ravel()
        expected = (patch - patch.mean()) / np.sqrt(patch.var() + 10)
        np.testing.assert_allclose(found[number], expected, atol=1e-4)


@pytest.mark.parametrize(("size", "wanted", "given"), [(506, 10_000, 10_000), (20, 50, 49)])
def test_patches_lie_on_an_even_grid_of_about_as_many_as_asked_for(size, wanted, given, rng):
    picture = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
    assert len(normalised_patches(picture, wanted)) == given


def test_whitened_patches_have_no_correlation(rng):
    turn, _ = np.linalg.qr(rng.standard_normal((49, 49)))
    patches = rng.standard_normal((5_000, 49)) * np.linspace(10, 40, 49) @ turn
    white = patches @ whitening(patches)
    np.testing.assert_allclose(np.cov(white, rowvar=False), np.eye(49), atol=2e-3)


def test_cornia_is_the_best_fit_of_any_patch(pictures):
    method = create_method("cornia", codewords=20, patches=400, samples=50)
    basis = method.learn(pictures, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(basis["codewords"], axis=1), 1, rtol=1e-5)
    found = method.features(pictures[0], basis)
    assert found.shape == (40,)
    patches = normalised_patches(pictures[0], 400)
    for number, word in enumerate(basis["codewords"]):
        similar = [float((patch @ basis["whitening"]) @ word) for patch in patches]
        assert found[number] == pytest.approx(max(0, max(similar)), rel=1e-4)
        assert found[20 + number] == pytest.approx(max(0, -min(similar)), rel=1e-4)


def test_weights_are_for_the_five_nearest_codewords(rng):
    patches, words = rng.standard_normal((6, 4)), rng.standard_normal((9, 4))
    weights = soft_weights(patches, words)
    for patch, row in zip(patches, weights, strict=True):
        distance = np.array([((patch - word) ** 2).sum() for word in words])
        near = np.argsort(distance)[:5]
        expected = np.zeros(9)
        expected[near] = np.exp(-0.05 * distance[near])
        np.testing.assert_allclose(row, expected / expected.sum(), rtol=1e-9)


def test_moments_are_weighted_mean_variance_and_skewness(rng):
    patches, weights = rng.standard_normal((50, 3)) ** 3, rng.random((50, 2))
    weights[:, 1] = 0  # nothing lies near the second codeword
    words = np.array([[9.0, 9, 9], [1, 2, 3]])
    mean, variance, skewness = moments(patches, weights, words)
    share = weights[:, :1] / weights[:, :1].sum()
    expected = (share * patches).sum(axis=0)
    spread = (share * (patches - expected) ** 2).sum(axis=0)
    third = (share * (patches - expected) ** 3).sum(axis=0)
    np.testing.assert_allclose(mean, [expected, words[1]])
    np.testing.assert_allclose(variance, [spread, [0, 0, 0]])
    np.testing.assert_allclose(skewness, [third / spread**1.5, [0, 0, 0]], rtol=1e-9)


def test_hosa_has_three_differences_a_codeword_and_length_1(pictures):
    method = create_method("hosa", codewords=8, patches=400, samples=100, rounds=5)
    basis = method.learn(pictures, np.random.default_rng(0))
    found = method.features(pictures[0], basis)
    assert found.shape == (3 * 8 * 49,)
    assert np.linalg.norm(found) == pytest.approx(1, rel=1e-5)
    patches = normalised_patches(pictures[0], 400) @ basis["whitening"]
    weights = soft_weights(patches, basis["codewords"])
    difference = np.average(patches, axis=0, weights=weights[:, 2]) - basis["codewords"][2]
    signed = np.sign(difference) * np.sqrt(np.abs(difference))
    np.testing.assert_allclose(np.corrcoef(found[2 * 49 : 3 * 49], signed)[0, 1], 1, rtol=1e-5)


def test_a_codebook_depends_on_its_seed_alone(pictures):
    method = create_method("hosa", codewords=8, samples=60, rounds=3)
    one, same, other = (method.learn(pictures, np.random.default_rng(s)) for s in (0, 0, 1))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["codewords"], other["codewords"])


def test_more_codewords_than_patches_are_refused(pictures):
    method = create_method("cornia", codewords=500, samples=20)
    with pytest.raises(InputError, match="80 patches for 500 codewords"):
        method.learn(pictures, np.random.default_rng(0))
