"""BRISQUE of Mittal, Moorthy and Bovik (TIP 2012): statistics of normalised gray levels, and SVR.

Two scales of 18 numbers. The paper does not say how the picture goes on beyond its edges nor
where neighbours end: here edge pixels are repeated, and neighbours lie inside the picture.
"""

import numpy as np

from biqa.handcrafted.gray_levels import halved, luminance
from biqa.handcrafted.method import Basis, Method, Numbers, Picture
from biqa.handcrafted.scene_statistics import normalised, statistics

NAMES = ("brisque",)
BASIS = ""
KIND = "svr"

SCALES = 2


class BRISQUE(Method):
    """36 features a picture."""

    def features(self, picture: Picture, basis: Basis) -> Numbers:
        """Return the 18 statistics at full and at half size."""
        gray = luminance(picture)
        found = []
        for _ in range(SCALES):
            values, _ = normalised(gray)
            found.append(statistics(values))
            gray = halved(gray)
        return np.concatenate(found)


def build(name: str) -> Method:
    """Return BRISQUE; it has no options."""
    return BRISQUE()
