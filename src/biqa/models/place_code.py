"""Sines and cosines that tell a transformer where on a map a feature lies."""

import math

import torch
from torch import Tensor

SLOWEST = 10_000  # wavelengths grow up to this factor
EPSILON = 1e-6  # added to the number of places, as in the released codes


def place_code(channels: int, height: int, width: int, *, device: torch.device) -> Tensor:
    """Return the code (channels, height, width) of DETR and TReS, normalised to one turn.

    The first half of the channels codes the row, the other half the column, both counted from
    1: sine and cosine in turn, at falling frequencies. ``channels`` is a multiple of 4.
    """
    half = channels // 2
    pair = torch.arange(half, device=device) // 2
    wavelengths = SLOWEST ** (2 * pair / half)
    is_sine = (torch.arange(half, device=device) % 2 == 0)[:, None]

    def code(length: int) -> Tensor:
        turns = torch.arange(1, length + 1, device=device) / (length + EPSILON) * 2 * math.pi
        angles = turns / wavelengths[:, None]
        return torch.where(is_sine, angles.sin(), angles.cos())  # half, length

    rows = code(height)[:, :, None].expand(half, height, width)
    columns = code(width)[:, None, :].expand(half, height, width)
    return torch.cat([rows, columns])
