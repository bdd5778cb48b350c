"""The parts of a split, as positions in a store."""

from pathlib import Path

import numpy as np
import pandas as pd

from biqa.errors import InputError
from biqa.pictures.store import PictureStore
from biqa.training.views import Indices

PARTS = ("train", "validation", "test")


def read_parts(file: Path, store: PictureStore) -> dict[str, Indices]:
    """Return the positions of each part's pictures, sorted; every picture is in one part."""
    if store.holds_videos:
        raise InputError(
            f"{store.folder}: frames of videos, which are judged and not learned from; name "
            f"{store.facts['dataset']} under also_test_on, and no run of it"
        )
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    unknown = sorted(set(table["part"]) - set(PARTS))
    if unknown:
        raise InputError(f"{file}: part {unknown[0]!r}, expected one of {', '.join(PARTS)}")
    if len(table) != len(store) or table["name"].duplicated().any():
        raise InputError(
            f"{file}: {len(table)} rows for {len(store)} pictures in {store.folder}; "
            "delete the split and make it again"
        )
    positions = store.index_of(list(table["name"]))
    return {part: np.sort(positions[(table["part"] == part).to_numpy()]) for part in PARTS}
