"""What a distortion is: a function and five parameters."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biqa.errors import InputError

N_LEVELS = 5
Picture = npt.NDArray[np.uint8]  # (height, width, 3), sRGB


@dataclass(frozen=True)
class Distortion:
    """A type of distortion; calling it distorts a picture.

    ``parameter`` says what the numbers in ``levels`` (weakest first) mean, with their unit;
    ``source`` says who chose them. ``apply`` takes picture, parameter and generator and returns
    gray values of the same shape, which may be fractions and out of range.
    """

    name: str
    parameter: str
    levels: tuple[float, float, float, float, float]
    source: str
    apply: Callable[[Picture, float, np.random.Generator], npt.NDArray]

    def __call__(self, picture: Picture, level: int, rng: np.random.Generator) -> Picture:
        """Return the distorted picture, same shape, rounded and clipped to 0..255."""
        if level not in range(1, N_LEVELS + 1):
            raise InputError(f"{self.name}: level {level!r}, expected one of 1 to {N_LEVELS}")
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise InputError(
                f"{self.name}: a picture of {picture.dtype} and shape {picture.shape}, "
                "expected uint8 and (height, width, 3)"
            )
        gray_values = self.apply(picture, self.levels[level - 1], rng)
        assert gray_values.shape == picture.shape, f"{self.name} changed the shape"
        return np.clip(np.rint(gray_values), 0, 255).astype(np.uint8)
