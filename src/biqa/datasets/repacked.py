"""Rar and 7z archives, which libarchive reads; handed on as a tar, so that one reader checks all.

libarchive (BSD) comes with the system, its binding is libarchive-c (CC0); unrar is not free, and
nothing here calls a program.
"""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from biqa.errors import InputError

KINDS = {b"Rar!\x1a\x07": "rar", b"7z\xbc\xaf\x27\x1c": "7z"}  # by the first bytes
LONGEST_START = max(map(len, KINDS))


def kind_of(path: Path) -> str:
    """Return "rar" or "7z" by the first bytes of a file, and "" for all else."""
    with path.open("rb") as file:
        start = file.read(LONGEST_START)
    return next((kind for magic, kind in KINDS.items() if start.startswith(magic)), "")


def check_library(path: Path) -> None:
    """Raise if ``path`` is a rar or 7z archive and libarchive is not here to read it."""
    if kind_of(path):
        _library(path)


def write_as_tar(path: Path, output: IO[bytes]) -> None:
    """Write all that a rar or 7z archive holds to ``output``, as a tar; names stay as they are.

    Nothing is extracted under a name of the archive's, so nothing can lie outside a folder. The
    checksums of members are compared, except those that a rar stores without compression, which
    libarchive leaves out.
    """
    library = _library(path)
    try:
        with (
            library.file_reader(str(path)) as entries,
            tarfile.open(fileobj=output, mode="w") as tar,
        ):
            for entry in entries:
                tar.addfile(_info(entry), io.BufferedReader(_Content(entry.get_blocks())))
    except library.ArchiveError as error:
        raise InputError(
            f"{path}: truncated, damaged, or of a kind that libarchive does not read "
            f"({error.msg}); fetch it again, or pack its content as a zip or tgz archive"
        ) from error


def _info(entry: Any) -> tarfile.TarInfo:
    """Return the head of one member; only regular files have content."""
    info = tarfile.TarInfo(entry.pathname)
    if entry.islnk or entry.issym:
        info.type = tarfile.LNKTYPE if entry.islnk else tarfile.SYMTYPE
        info.linkname = entry.linkname
    elif entry.isdir:
        info.type = tarfile.DIRTYPE
    elif entry.isreg:
        info.size = entry.size
    else:
        info.type = tarfile.FIFOTYPE  # a device or such: listed by no reader
    return info


class _Content(io.RawIOBase):
    """The pieces of a member as a stream, one piece in memory at a time."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        n_bytes = min(len(buffer), len(self._rest))
        buffer[:n_bytes], self._rest = self._rest[:n_bytes], self._rest[n_bytes:]
        return n_bytes


def _library(path: Path) -> Any:
    try:
        import libarchive
    except (ImportError, OSError, AttributeError) as error:  # the binding, or what it binds
        raise InputError(
            f"{path}: a {kind_of(path)} archive, which takes libarchive to read: install the "
            "system's libarchive (Debian: libarchive13) and 'pip install libarchive-c'; or pack "
            "its content as a zip or tgz archive under this name ('bsdtar -a -cf content.zip "
            f"@{path.name}' does, without unpacking)"
        ) from error
    return libarchive
