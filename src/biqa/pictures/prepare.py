"""Decode the pictures of a dataset once, into one file of plain bytes."""

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
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
from biqa.pictures.look_alikes import perceptual_hash
from biqa.pictures.prepared import FACTS, PICTURES, PIXELS

NATIVE = "native"
STATED = (
    "title", "n_references", "score_name", "score_range", "higher_is_better",
    "is_proxy", "citation", "licence", "homepage", "same_pictures", "n_videos",
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
        decoded = _decoded(labels["member"], archive)
        shapes, hashes, digest = _write_pixels(aside, decoded, wanted)
    pictures = labels.drop(columns="member").assign(
        height=[height for height, _ in shapes],
        width=[width for _, width in shapes],
        offset=_offsets(shapes),
        perceptual_hash=hashes,
    )
    write_table(folder / PICTURES, pictures)
    facts = {
        "dataset": dataset.name,
        **{key: getattr(dataset, key) for key in STATED},
        "n_images": len(labels),  # an archive may hold a part of the pictures
        "size": size,
        "resampling": "none" if wanted is None else f"{RESAMPLING.name.lower()}, antialiased",
        "pillow": PIL.__version__,
        "libjpeg": f"{features.version('libjpeg_turbo') or features.version('jpg')}",
        "pixels_sha256": digest,
        "pixels_bytes": sum(_n_bytes(shape) for shape in shapes),
    }
    write_json(folder / FACTS, facts)
    return facts


def make_sure_of_space(folder: Path, sizes: Mapping[str, int], size: str) -> None:
    """Raise unless the pixels of so many pictures of each native size fit beside ``folder``.

    ``sizes`` counts the pictures of each height x width, as the step ``verify`` reports them.
    """
    wanted = parse_size(size)
    n_bytes = sum(_n_bytes(wanted or _shape(native)) * count for native, count in sizes.items())
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(there).free
    if n_bytes > free:
        raise InputError(
            f"{folder}: no space: the pixels take {n_bytes:,} bytes at size {size}, {free:,} are "
            f"free; free {n_bytes - free:,} more and run again"
        )


def parse_size(size: str) -> tuple[int, int] | None:
    """Return (height, width) in pixels, or None for "native"."""
    if size == NATIVE:
        return None
    return _shape(size)


def _shape(size: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", size)
    if not found:
        raise InputError(f"size {size!r}: expected {NATIVE!r} or height x width such as '256x256'")
    return int(found[1]), int(found[2])


def _decoded(members: Iterable[str], archive: Archive) -> Iterable[np.ndarray]:
    for member in members:
        yield decode(archive.read(member), f"{archive.path}: {member}")


def _write_pixels(
    path: Path, pictures: Iterable[np.ndarray], wanted: tuple[int, int] | None
) -> tuple[list[tuple[int, int]], list[str], str]:
    """Write the pictures one after another; return their (height, width), hashes, and SHA-256.

    The perceptual hashes are of the pictures before they are resized, so that splits that keep
    look-alikes together are the same at every size.
    """
    digest = hashlib.sha256()
    shapes, hashes = [], []
    with path.open("wb") as file:
        for picture in pictures:
            sized = picture if wanted is None else resize(picture, *wanted)
            content = sized.tobytes()
            file.write(content)
            digest.update(content)
            shapes.append(sized.shape[:2])
            hashes.append(perceptual_hash(picture))
    return shapes, hashes, digest.hexdigest()


def _n_bytes(shape: tuple[int, int]) -> int:
    height, width = shape
    return height * width * 3


def _offsets(shapes: list[tuple[int, int]]) -> pd.Series:
    """Return where each picture begins, in bytes from the start of the file."""
    ends = np.cumsum([0, *(_n_bytes(shape) for shape in shapes)], dtype=np.int64)
    return pd.Series(ends[:-1])
