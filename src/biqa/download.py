"""Put the official archive of a dataset in its place: found in a folder, or downloaded."""

import errno
import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import requests

from biqa.datasets.definition import Dataset
from biqa.errors import InputError

TIMEOUTS = (10, 60)  # seconds to connect, and between two pieces
PIECE = 1 << 14  # bytes read at a time, and lost when a connection breaks
ATTEMPTS = 5  # in a row without a new byte, before the next address is tried
STALE = "what came before is of another file; it is deleted"
PASSING = (408, 425, 429, 500, 502, 503, 504)  # statuses worth another attempt


class Say(Protocol):
    """What is told to the user."""

    def __call__(self, line: str, *, passing: bool = False) -> None:
        """Take a line; one that is ``passing`` may be left out or written over by the next."""


def obtain(
    dataset: Dataset, folders: Sequence[Path], output: Path, *, say: Say, pause: float = 1.0
) -> None:
    """Make ``output`` a link to the archive in one of ``folders``, or download it there.

    ``say`` is given lines of progress; ``pause`` is the wait in seconds before the second
    attempt, doubled before each further one. ``output`` appears whole or not at all.
    """
    for folder in folders:
        if (folder / dataset.archive).is_file():
            link(folder / dataset.archive, output)
            say(f"{output}: links to {folder / dataset.archive}")
            return
    if not dataset.sources:
        raise InputError(_how_to_get(dataset, folders))
    failures = []
    for address in dataset.sources:
        try:
            download(address, output, dataset.sha256, say=say, pause=pause)
        except _FailureError as failure:
            say(f"{address}: {failure}")
            failures.append(f"{address}: {failure}")
        else:
            return
    raise InputError(
        f"{dataset.archive} could not be downloaded ({'; '.join(failures)}); run again later, "
        f"or {_by_hand(folders)}"
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


def download(address: str, output: Path, sha256: str, *, say: Say, pause: float) -> None:
    """Download ``address`` to ``output``, going on from where an earlier attempt stopped.

    What has come so far is kept beside ``output``, in a file of its own for each address.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    tag = hashlib.sha256(address.encode()).hexdigest()[:8]
    part = output.with_name(f".{output.name}.{tag}.part")
    try:
        _attempt_often(address, part, say, pause)
        _check(part, sha256)
        part.replace(output)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                f"{part}: no space left on the device; free some and run again to go on"
            ) from error
        raise
    say(f"{output}: {output.stat().st_size:,} bytes from {address}")


class _FailureError(Exception):
    """This address will not give the archive."""


class _PassingError(Exception):
    """Another attempt may do."""


def _attempt_often(address: str, part: Path, say: Say, pause: float) -> None:
    """Attempt until ``part`` is whole, or ``ATTEMPTS`` in a row bring nothing new."""
    failed, most = 0, _size(part)
    while True:
        try:
            return _attempt(address, part, say)
        except _PassingError as problem:
            failed = 1 if _size(part) > most else failed + 1
            most = max(most, _size(part))
            if failed == ATTEMPTS:
                raise _FailureError(f"{problem}, {ATTEMPTS} times in a row") from problem
            say(f"{address}: {problem}; trying again")
            time.sleep(pause * 2 ** (failed - 1))


def _attempt(address: str, part: Path, say: Say) -> None:
    """Ask for what ``part`` lacks and add it; return when ``part`` is whole."""
    have = _size(part)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with requests.get(address, headers=headers, stream=True, timeout=TIMEOUTS) as response:
            if not _is_whole(response, have):
                _receive(response, part, have, say)
    except _PassingError as problem:
        if have and problem.args[0] == STALE:
            part.unlink()
        raise
    except (
        requests.ConnectionError,
        requests.Timeout,
        requests.exceptions.ChunkedEncodingError,
    ) as error:
        raise _PassingError(f"the connection broke ({type(error).__name__})") from error
    except requests.RequestException as error:
        raise _FailureError(str(error)) from error


def _is_whole(response: requests.Response, have: int) -> bool:
    """Tell whether the server says that nothing is missing; raise if it gives no archive."""
    status, given = response.status_code, response.headers.get("Content-Range", "")
    if status == requests.codes.requested_range_not_satisfiable:
        if given == f"bytes */{have}":
            return True
        raise _PassingError(STALE)
    if status == requests.codes.partial_content and not given.startswith(f"bytes {have}-"):
        raise _PassingError(STALE)
    if status in PASSING:
        raise _PassingError(f"status {status}")
    if status not in (requests.codes.ok, requests.codes.partial_content):
        raise _FailureError(f"status {status}")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise _FailureError("a web page came instead of the archive")
    return False


def _receive(response: requests.Response, part: Path, have: int, say: Say) -> None:
    """Write the body to ``part``: behind its ``have`` bytes, or anew if the server sends all."""
    goes_on = response.status_code == requests.codes.partial_content
    done = have if goes_on else 0
    rest = response.headers.get("Content-Length")
    total = done + int(rest) if rest else None
    with part.open("ab" if goes_on else "wb") as file:
        for piece in response.iter_content(PIECE):
            file.write(piece)
            done += len(piece)
            say(f"{done:,} of {'unknown' if total is None else f'{total:,}'} bytes", passing=True)
    if total is not None and done < total:
        raise _PassingError(f"only {done:,} of {total:,} bytes came")


def _check(part: Path, sha256: str) -> None:
    with part.open("rb+") as file:
        os.fsync(file.fileno())
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 not in ("", found):
        part.unlink()
        raise _FailureError(f"the file's SHA-256 is {found}, expected {sha256}")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _by_hand(folders: Sequence[Path]) -> str:
    places = " or ".join(map(str, folders)) or "a folder"
    return f"put it into {places}, or into a folder that the variable BIQA_ARCHIVES names"


def _how_to_get(dataset: Dataset, folders: Sequence[Path]) -> str:
    looked = " nor ".join(map(str, folders)) or "any folder"
    page = f" ({dataset.homepage})" if dataset.homepage else ""
    return (
        f"{dataset.archive} of {dataset.title} is not in {looked}, and has no open address; "
        f"to get it: {dataset.request}{page}; then {_by_hand(folders)}"
    )
