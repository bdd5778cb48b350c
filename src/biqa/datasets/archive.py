"""Read-only view of a zip, tar, rar or 7z archive that trusts nothing in it."""

import bz2
import errno
import gzip
import lzma
import os
import posixpath
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from biqa.datasets.repacked import kind_of, write_as_tar
from biqa.errors import InputError

DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,  # how gzip and bz2 say that their data are invalid
    ValueError,  # an offset before the beginning, a name that is no text
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # an encrypted member
)
UNPACKERS: dict[bytes, Callable[..., Any]] = {  # by the first bytes
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
PIECE = 1 << 20  # bytes


@dataclass(frozen=True)
class Member:
    """One entry as the archive states it: ``leads_to`` is empty unless it is a link."""

    path: str
    is_file: bool
    leads_to: str
    read: Callable[[], bytes]


class Archive:
    """The regular files of an archive, by their path inside it (``folder/file``, no ``./``).

    The kind is told from the content, not from the suffix. Absolute paths, ``..``, links that
    lead out of the archive and paths that occur twice are refused; links that stay inside are
    not listed. Nothing is extracted under its name: a compressed tar, a rar or a 7z is unpacked
    once, as a tar, into a nameless file that takes as much space as its content until it is
    closed; so its members are cheap to read in any order.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: zipfile.ZipFile | tarfile.TarFile | None = None
        try:
            self._file = _open(path)
            self._members = _checked(path, _members(self._file))
        except InputError:
            self.close()
            raise
        except DAMAGE as error:
            self.close()
            raise _damaged(path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def names(self) -> tuple[str, ...]:
        """Return the paths of all regular files, sorted."""
        return tuple(sorted(self._members))

    def __contains__(self, path: object) -> bool:
        return path in self._members

    def read(self, member: str) -> bytes:
        """Return the bytes of one file; its checksum is checked where the archive has one."""
        if member not in self._members:
            raise InputError(f"{self.path}: there is no {member!r} in it; is it the right archive?")
        try:
            return self._members[member].read()
        except DAMAGE as error:
            raise _damaged(self.path, f"{member}: {error}") from error


def _checked(archive: Path, members: Iterator[Member]) -> dict[str, Member]:
    """Return the regular files by their path; raise at the first entry we do not trust."""
    files: dict[str, Member] = {}
    for member in members:
        path = posixpath.normpath(member.path.replace("\\", "/"))
        if _leads_out(member.path) or ".." in re.split(r"[\\/]", member.path):
            raise InputError(f"{archive}: refused, {member.path!r} lies outside its folder")
        if _leads_out(member.leads_to):
            raise InputError(f"{archive}: refused, the link {path!r} leads outside its folder")
        if not member.is_file:
            continue
        if path in files:
            raise InputError(f"{archive}: refused, {path!r} is in it twice")
        files[path] = member
    return files


def _open(path: Path) -> zipfile.ZipFile | tarfile.TarFile:
    """Open ``path`` by what its first bytes say it is."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; the step `download` makes it")
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except PermissionError as error:
        raise InputError(f"{path}: you may not read this file") from error
    if start[:2] == b"PK":
        return _zip(path, start)
    if not start:
        raise InputError(f"{path}: the file is empty; delete it and fetch it again")
    for magic, unpacker in UNPACKERS.items():
        if start.startswith(magic):
            return _unpacked(path, partial(_decompress, unpacker))
    if kind_of(path):
        return _unpacked(path, write_as_tar)
    if start[257:262] == b"ustar":
        return tarfile.open(path, mode="r:")
    raise InputError(
        f"{path}: neither a zip nor a tar archive, nor rar or 7z, it begins with {start[:16]!r}; "
        "delete it and fetch it again"
    )


def _zip(path: Path, start: bytes) -> zipfile.ZipFile:
    """Open a zip; one that was cut may end in the list of a zip within it, an .xlsx for one."""
    file = zipfile.ZipFile(path)
    first = min((info.header_offset for info in file.infolist()), default=0)
    if start.startswith(b"PK\x03\x04") and first != 0:
        file.close()
        raise zipfile.BadZipFile("its last list of files is not its own")
    return file


def _decompress(unpacker: Callable[..., Any], path: Path, output: IO[bytes]) -> None:
    with unpacker(path) as packed:
        shutil.copyfileobj(packed, output, PIECE)


def _unpacked(path: Path, write: Callable[[Path, IO[bytes]], None]) -> tarfile.TarFile:
    """Return the tar that ``write`` makes of an archive, read to its end, where checksums stand.

    The file that it is unpacked to loses its name at once, and its space when it is closed.
    """
    folder = path.parent if os.access(path.parent, os.W_OK) else Path(tempfile.gettempdir())
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as whole:
            write(path, whole)
        return tarfile.open(name, mode="r:")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                f"{path}: no space left in {folder} to unpack it; free some and run again"
            ) from error
        raise
    finally:
        Path(name).unlink()


def _members(file: zipfile.ZipFile | tarfile.TarFile) -> Iterator[Member]:
    return _zip_members(file) if isinstance(file, zipfile.ZipFile) else _tar_members(file)


def _zip_members(file: zipfile.ZipFile) -> Iterator[Member]:
    for info in file.infolist():
        leads_to = ""
        if stat.S_ISLNK(info.external_attr >> 16):
            leads_to = posixpath.join(posixpath.dirname(info.filename), file.read(info).decode())
        is_file = not info.is_dir() and not leads_to
        yield Member(info.filename, is_file, leads_to, partial(file.read, info))


def _tar_members(file: tarfile.TarFile) -> Iterator[Member]:
    for info in file:
        leads_to = info.linkname if info.islnk() else ""
        if info.issym():
            leads_to = posixpath.join(posixpath.dirname(info.name), info.linkname)
        yield Member(info.name, info.isreg(), leads_to, partial(_content, file, info))


def _content(file: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    stream = file.extractfile(info)
    assert stream is not None, f"{info.name} is a regular file"
    return stream.read()


def _leads_out(path: str) -> bool:
    """Tell whether ``path`` is absolute (also as Windows writes it) or climbs with ``..``."""
    path = path.replace("\\", "/")
    climbs = posixpath.normpath(path).split("/")[0] == ".."
    return climbs or path.startswith("/") or re.match("[A-Za-z]:", path) is not None


def _damaged(path: Path, why: object) -> InputError:
    line = str(why).split("\n")[0].rstrip(":")
    return InputError(f"{path}: truncated or damaged ({line}); delete it and fetch it again")
