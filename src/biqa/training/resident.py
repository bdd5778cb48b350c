"""Pictures that lie in the memory of the device that trains on them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from biqa.pictures.store import Pictures, PictureStore
from biqa.shapes import Pixels

SHARE = 0.5  # of the device's free memory that pictures may take; the network needs the rest


@dataclass(frozen=True)
class ResidentPictures:
    """All pictures of a store, which are of one size, as bytes on a device."""

    pixels: Pixels  # (n, height, width, 3)

    @classmethod
    def of(cls, store: Pictures, device: torch.device) -> Self | None:
        """Return the pictures on ``device``, or None where they stay in the file.

        On a CPU the mapped file is as near as memory; a GPU takes them if they fit and are of
        one size. Views have the same bytes either way. A stem's maps are sent batch by batch.
        """
        if device.type != "cuda" or not isinstance(store, PictureStore):
            return None
        n_bytes = store.stacked_bytes()
        if n_bytes is None or n_bytes > SHARE * torch.cuda.mem_get_info(device)[0]:
            return None
        return cls(torch.from_numpy(np.array(store.stacked())).to(device))

    def crops(
        self,
        indices: NDArray[np.integer],
        tops: NDArray[np.integer],
        lefts: NDArray[np.integer],
        mirrored: NDArray[np.bool_],
        shape: tuple[int, int],
    ) -> Pixels:
        """Return one window of ``shape`` a picture, its left and right exchanged if mirrored."""
        height, width = shape
        rows = tops[:, None] + np.arange(height)
        columns = lefts[:, None] + np.arange(width)
        columns = np.where(mirrored[:, None], columns[:, ::-1], columns)
        which, down, right = (
            torch.as_tensor(one).to(self.pixels.device, non_blocking=True)
            for one in (np.asarray(indices), rows, columns)
        )
        return self.pixels[which[:, None, None], down[:, :, None], right[:, None, :]]
