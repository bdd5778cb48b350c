"""Squared error after min-max normalisation, a relative of norm-in-norm."""

from biqa.losses._checks import check_batch, check_weights
from biqa.losses._rescaled import divided_by_range, squared_distance
from biqa.shapes import Scalar, Scores


def min_max_norm(
    predicted: Scores,
    mos: Scores,
    *,
    alpha: tuple[float, float] = (1.0, 0.0),
    detach: bool = False,
) -> Scalar:
    """Return the mean squared difference of predictions and MOS, each mapped onto [0, 1].

    ``min-max-norm`` of Li, Jiang and Jiang (LinearityIQA, IQAloss.py): the smallest score of the
    batch becomes 0 and the largest 1. The variant first multiplies the normalised predictions
    by their cosine with the normalised MOS. ``alpha`` weighs the two and is divided by its sum;
    the default is that of the authors' command line. With ``detach`` the smallest and the
    largest prediction are constants in the gradient.

    In [0, 1], lower is better; unchanged when ``predicted`` becomes ``a * predicted + b`` with
    a > 0. One picture gives 0 with gradient 0. Equal predictions give a finite value and a
    gradient of order 1 / EPS; equal MOS count as 0 each.
    """
    check_batch("min_max_norm", predicted, mos)
    check_weights("min_max_norm alpha", alpha)
    if len(mos) == 1:
        return 0.0 * predicted.sum()
    predicted = divided_by_range(predicted, predicted.min(), detach=detach)
    return squared_distance(predicted, divided_by_range(mos, mos.min(), detach=True), alpha)
