"""Pristine pictures, from which opinion-unaware methods learn what undistorted means."""

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from biqa.errors import InputError
from biqa.pictures.decode import decode
from biqa.scenes import known, references

PRISTINE = ("kodak", "scenes")
N_KODAK = 24  # 768x512 photographs, on film, scanned by Kodak
SCENE_SIDE = 192  # pixels: about the size of the crops


def kodak(archive: Path) -> Iterator[np.ndarray]:
    """Give the 24 Kodak photographs from a zip of PNG files, by name of file."""
    for _, picture in named_kodak(archive):
        yield picture


def named_kodak(archive: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Give the 24 Kodak photographs as kodim01 to kodim24, by the number in the file's name."""
    with zipfile.ZipFile(archive) as packed:
        names = sorted(name for name in packed.namelist() if name.lower().endswith(".png"))
        if len(names) != N_KODAK:
            raise InputError(f"{archive}: {len(names)} PNG files in it, expected {N_KODAK}")
        for name in names:
            number = "".join(filter(str.isdigit, PurePosixPath(name).stem))
            yield f"kodim{number:0>2}", decode(packed.read(name), f"{archive}: {name}")


def scenes() -> Iterator[np.ndarray]:
    """Give the references of the demonstration: crops of photographs, and dead leaves."""
    yield from references(SCENE_SIDE, known(), seed=0).values()
