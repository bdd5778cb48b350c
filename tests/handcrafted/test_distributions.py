"""Fits give back the parameters of samples that scipy draws."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import gamma

from biqa.handcrafted.distributions import (
    generalised_gaussian,
    scale_of,
    two_sided_gaussian,
    weibull,
)

N = 200_000


@pytest.mark.parametrize("shape", [0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("scale", [0.3, 7.0])
def test_generalised_gaussian_gives_back_shape_and_scale(shape, scale, rng):
    samples = stats.gennorm(shape, scale=scale).rvs(N, random_state=rng)
    found, deviation = generalised_gaussian(samples)
    assert found == pytest.approx(shape, rel=0.02)
    assert scale_of(found, deviation) == pytest.approx(scale, rel=0.04)


@pytest.mark.parametrize(("shape", "left", "right"), [(0.8, 1.0, 3.0), (2.0, 2.0, 0.5)])
def test_two_sided_gaussian_gives_back_shape_mean_and_either_side(shape, left, right, rng):
    magnitude = np.abs(stats.gennorm(shape).rvs(N, random_state=rng))
    is_left = rng.random(N) < left / (left + right)  # so that the density has no step at 0
    samples = np.where(is_left, -left, right) * magnitude
    fit = two_sided_gaussian(samples)
    assert fit.shape == pytest.approx(shape, rel=0.03)
    assert fit.mean == pytest.approx(samples.mean(), abs=0.03)
    width = np.sqrt(gamma(3 / shape) / gamma(1 / shape))
    assert fit.left == pytest.approx(left * width, rel=0.03)
    assert fit.right == pytest.approx(right * width, rel=0.03)


@pytest.mark.parametrize("shape", [0.7, 1.0, 2.5])
def test_weibull_gives_back_shape_and_scale(shape, rng):
    samples = stats.weibull_min(shape, scale=3.0).rvs(N, random_state=rng)
    found, scale = weibull(samples)
    assert found == pytest.approx(shape, rel=0.02)
    assert scale == pytest.approx(3.0, rel=0.02)


@pytest.mark.parametrize("kind", ["weibull", "others", "a few near zero"])
def test_weibull_is_the_most_likely_one(kind, rng):
    samples = stats.weibull_min(1.4, scale=3.0).rvs(3_000, random_state=rng)
    if kind == "others":
        samples = rng.gamma(2.0, size=3_000)
    if kind == "a few near zero":
        samples[:60] = 1e-9
    shape, _, scale = stats.weibull_min.fit(samples, floc=0)
    assert weibull(samples) == pytest.approx((shape, scale), rel=2e-4)


def test_a_few_zeros_do_not_rule_a_weibull_fit(rng):
    samples = stats.weibull_min(1.4, scale=3.0).rvs(N, random_state=rng)
    samples[: N // 100] = 0
    shape, scale = weibull(samples)
    assert 0.9 < shape < 1.4  # from the deviation of the logarithm it would be 0.3
    assert scale == pytest.approx(3.0, rel=0.1)


def test_many_fits_at_once_are_the_fits_one_by_one(rng):
    samples = rng.standard_normal((3, 2, 500))
    for fit in (generalised_gaussian, two_sided_gaussian, lambda x: weibull(np.abs(x))):
        together = np.stack(fit(samples))
        for place in np.ndindex(3, 2):
            np.testing.assert_allclose(together[:, *place], fit(samples[place]), rtol=1e-12)


def test_samples_without_spread_have_width_0_and_finite_numbers():
    flat = np.zeros((2, 50))
    assert np.stack(generalised_gaussian(flat)).tolist() == [[2, 2], [0, 0]]
    assert np.stack(two_sided_gaussian(flat)).tolist() == [[2, 2], [0, 0], [0, 0], [0, 0]]
    assert np.isfinite(weibull(flat)).all()


def test_samples_of_one_sign_have_one_side():
    fit = two_sided_gaussian(np.array([1.0, 2.0, 3.0]))
    assert fit.left == 0
    assert fit.right == pytest.approx(np.sqrt(14 / 3))
    assert np.isfinite(np.stack(fit)).all()
