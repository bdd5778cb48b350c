"""Distortions in five levels: one family a module, found by name.

A module of this package lists what it offers in ``DISTORTIONS``; a new one is seen without
being listed anywhere else. Parameters are data beside the functions, each with its source.
"""

import functools
import importlib
import pkgutil

import numpy as np

from biqa.distortions.definition import Distortion, Picture
from biqa.errors import InputError


def distortion(name: str) -> Distortion:
    """Return the distortion of that name."""
    found = _registry().get(name)
    if found is None:
        raise InputError(f"unknown distortion {name!r}; the known ones are {', '.join(known())}")
    return found


def known() -> tuple[str, ...]:
    """Return the names of all distortions, sorted."""
    return tuple(sorted(_registry()))


def distort(picture: Picture, name: str, level: int, rng: np.random.Generator) -> Picture:
    """Return ``picture`` (height, width, 3) with one distortion, 1 the weakest level, 5 the worst.

    The result depends on the arguments alone; take ``rng`` from
    ``biqa.distortions.seeding.generator``, and it depends on names and a seed.
    """
    return distortion(name)(picture, level, rng)


@functools.cache
def _registry() -> dict[str, Distortion]:
    found: dict[str, Distortion] = {}
    for module in pkgutil.iter_modules(__path__):
        family = importlib.import_module(f"{__name__}.{module.name}")
        for one in getattr(family, "DISTORTIONS", ()):
            assert one.name not in found, f"two distortions are called {one.name!r}"
            found[one.name] = one
    return found
