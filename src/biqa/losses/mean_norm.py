"""Squared error after mean normalisation, a relative of norm-in-norm."""

from biqa.losses._checks import check_batch, check_weights
from biqa.losses._rescaled import divided_by_range, squared_distance
from biqa.shapes import Scalar, Scores


def mean_norm(
    predicted: Scores,
    mos: Scores,
    *,
    alpha: tuple[float, float] = (1.0, 0.0),
    detach: bool = False,
) -> Scalar:
    """Return a quarter of the mean squared difference, both centred and divided by their range.

    ``mean-norm`` of Li, Jiang and Jiang (LinearityIQA, IQAloss.py). The variant first multiplies
    the normalised predictions by their cosine with the normalised MOS, which is PLCC.
    ``alpha`` weighs the two and is divided by its sum; the default is that of the authors'
    command line. With ``detach`` mean and range of ``predicted`` are constants in the gradient.

    At least 0, lower is better; unchanged when ``predicted`` becomes ``a * predicted + b`` with
    a > 0. One picture gives 0 with gradient 0. Equal predictions give a finite value and a
    gradient of order 1 / EPS; equal MOS count as 0 each.
    """
    check_batch("mean_norm", predicted, mos)
    check_weights("mean_norm alpha", alpha)
    if len(mos) == 1:
        return 0.0 * predicted.sum()
    predicted = divided_by_range(predicted, predicted.mean(), detach=detach)
    return squared_distance(predicted, divided_by_range(mos, mos.mean(), detach=True), alpha) / 4
