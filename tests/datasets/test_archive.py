"""Archives are read whatever their suffix, and nothing in them is trusted."""

import io
import stat
import tarfile
import zipfile
from functools import partial
from pathlib import Path

import pytest
from small_disk import small_disk

from biqa.datasets.archive import UNPACKERS, Archive
from biqa.errors import InputError

FILES = {"a/one.txt": b"one" * 500, "a/b/two.bin": bytes(range(256)) * 40, "three": b""}


def write_zip(path: Path, entries: list[tuple[str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def write_tar(path: Path, entries: list[tuple[str, bytes]], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as file:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return path


WRITERS = {
    "zip": write_zip,
    "tar": write_tar,
    "tar.gz": lambda path, entries: write_tar(path, entries, "w:gz"),
    "tar.bz2": lambda path, entries: write_tar(path, entries, "w:bz2"),
    "tar.xz": lambda path, entries: write_tar(path, entries, "w:xz"),
}
every_kind = pytest.mark.parametrize("kind", WRITERS)


def read_all(path: Path) -> dict[str, bytes]:
    with Archive(path) as archive:
        return {name: archive.read(name) for name in archive.names()}


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_all(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@every_kind
def test_all_files_are_read_whatever_the_suffix_says(kind, tmp_path):
    path = WRITERS[kind](tmp_path / "data.archive", list(FILES.items()))
    assert read_all(path) == FILES


@pytest.mark.parametrize("kind", ["tar.gz", "tar.bz2", "tar.xz"])
def test_a_compressed_tar_is_unpacked_once_and_leaves_nothing(kind, tmp_path, monkeypatch):
    path = WRITERS[kind](tmp_path / "x", list(FILES.items()))
    unpacked = []
    for magic, unpacker in UNPACKERS.items():
        monkeypatch.setitem(UNPACKERS, magic, partial(counted, unpacker, unpacked))
    with Archive(path) as archive:
        assert list(tmp_path.iterdir()) == [path]
        backwards = {name: archive.read(name) for name in reversed(archive.names())}
    assert backwards == FILES
    assert unpacked == [path]


def counted(unpacker, paths, path):
    paths.append(path)
    return unpacker(path)


def test_a_disk_too_small_to_unpack_is_said(tmp_path):
    with small_disk(tmp_path / "small", "64k") as folder:
        path = write_tar(folder / "x.tgz", [("zeros", bytes(1 << 20))], "w:gz")
        assert refusal(path) == (
            f"{path}: no space left in {folder} to unpack it; free some and run again"
        )
        assert list(folder.iterdir()) == [path]


def test_names_are_sorted_and_folders_are_no_files(tmp_path):
    path = write_tar(tmp_path / "x", [("./b", b""), ("./a", b"")])
    with tarfile.open(path, "a") as file:
        folder = tarfile.TarInfo("./c")
        folder.type = tarfile.DIRTYPE
        file.addfile(folder)
    with Archive(path) as archive:
        assert archive.names() == ("a", "b")
        assert "a" in archive
        assert "c" not in archive


@every_kind
@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "a/../x", "/etc/x", "..\\x", "C:\\x", "C:/x", "\\\\host\\x"]
)
def test_a_path_outside_the_folder_is_refused(kind, name, tmp_path):
    path = WRITERS[kind](tmp_path / "x", [("fine", b""), (name, b"")])
    assert "lies outside its folder" in refusal(path)


@pytest.mark.parametrize("target", ["../../x", "/etc/passwd", "b/../../../x"])
def test_a_symbolic_link_out_of_a_tar_is_refused(target, tmp_path):
    with tarfile.open(tmp_path / "x", "w") as file:
        link = tarfile.TarInfo("a/link")
        link.type, link.linkname = tarfile.SYMTYPE, target
        file.addfile(link)
    assert "the link 'a/link' leads outside" in refusal(tmp_path / "x")


def test_a_hard_link_out_of_a_tar_is_refused(tmp_path):
    with tarfile.open(tmp_path / "x", "w") as file:
        link = tarfile.TarInfo("a/link")
        link.type, link.linkname = tarfile.LNKTYPE, "../x"
        file.addfile(link)
    assert "the link 'a/link' leads outside" in refusal(tmp_path / "x")


def zip_with_link(path: Path, target: str) -> Path:
    link = zipfile.ZipInfo("a/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(link, target)
    return path


def test_a_link_out_of_a_zip_is_refused(tmp_path):
    assert "leads outside" in refusal(zip_with_link(tmp_path / "x", "../../x"))


def test_a_link_that_stays_inside_is_not_listed(tmp_path):
    with Archive(zip_with_link(tmp_path / "x", "../b")) as archive:
        assert archive.names() == ()


@every_kind
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_path_that_occurs_twice_is_refused(kind, tmp_path):
    path = WRITERS[kind](tmp_path / "x", [("a/b", b"1"), ("./a//b", b"2")])
    assert "'a/b' is in it twice" in refusal(path)


@every_kind
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_truncated_archive_is_one_error_that_says_to_fetch_it_again(kind, part, tmp_path, rng):
    noise = [(f"{i}", rng.bytes(3000)) for i in range(5)]
    content = WRITERS[kind](tmp_path / "x", noise).read_bytes()
    n_bytes = round(part * sum(len(noise) for _, noise in noise))
    (tmp_path / "x").write_bytes(content[:n_bytes])
    assert "truncated or damaged" in (message := refusal(tmp_path / "x"))
    assert "fetch it again" in message


def test_a_zip_cut_behind_a_zip_within_it_is_truncated(tmp_path):
    inner = write_zip(tmp_path / "inner", [("sheet", b"1")]).read_bytes()
    with zipfile.ZipFile(tmp_path / "x", "w") as file:  # stored, so that its end can be seen
        file.writestr("labels.xlsx", inner)
        file.writestr("picture", b"2" * 500)
    content = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(content[: content.index(inner) + len(inner) + 100])
    assert "truncated or damaged (its last list of files is not its own)" in refusal(tmp_path / "x")


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "tar.bz2", "tar.xz"])
def test_a_changed_byte_is_found_by_the_checksum(kind, tmp_path, rng):
    path = WRITERS[kind](tmp_path / "x", [("noise", rng.bytes(3000))])
    content = bytearray(path.read_bytes())
    content[1500] ^= 1
    path.write_bytes(content)
    assert "truncated or damaged" in refusal(path)


def test_an_encrypted_member_is_refused(tmp_path):
    path = write_zip(tmp_path / "x", [("secret", b"x")])
    content = bytearray(path.read_bytes())
    content[6] |= 1  # flag bit 0 of the local header, then of the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "secret" in refusal(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"<!DOCTYPE html><title>Log in", "neither a zip nor a tar")],
)
def test_what_is_no_archive_is_refused(content, said, tmp_path):
    (tmp_path / "x.zip").write_bytes(content)
    assert said in refusal(tmp_path / "x.zip")


def test_a_missing_file_is_refused(tmp_path):
    assert "the step `download` makes it" in refusal(tmp_path / "x.zip")


def test_a_link_to_nothing_is_refused(tmp_path):
    (tmp_path / "x").symlink_to("gone.zip")
    assert "there is no such file" in refusal(tmp_path / "x")


def test_an_unknown_member_is_named(tmp_path):
    with (
        Archive(write_zip(tmp_path / "x", [("a", b"")])) as archive,
        pytest.raises(InputError, match="there is no 'b' in it"),
    ):
        archive.read("b")
