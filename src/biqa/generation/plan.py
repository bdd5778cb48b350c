"""Which pictures a computed dataset has."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from biqa.datasets._generated import LEVELS, Generated
from biqa.distortions import distort
from biqa.distortions.definition import Picture
from biqa.distortions.seeding import generator

MIXED = "mixed"  # name of a distortion that is made of several; its level is 0
HARDEST_MIXED = 4  # level: two or three of level 5 would leave nothing to look at


@dataclass(frozen=True)
class Planned:
    """One picture to make: ``steps`` are distortions and levels, in the order of their work."""

    name: str
    reference: str
    distortion: str
    level: int
    steps: tuple[tuple[str, int], ...]


def planned(generated: Generated, *, seed: int) -> list[Planned]:
    """Return the pictures of a dataset, by reference, then distortion and level or number.

    Each entry depends on ``seed``, its reference and its own number alone.
    """
    if generated.n_mixed:
        return [
            _mixed(generated.distortions, reference, number, seed)
            for reference in generated.references
            for number in range(1, generated.n_mixed + 1)
        ]
    return single(generated.references, generated.distortions)


def single(references: Sequence[str], distortions: Sequence[str]) -> list[Planned]:
    """Return every reference with every distortion at every level."""
    return [
        Planned(f"{reference}-{name}-{level}.png", reference, name, level, ((name, level),))
        for reference in references
        for name in distortions
        for level in LEVELS
    ]


def _mixed(distortions: tuple[str, ...], reference: str, number: int, seed: int) -> Planned:
    rng = generator(seed, reference, MIXED, number)
    chosen = np.sort(rng.choice(len(distortions), size=rng.integers(2, 4), replace=False))
    levels = rng.integers(1, HARDEST_MIXED + 1, size=len(chosen))
    steps = tuple(
        (distortions[which], int(level)) for which, level in zip(chosen, levels, strict=True)
    )
    return Planned(f"{reference}-{MIXED}-{number:02d}.png", reference, MIXED, 0, steps)


def make(plan: Planned, reference: Picture, *, seed: int) -> Picture:
    """Return the reference picture after all steps of the plan, same shape."""
    picture = reference
    for name, level in plan.steps:
        picture = distort(picture, name, level, generator(seed, plan.name, name, level))
    return picture
