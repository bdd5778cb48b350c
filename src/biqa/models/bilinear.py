"""Bilinear pooling of two feature maps."""

from torch import Tensor
from torch.nn.functional import interpolate, normalize

EPSILON = 1e-8


def bilinear_pooling(features1: Tensor, features2: Tensor) -> Tensor:
    """Return the pooled outer product of two maps (n, c1, h, w) and (n, c2, h, w): (n, c1 * c2).

    Zhang et al. (IEEE TCSVT 2020), Eq. 5 to 7, as released: mean over positions, square root of
    x + 1e-8 (features must not be negative: no sign is taken), unit length. Element
    c2 * i + j belongs to channels i and j. A second map of another size is resized to the first,
    bilinearly with corners aligned.
    """
    n, _, height, width = features1.shape
    if features2.shape[-2:] != (height, width):
        features2 = interpolate(features2, (height, width), mode="bilinear", align_corners=True)
    products = features1.flatten(2) @ features2.flatten(2).transpose(1, 2) / (height * width)
    return normalize((products + EPSILON).sqrt().reshape(n, -1), dim=1)
