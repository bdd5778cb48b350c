"""Datasets of one's own: a CSV and its pictures, packed into one archive.

``python -m biqa datasets add`` writes the archive, and beside this module a definition that calls
``own_dataset``; from then on such a dataset is one like all others.
"""

import json
import math
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset, refuse
from biqa.datasets.label_files import numbers, read_csv
from biqa.errors import InputError

LABELS = "labels.csv"  # in the archive, with all COLUMNS
PICTURES = "pictures"  # folder in the archive
NEEDED = ("picture", "score")
LONGEST_LINE = 100  # of code
COLUMNS = (*NEEDED, "reference", "distortion", "level", "group")


def own_dataset(**facts: Any) -> Dataset:
    """Return the definition of one's own dataset from the facts that are particular to it."""
    return Dataset(
        homepage="",
        archive=f"{facts['name']}.zip",
        request=f"python -m biqa datasets add <csv> --name {facts['name']} makes it",
        picture_folder=PICTURES,
        read_labels=read_labels,
        **{"is_proxy": False, **facts},
    )


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the packed table; ``picture`` is the name, with its folders."""
    table = read_csv(archive, LABELS, COLUMNS).rename(columns={"picture": "name"})
    return table.assign(
        member=f"{PICTURES}/" + table["name"],
        score=numbers(table["score"]),
        level=numbers(table["level"]).astype(int),
    )


def read_table(path: Path) -> pd.DataFrame:
    """Return all ``COLUMNS`` of one's own CSV as text; what it does not have is "", level "0".

    A column ``video`` is returned under the name ``picture``; a table has one of the two.
    """
    table = _read(path)
    if "video" in table and "picture" not in table:
        table = table.rename(columns={"video": "picture"})
    for column in table.columns:
        if column not in COLUMNS:
            near = get_close_matches(column, COLUMNS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the columns are {', '.join(COLUMNS)}"
            raise InputError(f"{path}: unknown column {column!r}; {hint}")
    missing = [column for column in NEEDED if column not in table]
    if missing:
        raise InputError(f"{path}: no column {missing[0]!r}, expected {', '.join(COLUMNS)}")
    if table.empty:
        raise InputError(f"{path}: no rows, expected one a picture")
    table = table.assign(**{column: "" for column in COLUMNS if column not in table})
    table = table.assign(level=table["level"].replace("", "0"))
    folded = table["picture"].str.casefold()
    faults = [fault for row in table.to_dict("records") for fault in _faults(row)]
    twice = table["picture"][folded.duplicated()]
    refuse(path, [*faults, *(f"picture {name!r} is there a second time" for name in twice)])
    return table[list(COLUMNS)]


def has_videos(path: Path) -> bool:
    """Return whether one's own CSV names videos, in a column ``video`` in place of ``picture``."""
    return "video" in _read(path)


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a CSV ({str(error).splitlines()[0]})") from error


def _faults(row: dict[Any, str]) -> Iterator[str]:
    """Yield what is wrong with one row by itself."""
    picture = PurePosixPath(row["picture"])
    if not row["picture"] or picture.is_absolute() or ".." in picture.parts:
        yield f"picture {row['picture']!r}, expected a path below the folder of the pictures"
    try:
        is_score = math.isfinite(float(row["score"]))
    except ValueError:
        is_score = False
    if not is_score:
        yield f"picture {row['picture']!r} has the score {row['score']!r}, expected a number"
    if not re.fullmatch("[0-9]+", row["level"]):
        yield f"picture {row['picture']!r} has the level {row['level']!r}, expected a whole number"


def facts_of(
    name: str, table: pd.DataFrame, score_range: tuple[float, float] | None
) -> dict[str, Any]:
    """Return what a table says of a dataset; its scale is that of its scores, if none is given."""
    scores = table["score"].astype(float)
    low, high = score_range or (scores.min(), scores.max())
    if not low < high:
        raise InputError(f"score range {low:g} to {high:g}: expected a low and a higher end")
    outside = ~scores.between(low, high)
    if outside.any():
        first = table[outside].iloc[0]
        raise InputError(
            f"picture {first['picture']!r} has the score {first['score']}, "
            f"outside {low:g} to {high:g}"
        )
    return {
        "name": name,
        "n_images": len(table),
        "n_references": len(set(table["reference"]) - {""}),
        "score_range": (float(low), float(high)),
        "distortions": tuple(sorted(set(table["distortion"]) - {""})),
    }


def definition_text(facts: dict[str, Any]) -> str:
    """Return the module that defines one's own dataset."""
    lines = [
        f'"""One\'s own dataset {facts["name"]}, written by `python -m biqa datasets add`."""',
        "",
        "from biqa.datasets.own import own_dataset",
        "",
        "DATASET = own_dataset(",
        *(_excused(f"    {key}={_literal(value)},") for key, value in facts.items()),
        ")",
        "",
    ]
    return "\n".join(lines)


def _literal(value: Any) -> str:
    """Return the value as our formatter writes it."""
    if isinstance(value, str):
        return repr(value) if '"' in value else json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return "(\n" + "".join(f"        {_literal(one)},\n" for one in value) + "    )"
    return repr(value)


def _excused(line: str) -> str:
    """Return the line; the linter is kept from asking for shorter texts than one's own."""
    return f"{line}  # noqa: E501" if len(line) > LONGEST_LINE and "\n" not in line else line
