"""What differs between tables and figures in git and those drawn again, as Markdown."""

import csv
from itertools import zip_longest
from pathlib import Path

from biqa.seam.regenerate import Comparison

N_CELLS = 50  # differing cells shown of one table
PICTURES = {".png", ".svg"}


def summary(comparison: Comparison, pictures: Path, address: str = "") -> str:
    """Return the differences; links to pictures are relative to the folder ``pictures``.

    Where that folder can be read from elsewhere, ``address`` is put before the links.
    """
    lines = [f"## Tables and figures of `{comparison.study}`", ""]
    if not comparison.differs:
        return "\n".join([*lines, f"All {len(comparison.same)} files are the same.", ""])
    counts = {
        "changed": comparison.changed,
        "new": comparison.new,
        "gone": comparison.gone,
        "the same": comparison.same,
    }
    lines += ["; ".join(f"{len(paths)} {word}" for word, paths in counts.items()) + ".", ""]
    for word, paths in (("new", comparison.new), ("gone", comparison.gone)):
        lines += [f"- {word}: `{path}`" for path in paths]
    for path in comparison.changed:
        lines += ["", f"### `{path}`", "", *_change(comparison, path, pictures, address)]
    command = f"python -m biqa accept-figures --study {comparison.study}"
    return "\n".join([*lines, "", f"To accept: `{command}`, look again, and commit.", ""])


def _change(comparison: Comparison, path: str, pictures: Path, address: str) -> list[str]:
    old, new = comparison.before / path, comparison.after / path
    if old.suffix in PICTURES:
        before, after = (address + file.relative_to(pictures).as_posix() for file in (old, new))
        return ["| in git | drawn again |", "|---|---|", f"| ![]({before}) | ![]({after}) |"]
    if old.suffix == ".csv":
        return cells(_rows(old), _rows(new))
    return ["The text differs."]


def cells(old: list[list[str]], new: list[list[str]]) -> list[str]:
    """Return the cells that differ, as a Markdown table; rows count from 1 below the header."""
    header = old[0] if old else []
    nothing: list[str] = []
    found = [
        (row, header[column] if column < len(header) else str(column), before, after)
        for row, (one, other) in enumerate(zip_longest(old, new, fillvalue=nothing))
        for column, (before, after) in enumerate(zip_longest(one, other, fillvalue="(none)"))
        if before != after
    ]
    shown = [f"| {row} | {name} | {before} | {after} |" for row, name, before, after in found]
    more = [f"and {len(found) - N_CELLS} more cells"] if len(found) > N_CELLS else []
    return ["| row | column | in git | drawn again |", "|---|---|---|---|", *shown[:N_CELLS], *more]


def _rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))
