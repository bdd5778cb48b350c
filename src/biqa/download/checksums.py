"""The checksum of an archive: published, or recorded at the first download and kept in git."""

import json
from dataclasses import dataclass
from pathlib import Path

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.download.transfer import Say
from biqa.errors import InputError
from biqa.files import sha256_of, write_json


@dataclass(frozen=True)
class Expected:
    """The SHA-256 that an archive should have, "" where it is not known, and what to do if not."""

    sha256: str
    remedy: str = ""

    def complaint(self, path: Path) -> str:
        """Return what is wrong with the file at ``path``, or ""."""
        if not self.sha256:
            return ""
        found = sha256_of(path)
        if found == self.sha256:
            return ""
        return f"the file's SHA-256 is {found}, expected {self.sha256}{self.remedy}"

    def check(self, path: Path) -> None:
        """Raise if the file at ``path`` has another checksum."""
        if complaint := self.complaint(path):
            raise InputError(f"{path}: {complaint}")


def expected_checksum(dataset: Dataset, folder: Path | None) -> Expected:
    """Return the dataset's checksum, or the one recorded in ``folder``."""
    if dataset.sha256 or folder is None:
        return Expected(dataset.sha256)
    file = folder / f"{dataset.name}.json"
    try:
        recorded = json.loads(file.read_text(encoding="utf-8"))
        sha256 = str(recorded["sha256"])
    except FileNotFoundError:
        return Expected("")
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: no record of a checksum; restore it, or delete it") from error
    return Expected(
        sha256,
        f", as {file} has it from the first download; delete that file only if the owners have "
        "published another release",
    )


def record(dataset: Dataset, archive: Path, address: str, folder: Path, *, say: Say) -> None:
    """Write the checksum of a first download to ``folder``; raise if it is no sound archive."""
    with Archive(archive):
        pass
    file = folder / f"{dataset.name}.json"
    content = {
        "archive": dataset.archive,
        "address": address,
        "bytes": archive.stat().st_size,
        "sha256": sha256_of(archive),
    }
    write_json(file, content)
    say(f"{file}: keeps the checksum; later downloads are compared with it")
