"""Min-max-norm and mean-norm, one number at a time."""

import pytest
import torch
from torch.testing import assert_close

from biqa.losses import loss

EPS = 1e-8


def equation(name, predicted, mos, alpha):
    def rescaled(scores):
        level = min(scores) if name == "min_max_norm" else sum(scores) / len(scores)
        return [(score - level) / (max(scores) - min(scores) + EPS) for score in scores]

    a, b = rescaled(predicted), rescaled(mos)
    lengths = [sum(x * x for x in scores) ** 0.5 for scores in (a, b)]
    cosine = sum(x * y for x, y in zip(a, b, strict=True)) / (lengths[0] * lengths[1])
    total = 0.0
    for weight, slope in zip(alpha, (1, cosine), strict=True):
        total += weight * sum((slope * x - y) ** 2 for x, y in zip(a, b, strict=True)) / len(a)
    return total / sum(alpha) / (1 if name == "min_max_norm" else 4)


@pytest.mark.parametrize("n", [2, 3, 8, 41])
@pytest.mark.parametrize("alpha", [(1.0, 0.0), (0.0, 1.0), (1.0, 0.1)])
@pytest.mark.parametrize("name", ["min_max_norm", "mean_norm"])
def test_is_the_equation(name, alpha, n, batch):
    predicted, mos = batch(n, ties=n > 3)
    expected = equation(name, predicted.tolist(), mos.tolist(), alpha)
    assert_close(loss(name, alpha=alpha)(predicted, mos).item(), expected, rtol=1e-9, atol=1e-12)


def test_min_max_norm_reaches_one_for_opposite_ends():
    ends = torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=torch.float64)
    assert_close(loss("min_max_norm")(ends, 1 - ends).item(), 1.0, rtol=1e-7, atol=0)


@pytest.mark.parametrize("name", ["min_max_norm", "mean_norm"])
def test_the_gradient_at_equal_predictions_is_of_the_order_of_one_over_eps(
    name, batch, value_and_gradient
):
    mos = batch(8)[1]
    _, gradient = value_and_gradient(loss(name), torch.full_like(mos, 0.25), mos)
    assert 1e5 < gradient.abs().max() < 1e9
