"""A small archive in the layout of LIVE In the Wild, for several test modules."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from biqa.datasets import livec

IMAGES = "ChallengeDB_release/Images"
SCORES = {"2.bmp": 40.0, "t1.bmp": 55.0, "10.JPG": 3.5, "1.bmp": 92.25}  # t1 trained the raters
SHAPES = {"2.bmp": (9, 7), "10.JPG": (6, 11), "1.bmp": (8, 8)}  # height, width


def png(pixels: np.ndarray) -> bytes:
    """The pixels without loss, under whatever name: the content says what it is."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def pixels_of(name: str) -> np.ndarray:
    rng = np.random.default_rng(len(name) + sum(name.encode()))
    return rng.integers(0, 256, (*SHAPES[name], 3), dtype=np.uint8)


def matlab(name: str, values: object) -> bytes:
    stream = io.BytesIO()
    savemat(stream, {name: values})
    return stream.getvalue()


def members(
    scores: Mapping[str, float] | list[tuple[str, float]] = SCORES,
    pictures: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """The files of the archive by their path; ``pictures`` replaces some, or adds more."""
    rows = list(scores.items()) if isinstance(scores, Mapping) else scores
    names = np.empty((len(rows), 1), dtype=object)
    names[:, 0] = [name for name, _ in rows]
    values = np.array([[score for _, score in rows]])
    contents = {name: png(pixels_of(name)) for name in SHAPES} | dict(pictures or {})
    return {
        "ChallengeDB_release/Data/AllImages_release.mat": matlab("AllImages_release", names),
        "ChallengeDB_release/Data/AllMOS_release.mat": matlab("AllMOS_release", values),
        f"{IMAGES}/.DS_Store": b"left by a file manager",
        f"{IMAGES}/trainingImages/t1.bmp": png(np.zeros((4, 4, 3), np.uint8)),
        **{f"{IMAGES}/{name}": content for name, content in contents.items()},
    }


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def expect_pictures(monkeypatch: pytest.MonkeyPatch, n_images: int) -> None:
    """Make the definition expect this many pictures, as the command line sees it."""
    monkeypatch.setattr(livec, "DATASET", replace(livec.DATASET, n_images=n_images))
