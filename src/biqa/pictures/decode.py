"""From the bytes of a picture file to 8-bit RGB."""

import io
import struct

import numpy as np
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from biqa.errors import InputError

RESAMPLING = Image.Resampling.BICUBIC
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
DAMAGE = (  # what Pillow raises for files that are not what their headers say
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError),
    *(struct.error, Image.DecompressionBombError),
)
OPAQUE_MODES = ("RGB", "L", "1", "P")  # gray and palettes become RGB without loss
ALPHA_MODES = ("RGBA", "LA", "PA")
PNG_BIT_DEPTH = 24  # where the header of a PNG file holds the bits a channel
TIFF_BIT_DEPTH = 258  # the tag BitsPerSample


def decode(content: bytes, where: str) -> np.ndarray:
    """Return the picture as uint8 RGB of shape (height, width, 3); ``where`` names it in errors.

    The kind of file is told from its content. An EXIF orientation is applied, colour profiles
    are not. Refused, because any conversion would be a guess at what the raters saw: several
    frames or pages, more than 8 bits a channel, CMYK, and transparent pixels. A JPEG of a phone
    that carries further pictures behind the first (MPO) is its first picture, as viewers show it.
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as file:
            n_frames = 1 if file.format == "MPO" else getattr(file, "n_frames", 1)
            bits = _bits(file, content)
            image = ImageOps.exif_transpose(file)
    except DAMAGE as error:
        reason = f"{type(error).__name__}, {len(content)} bytes beginning with {content[:8]!r}"
        raise InputError(
            f"{where}: cannot be decoded as a picture ({reason}); expected one of "
            f"{', '.join(FORMATS)}"
        ) from error
    if n_frames > 1:
        raise InputError(f"{where}: has {n_frames} frames or pages; expected one picture")
    if bits > 8 or image.mode.startswith(("I", "F")):
        raise InputError(f"{where}: more than 8 bits a channel; expected an 8-bit picture")
    if image.has_transparency_data or image.mode in ALPHA_MODES:
        if image.convert("RGBA").getchannel("A").getextrema() != (255, 255):
            raise InputError(f"{where}: has transparent pixels; expected an opaque picture")
    elif image.mode not in OPAQUE_MODES:
        raise InputError(f"{where}: colour mode {image.mode}; expected RGB, gray or a palette")
    return np.asarray(image.convert("RGB"))


def _bits(file: Image.Image, content: bytes) -> int:
    """Return the bits a channel; Pillow gives mode RGB also where it would drop half of 16."""
    if file.format == "PNG":
        return content[PNG_BIT_DEPTH]
    if isinstance(file, TiffImageFile):
        return max(file.tag_v2.get(TIFF_BIT_DEPTH, (1,)))
    return 8


def resize(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return uint8 (height, width, 3): bicubic, widened when it shrinks so that nothing aliases.

    A picture that has the size already is returned as it is.
    """
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(Image.fromarray(picture).resize((width, height), RESAMPLING))
