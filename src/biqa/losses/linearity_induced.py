"""Linearity-induced loss."""

from biqa.losses._checks import check_batch, check_weights
from biqa.shapes import Scalar, Scores

EPS = 1e-8  # added to the standard deviations, as in the authors' code


def linearity_induced(
    predicted: Scores,
    mos: Scores,
    *,
    alpha: tuple[float, float] = (1.0, 0.0),
    detach: bool = False,
) -> Scalar:
    """Return the linearity-induced loss of Li, Jiang and Jiang (LinearityIQA, IQAloss.py).

    Both vectors are centred and divided by their standard deviation over n. The loss is a
    quarter of the mean squared difference; its variant first multiplies the predictions by
    the correlation. ``alpha`` weighs the two; the weights are divided by their sum. Up to EPS
    the loss is (1 - PLCC) / 2 and the variant (1 - PLCC^2) / 4. The default is that of the
    authors' command line; their function itself has (1, 1). With ``detach`` the mean and the
    standard deviation of ``predicted`` are constants in the gradient.

    In [0, 1], lower is better; unchanged when ``predicted`` becomes ``a * predicted + b`` with
    a > 0. One picture gives 0 with gradient 0. Equal predictions give a quarter, with a
    gradient of order 1 / EPS; equal MOS give a quarter of ``alpha[0]``'s share.
    """
    check_batch("linearity_induced", predicted, mos)
    check_weights("linearity_induced alpha", alpha)
    predicted, mos = _standardised(predicted, detach), _standardised(mos, False)
    correlation = (predicted * mos).mean()
    loss = ((predicted - mos) ** 2).mean() / 4
    variant = ((correlation * predicted - mos) ** 2).mean() / 4
    return (alpha[0] * loss + alpha[1] * variant) / sum(alpha)


def _standardised(scores: Scores, detach: bool) -> Scores:
    constants = scores.detach() if detach else scores
    return (scores - constants.mean()) / (constants.std(correction=0) + EPS)
