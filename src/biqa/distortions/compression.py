"""Compression by JPEG and JPEG 2000, with the codecs that Pillow carries."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from biqa.distortions.definition import Distortion, Picture


def jpeg(picture: Picture, quality: float, rng: np.random.Generator) -> npt.NDArray:
    """Encode and decode as baseline JPEG with halved chroma (4:2:0)."""
    return _through_codec(picture, "JPEG", quality=int(quality), subsampling="4:2:0")


def jpeg2000(picture: Picture, ratio: float, rng: np.random.Generator) -> npt.NDArray:
    """Encode and decode as JPEG 2000 with the irreversible 9/7 wavelet."""
    return _through_codec(
        picture, "JPEG2000", quality_mode="rates", quality_layers=[ratio], irreversible=True
    )


def _through_codec(picture: Picture, codec: str, **options: Any) -> npt.NDArray:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format=codec, **options)
    return np.array(Image.open(file))


DISTORTIONS = (
    Distortion(
        name="jpeg",
        parameter="quality of libjpeg, 1 to 100",
        levels=(43, 36, 24, 7, 4),
        source="KADID-10k",
        apply=jpeg,
    ),
    Distortion(
        name="jpeg2000",
        parameter="bytes of the pixels in one byte of the file",
        levels=(12, 24, 40, 70, 120),
        source="own choice: KADID-10k's 16 to 400 leave nothing of 128 x 128 pixels",
        apply=jpeg2000,
    ),
)
