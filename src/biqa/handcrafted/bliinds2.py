"""BLIINDS-II of Saad, Bovik and Charrier (TIP 2012): statistics of local cosine transforms.

Blocks of 5x5 pixels, one every 3 pixels, at three scales; of each block four numbers, of each
number the mean over all blocks and over the worst tenth: 24 features. The paper predicts with a
density of features and scores, or with SVR, which is what its later users do; here it is SVR.
"""

import numpy as np
from scipy import ndimage
from scipy.fft import dct

from biqa.handcrafted.distributions import generalised_gaussian
from biqa.handcrafted.gray_levels import luminance
from biqa.handcrafted.method import Basis, Gray, Method, Numbers, Picture

NAMES = ("bliinds2",)
BASIS = ""
KIND = "svr"

SIDE, STEP = 5, 3
SCALES = 3
WORST = 0.1  # the fraction of blocks in the second mean
TINY = 1e-8  # keeps quotients finite in blocks without detail
COSINES = dct(np.eye(SIDE), axis=0, norm="ortho")  # row k is the k-th wave
DOWN, ACROSS = np.divmod(np.arange(1, SIDE**2), SIDE)  # frequencies of the 24 waves, no mean
RADIAL = np.digitize(DOWN + ACROSS, [3, 5]) == np.arange(3)[:, None]  # three bands of 24 waves
DEGREES = np.degrees(np.arctan2(DOWN, ACROSS))
ORIENTED = np.digitize(DEGREES, [30, 60]) == np.arange(3)[:, None]


class BLIINDS2(Method):
    """24 features a picture."""

    def features(self, picture: Picture, basis: Basis) -> Numbers:
        """Return 8 numbers at full, half and quarter size."""
        gray = luminance(picture)
        found = []
        for _ in range(SCALES):
            found.append(_pooled(block_numbers(waves(gray))))
            gray = ndimage.gaussian_filter(gray, sigma=0.5, radius=1, mode="nearest")[::2, ::2]
        return np.concatenate(found)


def waves(gray: Gray) -> Numbers:
    """Return the 24 coefficients of each block but its mean, (blocks, 24)."""
    windows = np.lib.stride_tricks.sliding_window_view(gray, (SIDE, SIDE))[::STEP, ::STEP]
    flat = windows.reshape(-1, SIDE**2)
    return (flat @ np.kron(COSINES, COSINES).T)[:, 1:]


def block_numbers(coefficients: Numbers) -> Numbers:
    """Return four numbers a block, (blocks, 4); ``coefficients`` is (blocks, 24).

    Shape of the generalised Gaussian; coefficient of variation of the magnitudes; mean ratio of
    the energies of the radial bands; variance over the oriented bands of the coefficient of
    variation (sections III.B to III.E). Bands are told by the sum and by the quotient of the two
    frequencies. A higher shape and lower others are what a pristine picture has.
    """
    shape, _ = generalised_gaussian(coefficients)
    energy = np.stack([coefficients[:, chosen].var(axis=1) for chosen in RADIAL])
    slower = np.stack([energy[0], (energy[0] + energy[1]) / 2])
    ratios = np.abs(energy[1:] - slower) / (energy[1:] + slower + TINY)
    oriented = np.stack([_variation(coefficients[:, chosen]) for chosen in ORIENTED])
    return np.stack(
        [shape, _variation(coefficients), ratios.mean(axis=0), oriented.var(axis=0)], axis=1
    )


def _variation(coefficients: Numbers) -> Numbers:
    """Return deviation over mean of the magnitudes of each block."""
    magnitude = np.abs(coefficients)
    return magnitude.std(axis=1) / (magnitude.mean(axis=1) + TINY)


def _pooled(numbers: Numbers) -> Numbers:
    """Return mean over all blocks, and over the tenth with the lowest shape, or highest others."""
    ordered = np.sort(numbers * [1, -1, -1, -1], axis=0) * [1, -1, -1, -1]
    n_worst = max(1, round(WORST * len(numbers)))
    return np.concatenate([numbers.mean(axis=0), ordered[:n_worst].mean(axis=0)])


def build(name: str) -> Method:
    """Return BLIINDS-II; it has no options."""
    return BLIINDS2()
