"""Which pictures look the same: one scene twice, brighter, smaller or compressed again."""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from scipy.fft import dctn
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from biqa.errors import InputError
from biqa.pictures.decode import RESAMPLING

SIDE = 48  # pixels of the small gray picture that is transformed
WAVES = 12  # a side, the slowest; their mean value, the first, is left out
MOST_DIFFERENT = 28  # of the 143 bits
N_BYTES = (WAVES**2 - 1 + 7) // 8


def perceptual_hash(picture: np.ndarray) -> str:
    """Return 143 bits as hexadecimal digits: which slow waves are stronger than the median.

    ``picture`` is uint8 (height, width, 3). The bits do not change with size, brightness or
    contrast, as far as nothing is clipped; they do with mirroring and turning.
    """
    gray = Image.fromarray(picture).convert("L").resize((SIDE, SIDE), RESAMPLING)
    waves = dctn(np.asarray(gray, dtype=float), norm="ortho")[:WAVES, :WAVES].ravel()[1:]
    waves = waves.round(6)  # so that 0 is 0 with any build of the transform
    return np.packbits(waves > np.median(waves)).tobytes().hex()


def look_alikes(names: Sequence[str], hashes: Sequence[str]) -> list[str]:
    """Return for each picture the first name among those that look like it, its own included.

    Two hashes at most ``MOST_DIFFERENT`` bits apart look the same, and so do their chains. On
    LIVE Challenge and on 1,250 pictures of BIQ2021, every pair up to 30 bits was one scene to
    the eye; the first that was not had 32.
    """
    bits = _bits(names, hashes)
    one, other = [], []
    for index, row in enumerate(bits):
        apart = np.bitwise_count(bits[index + 1 :] ^ row).sum(axis=1)
        (close,) = np.nonzero(apart <= MOST_DIFFERENT)
        one.append(np.full(len(close), index))
        other.append(close + index + 1)
    ends = (np.concatenate(one), np.concatenate(other))
    edges = coo_array((np.ones(len(ends[0])), ends), shape=(len(names), len(names)))
    _, component = connected_components(edges)
    first: dict[int, str] = {}
    for name, label in zip(names, component.tolist(), strict=True):
        first[label] = min(name, first.get(label, name))
    return [first[label] for label in component.tolist()]


def _bits(names: Sequence[str], hashes: Sequence[str]) -> np.ndarray:
    """Return uint64 (pictures, 3): the bits, filled up with zeros."""
    rows = []
    for name, text in zip(names, hashes, strict=True):
        try:
            content = bytes.fromhex(text)
        except ValueError:
            content = b""
        if len(content) != N_BYTES:
            raise InputError(
                f"picture {name!r}: {text!r} is no perceptual hash, expected {2 * N_BYTES} "
                "hexadecimal digits; run the step `prepare` again"
            )
        rows.append(content.ljust(-(-N_BYTES // 8) * 8, b"\0"))
    return np.frombuffer(b"".join(rows), dtype=np.uint64).reshape(len(rows), -1)
