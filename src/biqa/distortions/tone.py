"""Wrong lightness and contrast."""

import numpy as np
import numpy.typing as npt

from biqa.distortions.definition import Distortion, Picture


def brightened(picture: Picture, strength: float, rng: np.random.Generator) -> npt.NDArray:
    """Raise [0, 1] to the power 1 / (1 + strength): black and white stay."""
    return 255 * (picture / 255) ** (1 / (1 + strength))


def darkened(picture: Picture, strength: float, rng: np.random.Generator) -> npt.NDArray:
    """Raise [0, 1] to the power 1 + strength: black and white stay."""
    return 255 * (picture / 255) ** (1 + strength)


def mean_shifted(picture: Picture, shift: float, rng: np.random.Generator) -> npt.NDArray:
    """Add a constant, or subtract it: the sign is random."""
    return picture + rng.choice([-1, 1]) * shift


def contrast_lowered(picture: Picture, factor: float, rng: np.random.Generator) -> npt.NDArray:
    """Multiply the distance of every value to the mean of the picture."""
    return picture.mean() + factor * (picture - picture.mean())


DISTORTIONS = (
    Distortion(
        name="brightened",
        parameter="exponent 1 / (1 + strength)",
        levels=(0.1, 0.2, 0.4, 0.7, 1.1),
        source="numbers of KADID-10k, which bends the curve of lightness in another way",
        apply=brightened,
    ),
    Distortion(
        name="darkened",
        parameter="exponent 1 + strength",
        levels=(0.2, 0.5, 0.9, 1.5, 2.5),
        source="own choice: KADID-10k's 0.05 to 0.8 belong to another curve",
        apply=darkened,
    ),
    Distortion(
        name="mean_shifted",
        parameter="shift, gray values",
        levels=(10, 20, 35, 50, 75),
        source="own choice: KADID-10k's third level is no shift at all, so its order is no order",
        apply=mean_shifted,
    ),
    Distortion(
        name="contrast_lowered",
        parameter="factor of the contrast",
        levels=(0.8, 0.6, 0.45, 0.3, 0.15),
        source="own choice: levels of TID2013 and KADID-10k lower and raise it in turn",
        apply=contrast_lowered,
    ),
)
