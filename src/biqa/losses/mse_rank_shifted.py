"""Squared error on labels moved by their rank: what DCQ does, without its pairs."""

import torch

from biqa.losses._checks import check_batch
from biqa.shapes import Scalar, Scores


def mse_rank_shifted(predicted: Scores, mos: Scores, *, kappa: float = 1 / 3) -> Scalar:
    """Return the mean squared error on the labels t + ``kappa`` (2 F(t) - 1).

    A control for DCQ, not of a paper. F is the distribution of the MOS in the batch at mid-ranks,
    so that 2 F - 1 = s / n with s as in ``qac``. With kappa 1/3 the labels are the minimum of
    ``dcq``, which differs from this loss by a constant and by ``qdc`` on the same labels. Over
    random batches of n the labels move by (n - 1) / n of ``kappa`` (2 F - 1), F being the
    distribution of all MOS.

    At least 0, lower is better, in squared units of ``mos``. Equal MOS are not moved, nor is the
    MOS of a single picture.
    """
    check_batch("mse_rank_shifted", predicted, mos)
    labels = mos + kappa * _direction(mos) / len(mos)
    return ((predicted - labels) ** 2).mean()


def _direction(mos: Scores) -> Scores:
    """Return the number of lower less that of higher MOS, for each."""
    in_order = mos.detach().sort().values
    mos = mos.detach().contiguous()
    n_not_above = torch.searchsorted(in_order, mos, right=True)
    return (torch.searchsorted(in_order, mos) + n_not_above - len(mos)).to(mos.dtype)
