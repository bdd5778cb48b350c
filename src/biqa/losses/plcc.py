"""Correlation loss."""

from torch.nn.functional import cosine_similarity

from biqa.losses._checks import check_batch
from biqa.shapes import Scalar, Scores

EPS = 1e-8  # smallest norm that is divided by, as in the authors' code


def plcc(predicted: Scores, mos: Scores) -> Scalar:
    """Return (1 - PLCC) / 2, with Pearson's correlation over the batch.

    This is ``loss_a`` of Li, Jiang and Jiang (MDTVSFA, VQAloss.py), here without their
    nonlinear mapping. In [0, 1], lower is better; unchanged when ``predicted`` becomes
    ``a * predicted + b`` with a > 0. Where no correlation is defined it counts as 0: equal
    predictions give 1/2 with a gradient of order 1 / EPS, equal MOS 1/2 with gradient 0.
    Like that code it refuses a batch of one.
    """
    check_batch("plcc", predicted, mos, at_least=2)
    predicted, mos = predicted - predicted.mean(), mos - mos.mean()
    return (1 - cosine_similarity(predicted, mos, dim=0, eps=EPS)) / 2
