"""Prepared pictures, mapped into memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from biqa.errors import InputError
from biqa.pictures.prepared import FACTS, PICTURES, PIXELS

TEXT = ("name", "reference", "distortion", "official_part", "group", "perceptual_hash")


class Pictures(Protocol):
    """Pictures by number, and a row of ``labels`` for each, wherever they lie."""

    @property
    def labels(self) -> pd.DataFrame:
        """The labels, in the order of the pictures."""

    def __len__(self) -> int:
        """Return how many there are."""

    def picture(self, index: int) -> np.ndarray:
        """Return picture ``index`` as uint8 RGB of shape (height, width, 3), read-only."""

    def mirrored(self, index: int) -> np.ndarray:
        """Return it with left and right exchanged."""


@dataclass(frozen=True)
class PictureStore:
    """The pictures of one prepared folder; ``labels`` has a row for each, in the same order."""

    folder: Path
    labels: pd.DataFrame
    facts: dict[str, Any]
    _places: np.ndarray  # offset, height and width of each picture
    _pixels: np.ndarray

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open what the step ``prepare`` wrote to ``folder``; the pixels are not read yet."""
        missing = [name for name in (FACTS, PICTURES, PIXELS) if not (folder / name).is_file()]
        if missing:
            raise _again(folder, f"{', '.join(missing)} missing")
        labels = pd.read_csv(
            folder / PICTURES,
            dtype=dict.fromkeys(TEXT, str),
            keep_default_na=False,
        )
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        ends = labels["offset"] + labels["height"] * labels["width"] * 3
        n_bytes = (folder / PIXELS).stat().st_size
        if len(labels) != facts["n_images"]:
            raise _again(folder, f"{len(labels)} rows in {PICTURES}, {FACTS} has another count")
        if n_bytes != ends.max():
            raise _again(folder, f"{PIXELS} has {n_bytes} bytes, {PICTURES} says {ends.max()}")
        places = labels[["offset", "height", "width"]].to_numpy(np.int64)
        pixels = np.memmap(folder / PIXELS, dtype=np.uint8, mode="r")
        return cls(folder, labels, facts, places, pixels)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def holds_videos(self) -> bool:
        """Whether the pictures are frames of videos, each named <video>/<number>.png."""
        return self.facts.get("n_videos", 0) > 0  # earlier versions prepared pictures alone

    def picture(self, index: int) -> np.ndarray:
        """Return picture ``index`` as uint8 RGB of shape (height, width, 3), read-only."""
        offset, height, width = self._places[index]
        return self._pixels[offset : offset + height * width * 3].reshape(height, width, 3)

    def mirrored(self, index: int) -> np.ndarray:
        """Return picture ``index`` with left and right exchanged, read-only."""
        return self.picture(index)[:, ::-1]

    def stacked_bytes(self) -> int | None:
        """Return how many bytes the pictures take together, or None if their sizes differ."""
        return self._pixels.size if len(np.unique(self._places[:, 1:], axis=0)) == 1 else None

    def stacked(self) -> np.ndarray:
        """Return all pictures, which must be of one size: (n, height, width, 3), read-only."""
        height, width = self._places[0, 1:]
        return self._pixels.reshape(len(self), height, width, 3)

    def index_of(self, names: Sequence[str]) -> np.ndarray:
        """Return the row of each name, as int64."""
        rows = pd.Index(self.labels["name"]).get_indexer(pd.Index(list(names)))
        if (rows < 0).any():
            unknown = list(names)[int(np.argmin(rows))]
            raise InputError(f"{self.folder}: there is no picture {unknown!r} in it")
        return rows.astype(np.int64)


def _again(folder: Path, why: str) -> InputError:
    return InputError(f"{folder}: {why}; delete this folder and run the step `prepare` again")
