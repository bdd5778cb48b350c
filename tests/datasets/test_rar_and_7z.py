"""Rar and 7z archives, written here byte by byte or by libarchive, and not trusted either."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from small_disk import small_disk

from biqa.datasets.archive import Archive
from biqa.datasets.repacked import kind_of
from biqa.errors import InputError

libarchive = pytest.importorskip(
    "libarchive", reason="rar and 7z take libarchive", exc_type=Exception
)

Entries = list[tuple[str, bytes]]
FILES = {"a/one.txt": b"one" * 5000, "a/b/two.bin": bytes(range(256)) * 40, "three": b""}


def rar4(entries: Entries, mode: int = 0o100644) -> bytes:
    """An archive of RAR 1.5 to 4 without compression."""
    blocks = [b"Rar!\x1a\x07\x00", _block(0x73, 0, bytes(6))]
    for name, content in entries:
        fields = (len(content), len(content), 3, zlib.crc32(content), 0, 20, 0x30, len(name))
        head = struct.pack("<IIBIIBBHI", *fields, mode) + name.encode()
        blocks += [_block(0x74, 0x8000, head), content]
    return b"".join([*blocks, _block(0x7B, 0x4000, b"")])


def _block(kind: int, flags: int, rest: bytes) -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body


def rar5(entries: Entries) -> bytes:
    """An archive of RAR 5 without compression."""
    blocks = [b"Rar!\x1a\x07\x01\x00", _block5(_vint(1) + _vint(0) + _vint(0))]
    for name, content in entries:
        size = _vint(len(content))
        file = _vint(4) + size + _vint(0o100644) + struct.pack("<I", zlib.crc32(content))
        file += _vint(0) + _vint(1) + _vint(len(name)) + name.encode()
        blocks += [_block5(_vint(2) + _vint(2) + size + file), content]
    return b"".join([*blocks, _block5(_vint(5) + _vint(0) + _vint(0))])


def _block5(head: bytes) -> bytes:
    sized = _vint(len(head)) + head
    return struct.pack("<I", zlib.crc32(sized)) + sized


def _vint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that more follow."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F)
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


def seven_zip(entries: Entries) -> bytes:
    stream = io.BytesIO()
    with libarchive.custom_writer(stream.write, "7zip") as archive:
        for name, content in entries:
            archive.add_file_from_memory(name, len(content), content)
    return stream.getvalue()


WRITERS = {"rar4": rar4, "rar5": rar5, "7z": seven_zip}


@pytest.fixture(params=WRITERS)
def write(request, tmp_path) -> Callable[[Entries], Path]:
    def write(entries: Entries, folder: Path = tmp_path) -> Path:
        path = folder / "data.archive"
        path.write_bytes(WRITERS[request.param](entries))
        assert kind_of(path) == request.param[:3]
        return path

    return write


def read_all(path: Path) -> dict[str, bytes]:
    with Archive(path) as archive:
        return {name: archive.read(name) for name in archive.names()}


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_all(path)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value)


def test_all_files_are_read_and_nothing_is_left(write, tmp_path):
    path = write(list(FILES.items()))
    assert read_all(path) == FILES
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "C:/x"])
def test_a_path_outside_the_folder_is_refused(name, write):
    assert f"{name!r} lies outside its folder" in refusal(write([("fine", b"1"), (name, b"2")]))


def test_a_path_that_occurs_twice_is_refused(write):
    assert "'a/b' is in it twice" in refusal(write([("a/b", b"1"), ("./a//b", b"2")]))


def test_a_changed_byte_of_a_7z_is_found_by_its_checksum(tmp_path, rng):
    content = bytearray(seven_zip([("noise", rng.bytes(1 << 16))]))
    content[1500] ^= 1
    (tmp_path / "x").write_bytes(content)
    assert "damaged" in refusal(tmp_path / "x")


@pytest.mark.parametrize("part", [0.3, 0.7])
def test_a_truncated_archive_is_one_error(part, write, rng):
    path = write([(f"{k}", rng.bytes(3000)) for k in range(5)])
    content = path.read_bytes()
    path.write_bytes(content[: round(part * len(content))])
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("target", ["../../x", "/etc/passwd"])
def test_a_link_out_of_a_rar_is_refused(target, tmp_path):
    (tmp_path / "x").write_bytes(rar4([("a/link", target.encode())], mode=0o120777))
    assert "the link 'a/link' leads outside" in refusal(tmp_path / "x")


def test_a_link_that_stays_inside_is_not_listed(tmp_path):
    (tmp_path / "x").write_bytes(rar4([("a/link", b"b")], mode=0o120777))
    assert read_all(tmp_path / "x") == {}


def test_a_disk_too_small_to_unpack_is_said(write, tmp_path, rng):
    with small_disk(tmp_path / "small", "192k") as folder:
        path = write([("noise", rng.bytes(120_000))], folder)
        assert f"no space left in {folder} to unpack it" in refusal(path)
        assert list(folder.iterdir()) == [path]
