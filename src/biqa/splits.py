"""Which pictures a model learns from, which choose its epoch, and which judge it."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

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
    subsets: Sequence[str] | None = None,
    distortions: Sequence[str] | None = None,
    alike: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return split number ``index`` of ``seed``: columns name and part, sorted by name.

    ``groups[i]`` is the reference of picture i, ``official_parts[i]`` its published part,
    ``subsets[i]`` its subset and ``distortions[i]`` its distortion; "" is none. Pictures of equal
    ``alike`` look the same; only a protocol that keeps them together asks. The result depends on
    what is known of each name and on the seed, never on the order of the pictures. The test part
    is the end of the shuffled contents, so protocols with the same test fraction are judged on
    the same pictures.
    """
    columns = {
        "name": names,
        "group": groups,
        "official": official_parts,
        "subset": [""] * len(names) if subsets is None else subsets,
        "distortion": [""] * len(names) if distortions is None else distortions,
        "alike": names if alike is None else alike,
    }
    pictures = pd.DataFrame({key: list(values) for key, values in columns.items()})
    pictures = pictures.sort_values("name", ignore_index=True)
    _check(pictures, seed, index)
    if protocol.by == "official":
        parts = _official(pictures, protocol)
    elif protocol.by in ("official_test", "distortion"):
        parts = _around(_tested(pictures, protocol, index), pictures, protocol, seed, index)
    else:
        contents = _whole(pictures, protocol)
        parts = contents.map(_draw(contents, protocol, protocol.fractions, seed, index))
    return pd.DataFrame({"name": pictures["name"], "part": parts})


def _check(pictures: pd.DataFrame, seed: int, index: int) -> None:
    if pictures.empty:
        raise InputError("no pictures to split")
    twice = pictures["name"][pictures["name"].duplicated()]
    if len(twice):
        raise InputError(f"picture {twice.iloc[0]!r} is there twice, expected distinct names")
    if seed < 0 or index < 0:
        raise InputError(f"seed is {seed} and index {index}, expected whole numbers from 0")


def _whole(pictures: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """Return what the protocol keeps in one part."""
    contents = _subsets(pictures) if protocol.by == "subset" else _contents(pictures)
    if protocol.together == "near_duplicates":
        return _joined(contents, pictures["alike"])
    return contents


def _contents(pictures: pd.DataFrame) -> pd.Series:
    """Return what must not be divided: the references, or the pictures where there are none."""
    if (pictures["group"] == "").all():
        return pictures["name"]
    _refuse_gaps(pictures, "group", "reference", "one for all pictures or for none")
    return pictures["group"]


def _subsets(pictures: pd.DataFrame) -> pd.Series:
    _refuse_gaps(pictures, "subset", "subset", "one for all; use by: reference_or_picture")
    return pictures["subset"]


def _refuse_gaps(pictures: pd.DataFrame, column: str, what: str, expected: str) -> None:
    without = pictures["name"][pictures[column] == ""]
    if len(without):
        raise InputError(
            f"{len(without)} of {len(pictures)} pictures have no {what}, the first is "
            f"{without.iloc[0]!r}; expected {expected}"
        )


def _joined(contents: pd.Series, alike: pd.Series) -> pd.Series:
    """Return contents that share look-alikes as one, under the first of their names."""
    one, other = (pd.factorize(labels, sort=True)[0] for labels in (contents, alike))
    n_contents = one.max() + 1
    size = n_contents + other.max() + 1
    edges = coo_array((np.ones(len(one)), (one, n_contents + other)), shape=(size, size))
    _, component = connected_components(edges)
    return contents.groupby(component[one]).transform("min")


def _draw(
    contents: pd.Series,
    protocol: Protocol,
    fractions: Sequence[float],
    seed: int,
    index: int,
) -> dict[str, str]:
    """Return the part of each content."""
    distinct = sorted(contents.unique())
    shuffled = np.random.default_rng([seed, index]).permutation(distinct)
    ends = [_rounded(share * len(distinct)) for share in np.cumsum(fractions)]
    drawn: dict[str, str] = {}
    for part, fraction, start, end in zip(PARTS, fractions, [0, *ends[:-1]], ends, strict=True):
        if fraction > 0 and start == end:
            raise InputError(
                f"protocol {protocol.name!r}: the {part} part is empty: {fraction:g} of "
                f"{len(distinct)} contents; use a larger fraction or more contents"
            )
        drawn.update(dict.fromkeys(shuffled[start:end].tolist(), part))
    return drawn


def _rounded(number: float) -> int:
    """Return the nearest whole number, halves up; sums such as 0.6 + 0.2 may be a hair low."""
    return int(np.floor(number + 0.5 + 1e-9))


def _around(
    is_tested: pd.Series, pictures: pd.DataFrame, protocol: Protocol, seed: int, index: int
) -> pd.Series:
    """Return test for the pictures that are tested, a draw of the two other parts for the rest."""
    rest = pictures[~is_tested]
    if rest.empty:
        raise InputError(
            f"protocol {protocol.name!r}: all {len(pictures)} pictures are tested, none is left to "
            "learn from"
        )
    learning = protocol.train + protocol.validation
    fractions = (protocol.train / learning, protocol.validation / learning, 0.0)
    contents = _contents(rest)
    drawn = contents.map(_draw(contents, protocol, fractions, seed, index))
    return drawn.reindex(pictures.index, fill_value="test")


def _tested(pictures: pd.DataFrame, protocol: Protocol, index: int) -> pd.Series:
    """Return which pictures are the test part, where it is no draw."""
    if protocol.by == "distortion":
        known = sorted(set(pictures["distortion"]) - {""})
        return pictures["distortion"] == _left_out(known, protocol, index)
    is_tested = pictures["official"] == "test"
    if not is_tested.any():
        raise InputError(
            f"protocol {protocol.name!r}: no picture is in an official test part; "
            "use by: reference_or_picture"
        )
    return is_tested


def _left_out(known: Sequence[str], protocol: Protocol, index: int) -> str:
    """Return the distortion that split ``index`` tests on."""
    where = f"protocol {protocol.name!r}"
    if not known:
        raise InputError(f"{where}: by is distortion, but no picture has one")
    for name in protocol.distortions:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise InputError(f"{where}: no picture has the distortion {name!r}; {hint}")
    order = protocol.distortions or known
    if index >= len(order):
        raise InputError(
            f"{where}: split {index} would leave out a distortion number {index + 1}, but there "
            f"are {len(order)}; splits may be at most {len(order)}"
        )
    return order[index]


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
