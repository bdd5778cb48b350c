"""Stored pictures as networks take them."""

import torch

from biqa.shapes import Images, Pixels


def normalised(
    pixels: Pixels,
    *,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    device: torch.device,
) -> Images:
    """Return bytes as float images, ``(pixels / 255 - mean) / std`` a channel, channels last."""
    scale = 1 / (255 * torch.tensor(std, device=device))
    shift = -torch.tensor(mean, device=device) / torch.tensor(std, device=device)
    images = pixels.to(device, non_blocking=True).float() * scale + shift
    return images.permute(0, 3, 1, 2)
