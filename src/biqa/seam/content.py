"""What a run was made of, by content: from its record, or from its predictions if that is older."""

import csv
import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from biqa.files import sha256_of
from biqa.pictures.prepared import FACTS, PICTURES, identity_of


def content_of_run(folder: Path) -> tuple[frozenset[str], bool]:
    """Return checksums of the pictures, split and weights of a run, and if its record names them.

    A record from before checksums were kept names weights alone. The predictions beside it still
    say which picture had which MOS and lay in which part; nothing there says what its pixels were.
    """
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    weights = {one["sha256"] for one in record["weights"]}
    if "made_of" in record:
        return frozenset({*record["made_of"].values(), *weights}), True
    with gzip.open(folder / "predictions.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"] == record["run"]["dataset"]]
    return frozenset({_labels(rows), _parts(rows), *weights}), False


@cache
def content_of_file(path: Path, *, named: bool) -> frozenset[str]:
    """Return the checksums of a file that a run is made of, to be looked up among the run's.

    Facts of prepared pictures stand for these. ``named`` is what ``content_of_run`` says.
    """
    if path.name == FACTS:
        if named:
            return frozenset(identity_of(path.parent).values())
        return frozenset({_labels(_rows(path.with_name(PICTURES)))})
    if path.suffix == ".csv" and not named:
        return frozenset({_parts(_rows(path))})
    return frozenset({sha256_of(path)})


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _labels(rows: Iterable[Mapping[str, str]]) -> str:
    return _digest(f"{row['name']},{row['mos']}" for row in rows)


def _parts(rows: Iterable[Mapping[str, str]]) -> str:
    return _digest(f"{row['name']},{row['part']}" for row in rows)


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
