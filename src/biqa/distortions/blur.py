"""Blur by a Gaussian, by a lens out of focus, and by motion."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from biqa.distortions.definition import Distortion, Picture

SAMPLES = 32  # along one pixel: how finely the shape of a kernel is drawn


def gaussian_blur(picture: Picture, sd: float, rng: np.random.Generator) -> npt.NDArray:
    """Convolve with a Gaussian; the picture goes on mirrored beyond its edges."""
    return ndimage.gaussian_filter(picture.astype(float), sigma=sd, axes=(0, 1))


def lens_blur(picture: Picture, radius: float, rng: np.random.Generator) -> npt.NDArray:
    """Convolve with a disc, the shadow of the aperture."""
    reach = int(np.ceil(radius))
    fine = (np.arange((2 * reach + 1) * SAMPLES) + 0.5) / SAMPLES - reach - 0.5
    inside = (fine[:, None] ** 2 + fine**2 <= radius**2).astype(float)
    side = 2 * reach + 1
    return _convolve(picture, inside.reshape(side, SAMPLES, side, SAMPLES).sum(axis=(1, 3)))


def motion_blur(picture: Picture, length: float, rng: np.random.Generator) -> npt.NDArray:
    """Convolve with a straight line of random direction."""
    angle = rng.uniform(0, np.pi)
    reach = int(np.ceil(length / 2))
    along = ((np.arange(reach * SAMPLES * 2) + 0.5) / (reach * SAMPLES * 2) - 0.5) * length
    edges = np.arange(-reach - 0.5, reach + 1)
    kernel, *_ = np.histogram2d(along * np.sin(angle), along * np.cos(angle), bins=(edges, edges))
    return _convolve(picture, kernel)


def _convolve(picture: Picture, kernel: npt.NDArray) -> npt.NDArray:
    """Return each channel convolved with the kernel, scaled to sum 1; mirrored at the edges."""
    return ndimage.convolve(picture.astype(float), (kernel / kernel.sum())[..., None])


DISTORTIONS = (
    Distortion(
        name="gaussian_blur",
        parameter="standard deviation, pixels",
        levels=(0.5, 0.8, 1.2, 1.8, 3.0),
        source="own choice: KADID-10k's 0.1 to 5 are for pictures of 512 x 384 pixels, "
        "and 0.1 changes no gray value",
        apply=gaussian_blur,
    ),
    Distortion(
        name="lens_blur",
        parameter="radius of the disc, pixels",
        levels=(1.0, 1.5, 2.2, 3.2, 5.0),
        source="own choice: KADID-10k's 1 to 8 are for pictures of 512 x 384 pixels",
        apply=lens_blur,
    ),
    Distortion(
        name="motion_blur",
        parameter="length of the line, pixels",
        levels=(2, 3.5, 5, 8, 13),
        source="own choice: KADID-10k's 1 to 10 are for pictures of 512 x 384 pixels",
        apply=motion_blur,
    ),
)
