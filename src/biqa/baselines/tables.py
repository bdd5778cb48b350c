"""Features of a database and bases of methods as files: whole, or not there."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biqa.errors import InputError
from biqa.files import whole_file
from biqa.handcrafted.method import Basis, Method
from biqa.pictures.store import PictureStore

KEEP_EVERY = 20.0  # seconds between two saves of unfinished features


@dataclass(frozen=True)
class Features:
    """The numbers of all pictures of a database, (pictures, features), by one method."""

    names: list[str]
    values: NDArray[np.floating]
    facts: dict[str, Any]


def compute(
    method: Method,
    store: PictureStore,
    basis: Basis,
    *,
    state: tuple[Path, str],
    report: Callable[[int], None],
) -> NDArray[np.floating]:
    """Return the features of every picture of ``store``, in its order.

    What is finished is kept in ``state`` (a file and the digest of what is computed) and taken
    up again after a kill. ``report`` gets the number of finished pictures now and then.
    """
    path, key = state
    rows = list(_kept(path, key))
    kept = time.monotonic()
    for index in range(len(rows), len(store)):
        row = method.features(store.picture(index), basis)
        if not np.isfinite(row).all():
            name = store.labels["name"].iloc[index]
            raise InputError(f"{store.folder}: picture {name!r}: a feature is not finite")
        rows.append(row)
        if time.monotonic() - kept > KEEP_EVERY:
            write_arrays(path, {"rows": np.stack(rows)}, {"key": key})
            report(len(rows))
            kept = time.monotonic()
    return np.stack(rows)


def write_arrays(path: Path, arrays: Basis, facts: dict[str, Any]) -> None:
    """Write arrays and facts as one npz file; the same ones give the same bytes."""
    text = json.dumps(facts, sort_keys=True)
    with whole_file(path) as aside, aside.open("wb") as file:
        np.savez(file, facts=np.array(text), **arrays)  # type: ignore[arg-type]


def read_arrays(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return what ``write_arrays`` wrote."""
    with np.load(path, allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    return arrays, json.loads(str(arrays.pop("facts")))


def read_features(path: Path, store: PictureStore) -> Features:
    """Return features of the pictures of ``store``; those of other pixels are refused."""
    arrays, facts = read_arrays(path)
    if facts["pixels_sha256"] != store.facts["pixels_sha256"]:
        raise InputError(
            f"{path}: features of other pixels than those in {store.folder}; delete the file and "
            "run the step 'features' again"
        )
    return Features(list(store.labels["name"]), arrays["features"], facts)


def key_of(*parts: str) -> str:
    """Return a digest of what an unfinished computation depends on."""
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def _kept(path: Path, key: str) -> NDArray[Any]:
    """Return the rows that an interrupted computation of the same things has finished."""
    if not path.is_file():
        return np.empty((0, 0))
    arrays, facts = read_arrays(path)
    return arrays["rows"] if facts["key"] == key else np.empty((0, 0))
