"""Log-Gabor filters: bands of frequency and direction, applied in the frequency domain."""

from collections.abc import Iterator

import numpy as np
from scipy import fft

from biqa.handcrafted.method import Numbers

N_SCALES, N_DIRECTIONS = 3, 4
WAVELENGTH = 2.4  # of the finest filter, in pixels
FACTOR = 1.31  # between the centre frequencies of two scales
WIDTH = 0.55  # deviation of the logarithm of the frequency is -ln of this
TURN = np.pi / N_DIRECTIONS / 1.1  # deviation in direction, radians


def frequencies(height: int, width: int) -> tuple[Numbers, Numbers]:
    """Return the frequencies down (height, 1) and across (1, width), in cycles a pixel."""
    return fft.fftfreq(height)[:, None], fft.fftfreq(width)[None]


def filters(height: int, width: int, shrink: float) -> Iterator[Numbers]:
    """Give the gains (height, width) of the 12 filters; ``shrink`` divides the wavelengths.

    exp(-ln(f / f0)^2 / (2 ln(width)^2)) times a Gaussian of the angle to the filter's
    direction. They are one-sided, so that responses have a real part and an imaginary one.
    """
    down, across = frequencies(height, width)
    radius = np.hypot(down, across)
    radius[0, 0] = 1  # any number: the gain there is 0
    angle = np.arctan2(-down, across)
    for direction in range(N_DIRECTIONS):
        turned = angle - direction * np.pi / N_DIRECTIONS
        away = np.abs(np.arctan2(np.sin(turned), np.cos(turned)))
        spread = np.exp(-np.square(away) / (2 * TURN**2))
        for scale in range(N_SCALES):
            centre = shrink / (WAVELENGTH * FACTOR**scale)
            gain = np.exp(-np.square(np.log(radius / centre)) / (2 * np.log(WIDTH) ** 2))
            gain[0, 0] = 0
            yield (gain * spread).astype(np.float32)
