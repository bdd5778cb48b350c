"""Which pictures a model learns from, which choose its epoch, and which judge it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from biqa.errors import InputError
from biqa.protocols import PARTS, Protocol


def split(
    names: Sequence[str],
    groups: Sequence[str],
    official_parts: Sequence[str],
    *,
    protocol: Protocol,
    seed: int,
    index: int,
) -> pd.DataFrame:
    """Return split number ``index`` of ``seed``: columns name and part, sorted by name.

    ``groups[i]`` is the reference of picture i and ``official_parts[i]`` its published part; "" is
    none. Pictures of one reference stay together. The result depends on names, groups and seed,
    never on the order of the pictures. The test part is the end of the shuffled contents, so
    protocols with the same test fraction are judged on the same pictures.
    """
    pictures = pd.DataFrame(
        {"name": list(names), "group": list(groups), "official": list(official_parts)}
    ).sort_values("name", ignore_index=True)
    if pictures.empty:
        raise InputError("no pictures to split")
    twice = pictures["name"][pictures["name"].duplicated()]
    if len(twice):
        raise InputError(f"picture {twice.iloc[0]!r} is there twice, expected distinct names")
    if protocol.by == "official":
        parts = _official(pictures, protocol)
    else:
        contents = _contents(pictures)
        drawn = _draw(sorted(contents.unique()), protocol, seed=seed, index=index)
        parts = contents.map(drawn)
    return pd.DataFrame({"name": pictures["name"], "part": parts})


def _contents(pictures: pd.DataFrame) -> pd.Series:
    """Return what must not be divided: the references, or the pictures where there are none."""
    without = pictures["name"][pictures["group"] == ""]
    if len(without) == len(pictures):
        return pictures["name"]
    if len(without):
        raise InputError(
            f"{len(without)} of {len(pictures)} pictures have no reference, the first is "
            f"{without.iloc[0]!r}; expected one for all pictures or for none"
        )
    return pictures["group"]


def _draw(contents: list[str], protocol: Protocol, *, seed: int, index: int) -> dict[str, str]:
    if seed < 0 or index < 0:
        raise InputError(f"seed is {seed} and index {index}, expected whole numbers from 0")
    shuffled = np.random.default_rng([seed, index]).permutation(contents)
    ends = [_rounded(share * len(contents)) for share in np.cumsum(protocol.fractions)]
    drawn: dict[str, str] = {}
    for part, fraction, start, end in zip(
        PARTS, protocol.fractions, [0, *ends[:-1]], ends, strict=True
    ):
        if fraction > 0 and start == end:
            raise InputError(
                f"protocol {protocol.name!r}: the {part} part is empty: {fraction:g} of "
                f"{len(contents)} contents; use a larger fraction or more contents"
            )
        drawn.update(dict.fromkeys(shuffled[start:end].tolist(), part))
    return drawn


def _rounded(number: float) -> int:
    """Return the nearest whole number, halves up; sums such as 0.6 + 0.2 may be a hair low."""
    return int(np.floor(number + 0.5 + 1e-9))


def _official(pictures: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """Return the published parts; the seed has no say."""
    where = f"protocol {protocol.name!r}"
    for name, part in zip(pictures["name"], pictures["official"], strict=True):
        if part == "":
            raise InputError(
                f"{where}: picture {name!r} has no official part; use by: reference_or_picture"
            )
        if part not in PARTS:
            raise InputError(f"{where}: picture {name!r} is in part {part!r}, expected {PARTS}")
    for part, fraction in zip(PARTS, protocol.fractions, strict=True):
        if fraction > 0 and not (pictures["official"] == part).any():
            raise InputError(f"{where}: the official {part} part is empty")
    return pictures["official"]
