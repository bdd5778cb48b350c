"""What the network sees of the stored pictures: crops, flips and normalisation."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from biqa.errors import InputError
from biqa.pictures.store import Pictures
from biqa.shapes import Pixels
from biqa.training.resident import ResidentPictures

Indices = NDArray[np.integer]


def generator(*key: int) -> np.random.Generator:
    """Return a generator whose numbers are a function of ``key`` alone."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(key)))


@dataclass(frozen=True)
class RandomViews:
    """Random crops and flips of one epoch.

    Each picture's crop depends on the seed, the epoch and its index in the store: never on the
    batch it falls in, on other pictures' sizes, on how many processes there are, or on where
    the pictures lie.
    """

    store: Pictures
    crop: int  # side in pixels; 0: the whole picture
    flip: bool
    seed: int
    epoch: int
    resident: ResidentPictures | None = None  # the same pictures, on the device

    @cached_property
    def _draws(self) -> NDArray[np.float64]:
        """Three numbers in [0, 1) a picture: how far down, how far right, mirrored or not."""
        return generator(self.seed, self.epoch, 1).random((len(self.store), 3))

    def mirrored(self, indices: Indices) -> NDArray[np.bool_]:
        """Return which of the pictures at ``indices`` are seen with left and right exchanged."""
        return self.flip & (self._draws[indices, 2] < 0.5)

    def pixels(self, indices: Indices) -> Pixels:
        """Return the views of the pictures at ``indices``, as stored bytes."""
        if self.resident is None:
            return _stacked([self._view(index) for index in indices], self.store, indices)
        windows = np.array([self._window(index) for index in indices])
        tops, lefts, height, width = windows.T
        shape = int(height[0]), int(width[0])
        return self.resident.crops(indices, tops, lefts, self.mirrored(indices), shape)

    def _window(self, index: int) -> tuple[int, int, int, int]:
        """Return top, left, height and width of one picture's crop."""
        height, width = self.store.picture(index).shape[:2]
        if not self.crop:
            return 0, 0, height, width
        _check_crop(self.crop, height, width, self.store, index)
        down, right, _ = self._draws[index]
        top, left = int(down * (height - self.crop + 1)), int(right * (width - self.crop + 1))
        return top, left, self.crop, self.crop

    def _view(self, index: int) -> NDArray[Any]:
        top, left, height, width = self._window(index)
        if not self.mirrored(np.array([index]))[0]:
            return self.store.picture(index)[top : top + height, left : left + width]
        picture = self.store.mirrored(index)
        right = picture.shape[1] - left
        return picture[top : top + height, right - width : right]


def central_views(
    store: Pictures,
    indices: Indices,
    *,
    crop: int,
    batch_size: int,
    resident: ResidentPictures | None = None,
) -> Iterator[tuple[Indices, Pixels]]:
    """Yield batches of whole pictures, or of their central crops, each of one size.

    ``indices`` come back grouped by size, in their own order within a group.
    """
    sizes: dict[tuple[int, int], list[int]] = {}
    for index in indices:
        height, width = store.picture(index).shape[:2]
        if crop:
            _check_crop(crop, height, width, store, index)
        sizes.setdefault((crop, crop) if crop else (height, width), []).append(int(index))
    for (height, width), group in sizes.items():
        for start in range(0, len(group), batch_size):
            batch = np.asarray(group[start : start + batch_size])
            windows = [_centre(store.picture(index), height, width) for index in batch]
            if resident is None:
                views = [store.picture(index)[at] for index, at in zip(batch, windows, strict=True)]
                yield batch, _stacked(views, store, batch)
            else:
                tops, lefts = (np.array([at[axis].start for at in windows]) for axis in (0, 1))
                unmirrored = np.zeros(len(batch), bool)
                yield batch, resident.crops(batch, tops, lefts, unmirrored, (height, width))


def _centre(picture: NDArray[Any], height: int, width: int) -> tuple[slice, slice]:
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return slice(top, top + height), slice(left, left + width)


def _check_crop(crop: int, height: int, width: int, store: Pictures, index: int) -> None:
    if crop > min(height, width):
        name = store.labels["name"].iloc[index]
        raise InputError(f"{name} is {height}x{width} pixels: no crop of {crop}x{crop} fits")


def _stacked(views: list[NDArray[Any]], store: Pictures, indices: Indices) -> Pixels:
    shapes = {view.shape for view in views}
    if len(shapes) > 1:
        name = store.labels["name"].iloc[int(indices[0])]
        raise InputError(
            f"pictures of {len(shapes)} sizes in one batch (with {name}); "
            "set views.crop in the recipe, or a size for the dataset in the study"
        )
    return torch.from_numpy(np.stack(views))
