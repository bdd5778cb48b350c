"""Dual-criterion quality loss."""

from biqa.losses._checks import check_weights
from biqa.losses.mse import mse as squared_error
from biqa.losses.qac import qac as qualitative_alignment
from biqa.losses.qdc import qdc as quantitative_discrepancy
from biqa.shapes import Scalar, Scores


def dcq(
    predicted: Scores, mos: Scores, *, mse: float = 1.0, qdc: float = 1.0, qac: float = 1.0
) -> Scalar:
    """Return the dual-criterion quality loss (ACM MM 2024): MSE + QDC + QAC, each weighted.

    The paper states no weights; 1 each is its equation 1 plus MSE as written. A weight of 0
    leaves a part out, as in its ablation.

    Lower is better and negative at a good fit; strictly convex in ``predicted`` while ``mse`` is
    positive. Not invariant to the unit of the MOS: the minimum with weights 1 is not at
    ``predicted = mos`` but at mos + s / (3 n), s as in ``qac``, which on MOS in [0, 1] stretches
    the predictions beyond [0, 1] and on 0 to 100 hardly shows. One picture gives the MSE,
    equal MOS give MSE + QDC. O(n log n): no matrix of pairs is built.
    """
    check_weights("dcq", (mse, qdc, qac))
    return (
        mse * squared_error(predicted, mos)
        + qdc * quantitative_discrepancy(predicted, mos)
        + qac * qualitative_alignment(predicted, mos)
    )
