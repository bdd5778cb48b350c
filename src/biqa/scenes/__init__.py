"""Reference pictures that need no download: crops of photographs, and dead leaves.

The photographs lie inside the packages of scikit-image and scikit-learn (their licences:
``biqa.scenes.photographs``); dead leaves are computed (``biqa.scenes.dead_leaves``).
"""

from collections.abc import Sequence

import numpy as np

from biqa.errors import InputError
from biqa.scenes.dead_leaves import dead_leaves
from biqa.scenes.photographs import PHOTOGRAPHS, crop

N_LEAVES = 12  # as many as the datasets need; more would be as good
LEAVES = {f"leaves_{number}": number for number in range(1, N_LEAVES + 1)}
CROPS = {
    f"{photograph}_{number}": (photograph, number)
    for photograph, facts in PHOTOGRAPHS.items()
    for number in range(1, len(facts.boxes) + 1)
}


def known() -> tuple[str, ...]:
    """Return the names of all references: ``<photograph>_<crop>`` and ``leaves_<number>``."""
    return (*CROPS, *LEAVES)


def references(size: int, names: Sequence[str], *, seed: int) -> dict[str, np.ndarray]:
    """Return the named references, each (size, size, 3) uint8 sRGB, in the order of ``names``.

    ``seed`` chooses the dead leaves, each by its own number: which other references are asked
    for changes nothing.
    """
    return {name: _reference(size, name, seed) for name in names}


def _reference(size: int, name: str, seed: int) -> np.ndarray:
    if name in CROPS:
        photograph, number = CROPS[name]
        return crop(photograph, number, size)
    if name in LEAVES:
        return dead_leaves(size, np.random.default_rng([seed, LEAVES[name]]))
    raise InputError(f"unknown reference {name!r}; the known ones are {', '.join(known())}")
