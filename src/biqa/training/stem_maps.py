"""What a frozen stem makes of a database's pictures: computed once, mapped into memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import torch

from biqa.errors import InputError
from biqa.files import whole_file, write_json
from biqa.models.quality import QualityModel
from biqa.models.stem import Stem
from biqa.pictures.store import PictureStore
from biqa.recipes import Hardware, Recipe
from biqa.training.number_format import number_format

MAPS, FACTS = "maps.bin", "facts.json"


def write_maps(
    model: QualityModel,
    store: PictureStore,
    modules: tuple[str, ...],
    hardware: Hardware,
    folder: Path,
    facts: Mapping[str, Any],
) -> None:
    """Write ``maps.bin`` and, when it is whole, ``facts.json``, to which ``facts`` are added.

    For each picture of ``store`` the maps of all of it and then those of its mirror image, each
    as float32 of shape (height, width, channels). ``modules`` name the stem of ``model``.
    """
    stem = Stem(model, modules)
    device = next(model.parameters()).device
    (folder / FACTS).unlink(missing_ok=True)  # from here on the folder is not complete
    shapes = []
    with whole_file(folder / MAPS) as aside, aside.open("wb") as file:
        for index in range(len(store)):
            picture = store.picture(index)
            sides = torch.from_numpy(np.stack([picture, picture[:, ::-1]]))
            with number_format(hardware):
                maps = stem(model.inputs_of(sides, device))
            cells = maps.float().permute(0, 2, 3, 1).contiguous()
            file.write(cells.cpu().numpy().tobytes())
            shapes.append(list(cells.shape[1:]))
    found = {
        "modules": list(modules),
        "stride": stem.stride,
        "pixels_sha256": store.facts["pixels_sha256"],
        "shapes": shapes,
    }
    write_json(folder / FACTS, {**facts, **found})


@dataclass(frozen=True)
class StemMaps:
    """The maps of a store's pictures, where a training would have the pictures themselves."""

    labels: pd.DataFrame
    stride: int  # pixels of a picture's side to one cell of its maps
    _shapes: np.ndarray  # (n, 3): height, width, channels
    _starts: np.ndarray  # of each picture's maps, in numbers
    _values: np.ndarray

    @classmethod
    def open(cls, folder: Path, store: PictureStore, modules: tuple[str, ...]) -> Self:
        """Open what ``write_maps`` wrote of ``store`` by those modules; nothing is read yet."""
        again = f"delete {folder} and run the step 'stem' again"
        if not (folder / FACTS).is_file() or not (folder / MAPS).is_file():
            raise InputError(f"{folder}: {MAPS} or {FACTS} is missing; {again}")
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        for key, expected in (
            ("pixels_sha256", store.facts["pixels_sha256"]),
            ("modules", list(modules)),
        ):
            if facts[key] != expected:
                raise InputError(f"{folder}: {key} is {facts[key]}, expected {expected}; {again}")
        shapes = np.array(facts["shapes"], np.int64)
        ends = np.cumsum(2 * shapes.prod(axis=1))
        n_bytes = (folder / MAPS).stat().st_size
        if n_bytes != ends[-1] * np.dtype(np.float32).itemsize:
            raise InputError(f"{folder}: {MAPS} has {n_bytes} bytes, {FACTS} has others; {again}")
        values = np.memmap(folder / MAPS, dtype=np.float32, mode="r")
        return cls(store.labels, facts["stride"], shapes, np.array([0, *ends[:-1]]), values)

    def __len__(self) -> int:
        return len(self.labels)

    def picture(self, index: int) -> np.ndarray:
        """Return the maps of picture ``index``, (height, width, channels), read-only."""
        return self._side(index, 0)

    def mirrored(self, index: int) -> np.ndarray:
        """Return the maps of its mirror image."""
        return self._side(index, 1)

    def _side(self, index: int, side: int) -> np.ndarray:
        shape = self._shapes[index]
        size = int(shape.prod())
        start = int(self._starts[index]) + side * size
        return self._values[start : start + size].reshape(shape)

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return ``recipe`` with its crops counted in cells; they have to be whole ones."""
        views = recipe.views
        for key, side in (("crop", views.crop), ("test_crop", views.test_crop)):
            if side % self.stride:
                raise InputError(
                    f"recipe: views.{key} is {side}, but crops of the maps of its frozen_stem are "
                    f"multiples of {self.stride} pixels"
                )
        crop, test_crop = views.crop // self.stride, views.test_crop // self.stride
        return replace(recipe, views=replace(views, crop=crop, test_crop=test_crop))
