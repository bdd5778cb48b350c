"""Whether an archive is what its dataset's definition says, picture by picture."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset, refuse
from biqa.errors import InputError
from biqa.files import sha256_of
from biqa.pictures.decode import decode


def verify(dataset: Dataset, path: Path) -> dict[str, Any]:
    """Read all labels and decode all pictures of the archive at ``path``; return a report.

    Raises one ``InputError`` that lists what is wrong; what the owners are known to have got wrong
    is dealt with by the reader of the dataset alone, and stands in the report. Two names of one
    picture are no fault: the report groups them in ``same_pictures``.
    """
    with Archive(path) as archive:
        table = dataset.read(archive)
        faults = dataset.faults(table, archive) + _differ_in_case(table, archive)
        facts = fingerprint(path)
        if dataset.sha256 not in ("", facts["sha256"]):
            faults.append(f"its SHA-256 is {facts['sha256']}, expected {dataset.sha256}")
        pictures, undecodable = _pictures(table, archive)
        refuse(archive, faults + undecodable)
    sizes = Counter(pictures["size"])
    scores = table["score"]
    return {
        "dataset": dataset.name,
        "n_images": len(table),
        "score": {"min": scores.min(), "max": scores.max(), "mean": scores.mean()},
        "sizes": dict(sorted(sizes.items())),  # height x width: number of pictures
        "same_pictures": _groups(pictures),
        "known_defects": list(getattr(dataset, "known_defects", ())),
        "archive": facts,
    }


def _differ_in_case(table: pd.DataFrame, archive: Archive) -> list[str]:
    """Return one sentence for each file that has a labelled picture's path but for upper case.

    Where file systems see no difference only one of the two is left, and nobody knows which.
    """
    alike: dict[str, list[str]] = {}
    for name in archive.names():
        alike.setdefault(name.casefold(), []).append(name)
    labelled = {member.casefold() for member in table["member"]}
    return [
        f"{' and '.join(alike[key])} differ in upper and lower case only"
        for key in sorted(labelled & alike.keys())
        if len(alike[key]) > 1
    ]


def fingerprint(path: Path) -> dict[str, Any]:
    """Return the SHA-256 and the number of bytes of a file."""
    return {"sha256": sha256_of(path), "bytes": path.stat().st_size}


def _pictures(table: pd.DataFrame, archive: Archive) -> tuple[pd.DataFrame, list[str]]:
    """Return name, size and digest of the pictures, and what is wrong with the others."""
    rows, faults = [], []
    for name, member in zip(table["name"], table["member"], strict=True):
        if member not in archive:
            continue
        try:
            content = archive.read(member)
            height, width, _ = decode(content, member).shape
        except InputError as error:
            faults.append(str(error).removeprefix(f"{archive.path}: "))
            continue
        rows.append((name, f"{height}x{width}", hashlib.sha256(content).hexdigest()))
    return pd.DataFrame(rows, columns=["name", "size", "digest"]), faults


def _groups(pictures: pd.DataFrame) -> list[list[str]]:
    """Return the names that share one file's content, sorted."""
    groups = [sorted(names) for _, names in pictures.groupby("digest")["name"]]
    return sorted(names for names in groups if len(names) > 1)


def check_report(report: Path, dataset: Dataset, archive: Path) -> dict[str, int]:
    """Raise unless ``report`` is of this dataset and of the very bytes of ``archive``.

    Returns how many pictures there are of each height x width.
    """
    again = "run the step `verify` again"
    try:
        found = json.loads(report.read_text(encoding="utf-8"))
        verified = (found["dataset"], found["archive"])
        sizes = {str(size): int(count) for size, count in found["sizes"].items()}
    except FileNotFoundError as error:
        raise InputError(f"{report}: there is no such file; {again}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{report}: not a report of the step `verify`; {again}") from error
    if verified != (dataset.name, fingerprint(archive)):
        raise InputError(f"{report}: made from another archive than {archive}; {again}")
    return sizes
