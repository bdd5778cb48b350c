"""Gray pictures at full and at half size, and their blocks."""

import numpy as np
from PIL import Image

from biqa.errors import InputError
from biqa.handcrafted.method import Gray, Numbers, Picture

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R 601


def luminance(picture: Picture) -> Gray:
    """Return the gray levels (height, width) of an RGB picture, whole numbers from 0 to 255."""
    return np.rint(picture @ LUMA)


def halved(gray: Numbers) -> Gray:
    """Return (ceil(height / 2), ceil(width / 2)): bicubic, widened so that nothing aliases."""
    height, width = ((side + 1) // 2 for side in gray.shape)
    small = Image.fromarray(gray.astype(np.float32)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    return np.asarray(small, dtype=np.float64)


def blocks(values: Numbers, side: int) -> Numbers:
    """Cut (height, width) into (n, side, side): no overlap, row by row, the rest is left out."""
    rows, columns = (length // side for length in values.shape)
    if not rows * columns:
        raise InputError(
            f"a picture of {values.shape[0]}x{values.shape[1]} pixels is smaller than one block "
            f"of {side}x{side}; prepare the pictures at a larger size"
        )
    grid = values[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return grid.swapaxes(1, 2).reshape(rows * columns, side, side)
