"""Download one file from one address, going on where an earlier attempt stopped."""

import errno
import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import Protocol

import requests

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


class Expected(Protocol):
    """What the file should be."""

    def complaint(self, path: Path) -> str:
        """Return what is wrong with the file at ``path``, or ""."""


class FailureError(Exception):
    """This address will not give the archive."""


def download(address: str, output: Path, expected: Expected, *, say: Say, pause: float) -> None:
    """Download ``address`` to ``output``, going on from where an earlier attempt stopped.

    What has come so far is kept beside ``output``, in a file of its own for each address; beside
    that, what the server calls this version of the file, so that no two versions are mixed.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    tag = hashlib.sha256(address.encode()).hexdigest()[:8]
    part = output.with_name(f".{output.name}.{tag}.part")
    try:
        _attempt_often(address, part, say, pause)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        if complaint := expected.complaint(part):
            _delete(part)
            raise FailureError(complaint)
        part.replace(output)
        _version_file(part).unlink(missing_ok=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                f"{part}: no space left on the device; free some and run again to go on"
            ) from error
        raise
    say(f"{output}: {output.stat().st_size:,} bytes from {address}")


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
                raise FailureError(f"{problem}, {ATTEMPTS} times in a row") from problem
            say(f"{address}: {problem}; trying again")
            time.sleep(pause * 2 ** (failed - 1))


def _attempt(address: str, part: Path, say: Say) -> None:
    """Ask for what ``part`` lacks and add it; return when ``part`` is whole."""
    have = _size(part)
    headers = {"Accept-Encoding": "identity"}
    version = _known_version(part) if have else ""
    if have:
        headers["Range"] = f"bytes={have}-"
    if version:
        headers["If-Range"] = version
    try:
        with requests.get(address, headers=headers, stream=True, timeout=TIMEOUTS) as response:
            if not _is_whole(response, have, version):
                _receive(response, address, part, say)
    except _PassingError as problem:
        if have and problem.args[0] == STALE:
            _delete(part)
        raise
    except (
        requests.ConnectionError,
        requests.Timeout,
        requests.exceptions.ChunkedEncodingError,
    ) as error:
        raise _PassingError(f"the connection broke ({type(error).__name__})") from error
    except requests.RequestException as error:
        raise FailureError(str(error)) from error


def _is_whole(response: requests.Response, have: int, version: str) -> bool:
    """Tell whether the server says that nothing is missing; raise if it gives no archive."""
    status, given = response.status_code, response.headers.get("Content-Range", "")
    if status == requests.codes.requested_range_not_satisfiable:
        if given == f"bytes */{have}":
            return True
        raise _PassingError(STALE)
    if status == requests.codes.partial_content:
        is_of_another = version and _version(response) not in ("", version)
        if is_of_another or not given.startswith(f"bytes {have}-"):
            raise _PassingError(STALE)
    if status in PASSING:
        raise _PassingError(f"status {status}")
    if status not in (requests.codes.ok, requests.codes.partial_content):
        raise FailureError(f"status {status}")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise FailureError("a web page came instead of the archive")
    return False


def _receive(response: requests.Response, address: str, part: Path, say: Say) -> None:
    """Write the body to ``part``: behind what it has, or anew if the server sends all."""
    goes_on = response.status_code == requests.codes.partial_content
    done = _size(part) if goes_on else 0
    rest = response.headers.get("Content-Length", "")
    total = done + int(rest) if rest.isdigit() else None
    if total is not None:
        _make_sure_of_space(part, address, total - _size(part), say)
    with part.open("ab" if goes_on else "wb") as file:
        if not goes_on:  # after the former content is gone, before the first byte of the new one
            _version_file(part).write_text(_version(response), encoding="utf-8")
        for piece in response.iter_content(PIECE):
            file.write(piece)
            done += len(piece)
            say(f"{done:,} of {'unknown' if total is None else f'{total:,}'} bytes", passing=True)
    if total is not None and done < total:
        raise _PassingError(f"only {done:,} of {total:,} bytes came")


def _make_sure_of_space(part: Path, address: str, n_bytes: int, say: Say) -> None:
    """Say how many bytes are to come; raise if there is no room for them."""
    free = shutil.disk_usage(part.parent).free
    if n_bytes > free:
        raise InputError(
            f"{part.parent}: no space for {address}: {n_bytes:,} bytes are to come, {free:,} are "
            f"free; free {n_bytes - free:,} more and run again"
        )
    say(f"{address}: {n_bytes:,} bytes to come, {free:,} free in {part.parent}")


def _version(response: requests.Response) -> str:
    """Return what tells this content of the address from others (RFC 9110, If-Range), or ""."""
    tag = response.headers.get("ETag", "")
    return tag if tag.startswith('"') else response.headers.get("Last-Modified", "")


def _version_file(part: Path) -> Path:
    return part.with_suffix(".version")


def _known_version(part: Path) -> str:
    file = _version_file(part)
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _delete(part: Path) -> None:
    part.unlink()
    _version_file(part).unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
