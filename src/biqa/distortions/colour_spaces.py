"""Luma and chroma, on the scale of gray values."""

import numpy as np
import numpy.typing as npt

# ITU-R BT.601 at full range, as in JPEG files (JFIF 1.02): rows are Y, Cb, Cr of R, G, B.
LUMA_CHROMA = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.299 / 1.772, -0.587 / 1.772, 0.5],
        [0.5, -0.587 / 1.402, -0.114 / 1.402],
    ]
)
RGB = np.linalg.inv(LUMA_CHROMA)


def to_luma_chroma(picture: npt.NDArray) -> npt.NDArray:
    """Return Y (0 to 255), Cb and Cr (-127.5 to 127.5) of RGB, along the last axis."""
    return picture @ LUMA_CHROMA.T


def from_luma_chroma(luma_chroma: npt.NDArray) -> npt.NDArray:
    """Return RGB of Y, Cb and Cr; colours that RGB cannot show lie outside 0 to 255."""
    return luma_chroma @ RGB.T
