"""Correlation loss plus a rank term."""

from biqa.errors import InputError
from biqa.losses._checks import check_batch
from biqa.losses.linearity_induced import linearity_induced
from biqa.losses.mono_normalised import mono_normalised
from biqa.shapes import Scalar, Scores


def plcc_srcc(predicted: Scores, mos: Scores, *, rank_weight: float = 0.3) -> Scalar:
    """Return the loss of FAST-VQA: a correlation term plus ``rank_weight`` times a rank term.

    Wu et al. (ECCV 2022, new_train.py). The correlation term is the linearity-induced loss with
    equal weights, ((1 - PLCC) / 2 + (1 - PLCC^2) / 4) / 2; the rank term is
    ``mono_normalised``. The DCQ paper compares with "PLCC+SRCC" without defining it; that it
    means this loss is our reading.

    In [0, 1/2 + rank_weight), lower is better; unchanged when a constant is added to
    ``predicted``. Equal predictions give a quarter with a gradient of order 1e8 over n; equal
    MOS an eighth, with a gradient near 0. A batch of one is refused: FAST-VQA's value is not a
    number there.
    """
    check_batch("plcc_srcc", predicted, mos, at_least=2)
    if rank_weight < 0:
        raise InputError(f"loss plcc_srcc: rank_weight is {rank_weight:g}, expected at least 0")
    correlation_term = linearity_induced(predicted, mos, alpha=(1.0, 1.0))
    return correlation_term + rank_weight * mono_normalised(predicted, mos)
