"""What is known of a dataset, and its labels checked against that."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.layout import is_data
from biqa.errors import InputError

PARTS = ("", "train", "validation", "test")
ABSENT: dict[str, Any] = {
    "reference": "",
    "distortion": "",
    "level": 0,
    "group": "",  # a part of the database in its owners' sense: image set, subset, session
    "official_part": "",
}
COLUMNS = ("name", "member", "score", "mos", *ABSENT)
NOT_PICTURES = ("Thumbs.db",)
LONGEST_LIST = 10

Numbers = TypeVar("Numbers", float, np.ndarray, pd.Series)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """The published facts of a dataset, and how to read its labels from the official archive."""

    name: str  # of the module in biqa.datasets
    title: str
    n_images: int
    n_references: int  # 0: no picture has a pristine reference
    score_name: str  # "MOS", "DMOS" or "proxy score"
    score_range: tuple[float, float]  # the scale, low and high; no score lies outside
    higher_is_better: bool
    is_proxy: bool  # the score was computed, nobody rated the pictures
    citation: str
    licence: str
    homepage: str
    archive: str  # file name of the archive
    sources: tuple[str, ...] = ()  # addresses, tried in order; empty when a form is needed
    sha256: str = ""  # of the official archive, "" where it is not known
    request: str = ""  # what to do when the archive is gated
    picture_folder: str = ""  # each visible file in it must have a label; "": not checked
    photographs: str = ""  # whose, where other databases distort them too; "": not known
    same_pictures: tuple[tuple[str, ...], ...] = ()  # names of pictures known to be one picture
    distortions: tuple[str, ...] = ()  # in the owners' order; empty: authentic
    may_be_a_part: bool = False  # fewer pictures than published are accepted, and counted
    n_videos: int = 0  # the pictures are frames of so many; 0: they are pictures
    known_defects: tuple[str, ...] = ()  # of the release, a sentence each

    read_labels: Callable[[Archive], pd.DataFrame]
    """Return name, member and score of each picture, and those columns of ``ABSENT`` there are.

    The index counts the rows of the official list from 0; messages count from 1.
    """

    def to_mos(self, score: Numbers) -> Numbers:
        """Map the nominal scale to [0, 1], higher is better; the only place of inversion."""
        low, high = self.score_range
        mos = (score - low) / (high - low)
        return mos if self.higher_is_better else 1 - mos

    def labels(self, archive: Archive) -> pd.DataFrame:
        """Return the ``COLUMNS`` of all pictures, by name; raise if they differ from the facts."""
        table = self.read(archive)
        refuse(archive, self.faults(table, archive))
        return table.sort_values("name", ignore_index=True)

    def read(self, archive: Archive) -> pd.DataFrame:
        """Return the ``COLUMNS``, unchecked, in the order of the official list."""
        table = self.read_labels(archive)
        table = table.assign(**{key: ABSENT[key] for key in ABSENT.keys() - set(table.columns)})
        table = table.astype({"name": str, "member": str, "score": float, "level": int})
        return table.assign(mos=self.to_mos(table["score"]))[list(COLUMNS)]

    def faults(self, table: pd.DataFrame, archive: Archive) -> list[str]:
        """Return, one sentence each, where labels, archive and facts disagree."""
        low, high = self.score_range
        parts = ", ".join(PARTS[1:])
        here = set(archive.names())
        twice = table["name"].duplicated()
        in_other_case = table["name"].str.casefold().duplicated() & ~twice
        return [
            *_rows(table, twice, "names a picture a second time"),
            *_rows(table, in_other_case, "names a picture a second time, in another case"),
            *_rows(table, ~table["member"].isin(here), "has no picture {member!r} in the archive"),
            *_rows(
                table,
                ~table["score"].between(low, high),
                f"has the score {{score:g}}, outside {low:g} to {high:g}",
            ),
            *_rows(
                table,
                ~table["official_part"].isin(PARTS),
                f"belongs to {{official_part!r}}, which is none of {parts}",
            ),
            *self._strange_distortions(table),
            *self._unlabelled(here - set(table["member"])),
            *self._counts(table),
        ]

    def _strange_distortions(self, table: pd.DataFrame) -> list[str]:
        if not self.distortions:
            return []
        strange = ~table["distortion"].isin(["", *self.distortions])
        known = ", ".join(self.distortions).replace("{", "{{").replace("}", "}}")
        return _rows(
            table, strange, f"has the distortion {{distortion!r}}, which is none of {known}"
        )

    def _unlabelled(self, members: set[str]) -> list[str]:
        """Return one sentence for each file of ``picture_folder`` among ``members``."""
        if not self.picture_folder:
            return []
        split = [(*member.rpartition("/")[::2],) for member in sorted(members)]
        return [
            f"the picture {folder}/{name} has no label"
            for folder, name in split
            if f"/{folder}".endswith(f"/{self.picture_folder}") and is_data(folder)
            if not name.startswith(".") and name not in NOT_PICTURES
        ]

    def _counts(self, table: pd.DataFrame) -> list[str]:
        n_references = len(set(table["reference"]) - {""})
        counts = [
            (len(table), self.n_images, "labelled pictures"),
            (n_references, self.n_references, "references"),
        ]
        least = 1 if self.may_be_a_part else self.n_images
        return [
            f"{n} {what}, expected {due}"
            for n, due, what in counts
            if not min(least, due) <= n <= due
        ]


def refuse(where: Archive | Path, faults: list[str]) -> None:
    """Raise one ``InputError`` that lists the faults, if there are any."""
    if not faults:
        return
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    more = len(faults) - LONGEST_LIST
    rest = f"; and {more} more" if more > 0 else ""
    listed = "; ".join(faults[:LONGEST_LIST])
    path = where.path if isinstance(where, Archive) else where
    raise InputError(f"{path}: {count}: {listed}{rest}")


def _rows(table: pd.DataFrame, where: pd.Series, sentence: str) -> list[str]:
    """Return ``sentence``, filled in, for each row of ``table`` that ``where`` marks."""
    marked = table[where]
    return [
        f"label row {at + 1} ({row['name']}) " + sentence.format_map(row)
        for at, row in zip(marked.index.tolist(), marked.to_dict("records"), strict=True)
    ]
