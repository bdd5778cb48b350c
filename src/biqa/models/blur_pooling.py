"""Blurred energy of feature maps."""

import torch
from torch import Tensor
from torch.nn.functional import conv2d

EPSILON = 1e-12  # under the root, as in the released code of TReS


def blur_pooling(maps: Tensor) -> Tensor:
    """Return the root of the squared maps (n, channels, h, w), blurred with zeros around them.

    The L2 pooling of TReS (Golestaneh et al., WACV 2022; Hénaff and Simoncelli, ICLR 2016) at
    stride 1: a 3x3 window of weights 1, 2, 1 a side, over 16.
    """
    taps = torch.tensor((1.0, 2.0, 1.0), device=maps.device, dtype=maps.dtype)
    window = (taps[:, None] * taps / 16)[None, None]
    blurred = conv2d(maps.square().flatten(0, 1).unsqueeze(1), window, padding=1)
    return (blurred.view(maps.shape) + EPSILON).sqrt()
