"""Wrong colours: saturation, chroma out of place."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage import color

from biqa.distortions.colour_spaces import from_luma_chroma, to_luma_chroma
from biqa.distortions.definition import Distortion, Picture


def desaturated(picture: Picture, factor: float, rng: np.random.Generator) -> npt.NDArray:
    """Multiply the saturation of HSV; 0 leaves the largest channel as gray."""
    hsv = color.rgb2hsv(picture)
    hsv[..., 1] *= factor
    return color.hsv2rgb(hsv) * 255


def oversaturated(picture: Picture, factor: float, rng: np.random.Generator) -> npt.NDArray:
    """Multiply Cb and Cr; luma stays where the colour can still be shown."""
    return from_luma_chroma(to_luma_chroma(picture) * [1, factor, factor])


def colour_shift(picture: Picture, pixels: float, rng: np.random.Generator) -> npt.NDArray:
    """Move red to the right and blue to the left; the edge columns repeat."""
    moved = picture.astype(float)
    for channel, step in ((0, pixels), (2, -pixels)):
        moved[..., channel] = ndimage.shift(moved[..., channel], (0, step), order=1, mode="nearest")
    return moved


def colour_diffusion(picture: Picture, sd: float, rng: np.random.Generator) -> npt.NDArray:
    """Blur Cb and Cr by a Gaussian; luma stays sharp."""
    luma_chroma = to_luma_chroma(picture)
    luma_chroma[..., 1:] = ndimage.gaussian_filter(luma_chroma[..., 1:], sigma=sd, axes=(0, 1))
    return from_luma_chroma(luma_chroma)


DISTORTIONS = (
    Distortion(
        name="desaturated",
        parameter="factor of the saturation in HSV",
        levels=(0.8, 0.6, 0.4, 0.2, 0.0),
        source="own choice: KADID-10k's 0.4 to -0.4 start strong and turn hues over",
        apply=desaturated,
    ),
    Distortion(
        name="oversaturated",
        parameter="factor of Cb and Cr",
        levels=(1.3, 1.7, 2.2, 3, 4.5),
        source="own choice: KADID-10k multiplies a* and b* of CIELAB by 1 (no change), 2, 3, 6, 9",
        apply=oversaturated,
    ),
    Distortion(
        name="colour_shift",
        parameter="displacement of red and of blue, pixels",
        levels=(0.5, 1, 2, 3, 5),
        source="own choice: KADID-10k's 1 to 12 are for pictures of 512 x 384 pixels",
        apply=colour_shift,
    ),
    Distortion(
        name="colour_diffusion",
        parameter="standard deviation, pixels",
        levels=(1, 2, 4, 6, 10),
        source="own choice: KADID-10k's 1 to 12 are for pictures of 512 x 384 pixels",
        apply=colour_diffusion,
    ),
)
