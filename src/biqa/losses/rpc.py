"""Relative perception constraint, DCQ without its squared error."""

from biqa.losses.qac import qac
from biqa.losses.qdc import qdc
from biqa.shapes import Scalar, Scores


def rpc(predicted: Scores, mos: Scores) -> Scalar:
    """Return QDC + QAC, the relative perception constraint of the DCQ paper (equation 1).

    Lower is better and negative at a good fit. Unchanged when a constant is added to
    ``predicted``; convex, with its minimum where the error minus its mean is s / (2 n), s as in
    ``qac``. One picture gives 0 with gradient 0.
    """
    return qdc(predicted, mos) + qac(predicted, mos)
