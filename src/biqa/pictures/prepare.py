"""Decode the pictures of a dataset once, into one file of plain bytes."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL
from PIL import features

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.errors import InputError
from biqa.files import whole_file, write_json, write_table
from biqa.pictures.decode import RESAMPLING, decode, resize

NATIVE = "native"
PIXELS, PICTURES, FACTS = "pixels.bin", "pictures.csv", "facts.json"
STATED = (
    "title", "n_images", "n_references", "score_name", "score_range", "higher_is_better",
    "is_proxy", "citation", "licence", "homepage", "same_pictures",
)  # fmt: skip


def prepare(dataset: Dataset, archive: Archive, size: str, folder: Path) -> dict[str, Any]:
    """Write ``pixels.bin``, ``pictures.csv`` and, when both are whole, ``facts.json``.

    ``size`` is "native", or height x width in pixels ("256x256"): the whole picture is resized,
    its aspect is not kept. Same archive, size and Pillow: same bytes. Returns the facts.
    """
    wanted = parse_size(size)
    labels = dataset.labels(archive)
    (folder / FACTS).unlink(missing_ok=True)  # from here on the folder is not complete
    with whole_file(folder / PIXELS) as aside:
        shapes, digest = _write_pixels(aside, _sized(labels["member"], archive, wanted))
    pictures = labels.drop(columns="member").assign(
        height=[height for height, _ in shapes],
        width=[width for _, width in shapes],
        offset=_offsets(shapes),
    )
    write_table(folder / PICTURES, pictures)
    facts = {
        "dataset": dataset.name,
        **{key: getattr(dataset, key) for key in STATED},
        "size": size,
        "resampling": "none" if wanted is None else f"{RESAMPLING.name.lower()}, antialiased",
        "pillow": PIL.__version__,
        "libjpeg": f"{features.version('libjpeg_turbo') or features.version('jpg')}",
        "pixels_sha256": digest,
        "pixels_bytes": sum(_n_bytes(shape) for shape in shapes),
    }
    write_json(folder / FACTS, facts)
    return facts


def parse_size(size: str) -> tuple[int, int] | None:
    """Return (height, width) in pixels, or None for "native"."""
    if size == NATIVE:
        return None
    found = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", size)
    if not found:
        raise InputError(f"size {size!r}: expected {NATIVE!r} or height x width such as '256x256'")
    return int(found[1]), int(found[2])


def _sized(
    members: Iterable[str], archive: Archive, wanted: tuple[int, int] | None
) -> Iterable[np.ndarray]:
    for member in members:
        picture = decode(archive.read(member), f"{archive.path}: {member}")
        yield picture if wanted is None else resize(picture, *wanted)


def _write_pixels(path: Path, pictures: Iterable[np.ndarray]) -> tuple[list[tuple[int, int]], str]:
    """Write the pictures one after another; return their (height, width) and the SHA-256."""
    digest = hashlib.sha256()
    shapes = []
    with path.open("wb") as file:
        for picture in pictures:
            content = picture.tobytes()
            file.write(content)
            digest.update(content)
            shapes.append(picture.shape[:2])
    return shapes, digest.hexdigest()


def _n_bytes(shape: tuple[int, int]) -> int:
    height, width = shape
    return height * width * 3


def _offsets(shapes: list[tuple[int, int]]) -> pd.Series:
    """Return where each picture begins, in bytes from the start of the file."""
    ends = np.cumsum([0, *(_n_bytes(shape) for shape in shapes)], dtype=np.int64)
    return pd.Series(ends[:-1])
