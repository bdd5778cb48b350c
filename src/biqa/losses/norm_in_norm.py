"""Norm-in-norm loss."""

from torch.linalg import vector_norm
from torch.nn.functional import cosine_similarity

from biqa.errors import InputError
from biqa.losses._checks import check_batch, check_weights
from biqa.shapes import Scalar, Scores

EPS = 1e-8  # added to the norms, as in the authors' code


def norm_in_norm(
    predicted: Scores,
    mos: Scores,
    *,
    p: float = 1.0,
    q: float = 2.0,
    alpha: tuple[float, float] = (1.0, 0.0),
    detach: bool = False,
) -> Scalar:
    """Return the norm-in-norm loss of Li, Jiang and Jiang (ACM MM 2020, arXiv:2008.03889).

    Both vectors are centred and divided by their q-norm. The loss is the p-norm of the
    difference over the largest value it can have, to the power p. Its variant first multiplies
    the normalised predictions by their correlation with the normalised MOS. ``alpha`` weighs
    the loss and the variant; the weights are divided by their sum. With ``detach`` the mean
    and the norm of ``predicted`` are constants in the gradient. Defaults are those of the
    authors' command line; their "p1q2 plus 0.1 variant" is ``alpha=(1.0, 0.1)``.

    In [0, 1], lower is better; unchanged when ``predicted`` becomes ``a * predicted + b`` with
    a > 0. With p = q = 2 the loss is (1 - PLCC) / 2 and the variant (1 - PLCC^2) / 4.

    As in the authors' code (LinearityIQA, IQAloss.py): one picture gives 0 with gradient 0,
    two give 0 or 1 with a gradient near 0; equal predictions give a finite value but a gradient
    of order 1 / EPS; equal MOS are no refusal: for p = 1, q = 2 the gradient is not 0. For p < 1
    EPS is also added to the difference.
    """
    check_batch("norm_in_norm", predicted, mos)
    check_weights("norm_in_norm alpha", alpha)
    if p <= 0 or q <= 0:
        raise InputError(f"loss norm_in_norm: p = {p:g} and q = {q:g}, expected both above 0")
    if len(mos) == 1:
        return 0.0 * predicted.sum()
    predicted, mos = _normalised(predicted, q, detach), _normalised(mos, q, False)
    correlation = cosine_similarity(predicted, mos, dim=0, eps=EPS)
    terms = zip(alpha, (predicted, correlation * predicted), strict=True)
    weighted = [weight * _distance(scores, mos, p, q) for weight, scores in terms if weight > 0]
    return sum(weighted[1:], start=weighted[0]) / sum(alpha)


def _normalised(scores: Scores, q: float, detach: bool) -> Scores:
    mean = scores.mean()
    centred = scores - (mean.detach() if detach else mean)
    norm = vector_norm(centred, q)
    return centred / ((norm.detach() if detach else norm) + EPS)


def _distance(predicted: Scores, mos: Scores, p: float, q: float) -> Scalar:
    largest = 2 ** max(1.0, 1 / q) * len(mos) ** max(0.0, 1 / p - 1 / q)
    difference = predicted - mos
    if p < 1:  # the gradient of the p-norm is infinite where a difference is 0
        difference = difference + EPS
    return (vector_norm(difference, p) / largest) ** p
