"""Huber's loss."""

from torch.nn.functional import huber_loss

from biqa.errors import InputError
from biqa.losses._checks import check_batch
from biqa.shapes import Scalar, Scores


def huber(predicted: Scores, mos: Scores, *, delta: float = 0.1) -> Scalar:
    """Return the mean of e^2 / 2 where abs(e) is at most ``delta``, linear in e beyond.

    Huber (Annals of Mathematical Statistics 1964). ``delta`` is in units of ``mos``; a tenth of
    MOS in [0, 1] is our choice. At least 0, lower is better.
    """
    check_batch("huber", predicted, mos)
    if delta <= 0:
        raise InputError(f"loss huber: delta is {delta:g}, expected a number above 0")
    return huber_loss(predicted, mos, delta=delta)
