"""Too few gray values, too few colours."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from biqa.distortions.definition import Distortion, Picture


def quantised(picture: Picture, n_values: float, rng: np.random.Generator) -> npt.NDArray:
    """Round every channel to so many evenly spaced values, the first black, the last white."""
    step = 255 / (n_values - 1)
    return np.rint(picture / step) * step


def colour_quantised(picture: Picture, n_colours: float, rng: np.random.Generator) -> npt.NDArray:
    """Replace by a palette (median cut), with Floyd and Steinberg's dither."""
    image = Image.fromarray(picture)
    palette = image.quantize(int(n_colours), method=Image.Quantize.MEDIANCUT)
    few = image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    return np.array(few.convert("RGB"))


DISTORTIONS = (
    Distortion(
        name="quantised",
        parameter="values a channel",
        levels=(20, 13, 8, 5, 3),
        source="own choice: KADID-10k's 20 to 7 are placed where the histogram needs them",
        apply=quantised,
    ),
    Distortion(
        name="colour_quantised",
        parameter="colours of the palette",
        levels=(64, 48, 32, 16, 8),
        source="KADID-10k; DBCNN's generator dithers as we do, with 64 to 4 colours",
        apply=colour_quantised,
    ),
)
