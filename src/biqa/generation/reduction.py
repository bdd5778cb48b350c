"""Photographs made smaller before they are distorted, so that no later scaling hides that."""

import numpy as np
from PIL import Image

from biqa.distortions.definition import Picture
from biqa.errors import InputError


def reduced(picture: Picture, shorter_side: int) -> Picture:
    """Return an uint8 (height, width, 3) picture whose shorter side has that many pixels.

    The other side keeps the proportion, to the nearest pixel (Lanczos, antialiased). A picture
    that is smaller already is refused: enlarged, it would be blurred and not pristine.
    """
    height, width = picture.shape[:2]
    shorter = min(height, width)
    if shorter < shorter_side:
        raise InputError(
            f"a pristine picture of {height}x{width} pixels cannot be reduced to a shorter side "
            f"of {shorter_side}; take a smaller size"
        )
    size = (round(width * shorter_side / shorter), round(height * shorter_side / shorter))
    return np.array(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
