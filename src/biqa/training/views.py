"""What the network sees of the stored pictures: crops, flips and normalisation."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from biqa.errors import InputError
from biqa.pictures.store import PictureStore
from biqa.shapes import Images, Pixels

Indices = NDArray[np.integer]


def generator(*key: int) -> np.random.Generator:
    """Return a generator whose numbers are a function of ``key`` alone."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(key)))


@dataclass(frozen=True)
class RandomViews:
    """Random crops and flips of one epoch.

    Each picture's crop depends on the seed, the epoch and its index in the store: never on the
    batch it falls in, on other pictures' sizes, or on how many processes there are.
    """

    store: PictureStore
    crop: int  # side in pixels; 0: the whole picture
    flip: bool
    seed: int
    epoch: int

    def pixels(self, indices: Indices) -> Pixels:
        """Return the views of the pictures at ``indices``, as stored bytes."""
        draws = generator(self.seed, self.epoch, 1).random((len(self.store), 3))
        return _stacked([self._view(index, draws[index]) for index in indices], self.store, indices)

    def _view(self, index: int, draw: NDArray[np.float64]) -> NDArray[np.uint8]:
        picture = self.store.picture(index)
        if self.crop:
            height, width = picture.shape[:2]
            _check_crop(self.crop, height, width, self.store, index)
            top = int(draw[0] * (height - self.crop + 1))
            left = int(draw[1] * (width - self.crop + 1))
            picture = picture[top : top + self.crop, left : left + self.crop]
        return picture[:, ::-1] if self.flip and draw[2] < 0.5 else picture


def central_views(
    store: PictureStore, indices: Indices, *, crop: int, batch_size: int
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
            views = [_centre(store.picture(index), height, width) for index in batch]
            yield batch, _stacked(views, store, batch)


def _centre(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width]


def _check_crop(crop: int, height: int, width: int, store: PictureStore, index: int) -> None:
    if crop > min(height, width):
        name = store.labels["name"].iloc[index]
        raise InputError(f"{name} is {height}x{width} pixels: no crop of {crop}x{crop} fits")


def _stacked(views: list[NDArray[np.uint8]], store: PictureStore, indices: Indices) -> Pixels:
    shapes = {view.shape for view in views}
    if len(shapes) > 1:
        name = store.labels["name"].iloc[int(indices[0])]
        raise InputError(
            f"pictures of {len(shapes)} sizes in one batch (with {name}); "
            "set views.crop in the recipe, or a size for the dataset in the study"
        )
    return torch.from_numpy(np.stack(views))


def normalised(
    pixels: Pixels, *, mean: tuple[float, ...], std: tuple[float, ...], device: torch.device
) -> Images:
    """Return bytes as float images, ``(pixels / 255 - mean) / std`` a channel, channels last."""
    scale = 1 / (255 * torch.tensor(std, device=device))
    shift = -torch.tensor(mean, device=device) / torch.tensor(std, device=device)
    images: Tensor = pixels.to(device, non_blocking=True).float() * scale + shift
    return images.permute(0, 3, 1, 2)
