"""Files that came from elsewhere and no longer count: they are given a time before all others."""

import os
from collections.abc import Iterable
from pathlib import Path

from biqa.seam.records import Records

OLD = 86_400.0  # one day after 1970; Snakemake takes the time 0 as "no time"


def age(root: Path, files: Iterable[Path], records: Records) -> list[Path]:
    """Make those files old that Snakemake did not make here, drop what it noted on them."""
    foreign = [file for file in files if not records.made_here(file)]
    for file in foreign:
        records.forget(file)
        os.utime(root / file, (OLD, OLD))
    return foreign


def age_files(root: Path, files: list[Path]) -> list[Path]:
    """Do so by what Snakemake noted in ``root``; return the files that were made old."""
    return age(root, files, Records(root)) if files else []


def age_folders(root: Path, folders: list[Path]) -> list[Path]:
    """Do so with all files of the folders; return those of them in which there was any."""
    if not folders:
        return []
    records = Records(root)
    files = {folder: _files(root, folder) for folder in folders}
    return [folder for folder, inside in files.items() if age(root, inside, records)]


def _files(root: Path, folder: Path) -> list[Path]:
    return [path.relative_to(root) for path in (root / folder).iterdir() if path.is_file()]
