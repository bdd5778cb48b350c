"""Pictures of several databases as one, for priors that learn from all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from biqa.errors import InputError
from biqa.pictures.store import Pictures, PictureStore

OWN = ("name", "reference", "distortion")  # what two databases may call alike


@dataclass(frozen=True)
class JoinedPictures:
    """The pictures of several stores one after the other.

    In ``labels`` names, references and distortions are led by their database's name, as in
    ``tid2013/JPEG``: two databases share no scene and no distortion, whatever they call them.
    """

    stores: tuple[PictureStore, ...]
    labels: pd.DataFrame
    _starts: np.ndarray  # of each store, in the order of ``labels``

    def __len__(self) -> int:
        return len(self.labels)

    def picture(self, index: int) -> np.ndarray:
        """Return picture ``index`` as uint8 RGB of shape (height, width, 3), read-only."""
        number = int(np.searchsorted(self._starts, index, side="right")) - 1
        return self.stores[number].picture(index - int(self._starts[number]))

    def mirrored(self, index: int) -> np.ndarray:
        """Return picture ``index`` with left and right exchanged, read-only."""
        return self.picture(index)[:, ::-1]


def joined(stores: Sequence[PictureStore]) -> tuple[Pictures, list[np.ndarray]]:
    """Return all pictures as one, and of each database their positions, sorted.

    A single store is returned as it is.
    """
    lengths = [len(store) for store in stores]
    starts = np.cumsum([0, *lengths[:-1]])
    positions = [np.arange(start, start + n) for start, n in zip(starts, lengths, strict=True)]
    if len(stores) == 1:
        return stores[0], positions
    names = [store.facts["dataset"] for store in stores]
    if len(set(names)) < len(names):
        raise InputError(f"a database twice among {', '.join(names)}; name each once")
    labels = pd.concat(map(_led, stores), ignore_index=True)
    return JoinedPictures(tuple(stores), labels, starts), positions


def _led(store: PictureStore) -> pd.DataFrame:
    """Return the labels with the database's name before what is its own; "" stays."""
    labels, name = store.labels, store.facts["dataset"]
    own = {key: labels[key].where(labels[key] == "", f"{name}/" + labels[key]) for key in OWN}
    return labels.assign(**own)
