"""Put the official archive of a dataset in its place: found in a folder, or downloaded."""

import os
from collections.abc import Sequence
from pathlib import Path

from biqa.datasets.definition import Dataset
from biqa.datasets.repacked import check_library
from biqa.download.checksums import Expected, expected_checksum, record
from biqa.download.transfer import FailureError, Say, download
from biqa.errors import InputError


def obtain(
    dataset: Dataset,
    folders: Sequence[Path],
    output: Path,
    *,
    say: Say,
    pause: float = 1.0,
    checksums: Path | None = None,
) -> None:
    """Make ``output`` a link to the archive in one of ``folders``, or download it there.

    ``say`` is given lines of progress; ``pause`` is the wait in seconds before the second
    attempt, doubled before each further one. ``output`` appears whole or not at all. An archive
    is held against the checksum of its dataset; where none is known, against the one that the
    first download left in the folder ``checksums``.
    """
    expected = expected_checksum(dataset, checksums)
    for folder in folders:
        archive = folder / dataset.archive
        if archive.is_file():
            check_library(archive)
            expected.check(archive)
            link(archive, output)
            say(f"{output}: links to {archive}")
            return
    if not dataset.sources:
        raise InputError(_how_to_get(dataset, folders))
    address = _download_first(dataset, folders, output, expected, say=say, pause=pause)
    check_library(output)
    if checksums is not None and not expected.sha256:
        record(dataset, output, address, checksums, say=say)


def _download_first(
    dataset: Dataset,
    folders: Sequence[Path],
    output: Path,
    expected: Expected,
    *,
    say: Say,
    pause: float,
) -> str:
    """Download from the first address that gives the archive; return that."""
    failures = []
    for address in dataset.sources:
        try:
            download(address, output, expected, say=say, pause=pause)
        except FailureError as failure:
            say(f"{address}: {failure}")
            failures.append(f"{address}: {failure}")
        else:
            return address
    raise InputError(
        f"{dataset.archive} could not be downloaded ({'; '.join(failures)}); run again later, "
        f"or get it yourself: {_request(dataset)}{_by_hand(folders)}"
    )


def link(archive: Path, output: Path) -> None:
    """Make ``output`` a symbolic link to ``archive`` in one step, relative where there is a way."""
    is_the_file_itself = output.exists() and not output.is_symlink() and output.samefile(archive)
    if is_the_file_itself:
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    there = archive.parent.resolve() / archive.name
    try:
        target = os.path.relpath(there, output.parent.resolve())
    except ValueError:  # on another drive
        target = str(there)
    aside = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        aside.symlink_to(target)
        aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)


def _by_hand(folders: Sequence[Path]) -> str:
    places = " or ".join(map(str, folders)) or "a folder"
    return f"put it into {places}, or into a folder that the variable BIQA_ARCHIVES names"


def _how_to_get(dataset: Dataset, folders: Sequence[Path]) -> str:
    looked = " nor ".join(map(str, folders)) or "any folder"
    return (
        f"{dataset.archive} of {dataset.title} is not in {looked}, and has no open address; "
        f"to get it: {_request(dataset)}{_by_hand(folders)}"
    )


def _request(dataset: Dataset) -> str:
    """Return what comes before the archive can be put anywhere, or ""."""
    page = f" ({dataset.homepage})" if dataset.homepage else ""
    return f"{dataset.request}{page}; then " if dataset.request else ""
