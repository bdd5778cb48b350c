"""Archives are linked or downloaded, over a real server that misbehaves; never half."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from misbehaving_server import CONTENT, OTHER, SHA256, Server
from small_disk import small_disk

from biqa.__main__ import main
from biqa.datasets import livec
from biqa.download import obtain
from biqa.download.transfer import ATTEMPTS, PIECE
from biqa.errors import InputError


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def output(tmp_path) -> Path:
    return tmp_path / "data" / "livec.archive"


def fetch(
    server: Server,
    output: Path,
    *paths: str,
    sha256: str = SHA256,
    folders: Sequence[Path] = (),
    checksums: Path | None = None,
) -> list[str]:
    """Obtain the archive from these paths of the server; return what was said."""
    said: list[str] = []
    sources = tuple(server.address(path) for path in paths)
    dataset = replace(livec.DATASET, sources=sources, sha256=sha256)

    def say(line: str, *, passing: bool = False) -> None:
        said.append(line)

    obtain(dataset, folders, output, say=say, pause=0.001, checksums=checksums)
    return said


def part_of(server: Server, output: Path, path: str) -> Path:
    """Where what has come of an address is kept."""
    tag = hashlib.sha256(server.address(path).encode()).hexdigest()[:8]
    return output.with_name(f".livec.archive.{tag}.part")


@pytest.mark.parametrize(
    "path", ["whole", "dropping", "ignoring", "busy_once", "elsewhere", "unmeasured"]
)
@pytest.mark.parametrize("sha256", [SHA256, ""], ids=["checksum", "no-checksum"])
def test_the_archive_comes_whole_whatever_the_server_does(path, sha256, server, output):
    fetch(server, output, path, sha256=sha256)
    assert output.read_bytes() == CONTENT
    assert [path.name for path in output.parent.iterdir()] == ["livec.archive"]


def test_a_dropped_connection_is_resumed_where_it_broke(server, output):
    fetch(server, output, "dropping")
    starts = [int(wanted[6:-1]) for _, wanted in server.asked if wanted]
    assert server.asked[0] == ("/dropping", None)
    assert len(starts) >= ATTEMPTS, "each attempt brought something new"
    for before, start in zip([0, *starts[:-1]], starts, strict=True):
        assert before + 150_000 - PIECE < start <= before + 150_000


def test_what_an_earlier_run_left_is_not_asked_for_again(server, output):
    part = part_of(server, output, "whole")
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:1000])
    fetch(server, output, "whole")
    assert server.asked == [("/whole", "bytes=1000-")]
    assert output.read_bytes() == CONTENT


def test_a_part_that_was_whole_already_is_taken(server, output):
    part = part_of(server, output, "whole")
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT)
    fetch(server, output, "whole")
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize(("path", "n_bytes"), [("whole", len(CONTENT) + 5), ("misplaced", 1000)])
def test_a_part_of_another_file_is_thrown_away(path, n_bytes, server, output):
    part = part_of(server, output, path)
    part.parent.mkdir(parents=True)
    part.write_bytes(b"y" * n_bytes)
    fetch(server, output, path)
    assert output.read_bytes() == CONTENT


def test_a_missing_file_sends_us_to_the_mirror(server, output):
    said = fetch(server, output, "nowhere", "whole")
    assert output.read_bytes() == CONTENT
    assert f"{server.address('nowhere')}: status 404" in said
    assert [path for path, _ in server.asked] == ["/nowhere", "/whole"]


def refusal(server: Server, output: Path, *paths: str) -> str:
    with pytest.raises(InputError) as caught:
        fetch(server, output, *paths)
    assert not output.exists()
    return str(caught.value)


def test_a_wrong_checksum_is_refused_and_not_kept(server, output):
    found = hashlib.sha256(CONTENT[:-1] + b"x").hexdigest()
    assert f"SHA-256 is {found}, expected {SHA256}" in refusal(server, output, "wrong")
    assert list(output.parent.iterdir()) == []


def test_a_wrong_checksum_sends_us_to_the_mirror(server, output):
    fetch(server, output, "wrong", "whole")
    assert output.read_bytes() == CONTENT


def test_a_login_page_is_not_taken_for_the_archive(server, output):
    message = refusal(server, output, "login")
    assert "a web page came instead" in message
    assert "BIQA_ARCHIVES" in message


def test_a_busy_server_is_asked_a_few_times(server, output):
    assert f"status 503, {ATTEMPTS} times in a row" in refusal(server, output, "busy")
    assert len(server.asked) == ATTEMPTS


def test_a_server_that_never_gets_further_is_given_up(server, output):
    message = refusal(server, output, "hanging_up")
    assert f"{ATTEMPTS} times in a row" in message
    assert len(server.asked) == ATTEMPTS


def test_all_addresses_are_in_the_error(server, output):
    message = refusal(server, output, "nowhere", "busy")
    assert "or get it yourself: fill in the request form" in message
    assert f"{server.address('nowhere')}: status 404" in message
    assert f"{server.address('busy')}: status 503" in message


def test_a_server_that_is_not_there_is_one_error(output):
    with Server() as closed:
        pass
    assert "the connection broke" in refusal(closed, output, "whole")


def test_an_address_that_is_none_is_one_error(output):
    dataset = replace(livec.DATASET, sources=("ftp://127.0.0.1/x",))
    with pytest.raises(InputError, match=r"ftp://127\.0\.0\.1/x: No connection adapters"):
        obtain(dataset, [], output, say=lambda line, passing=False: None, pause=0)


def download(*folders: Path, output: Path) -> int:
    words = ["--dataset", "livec", "--archives", os.pathsep.join(map(str, folders))]
    return main(["download", *words, "--output", str(output)])


@pytest.fixture
def found(tmp_path) -> Path:
    archive = tmp_path / "official" / "ChallengeDB_release.zip"
    archive.parent.mkdir()
    archive.write_bytes(CONTENT)
    return archive


def test_an_archive_in_a_folder_becomes_a_relative_link(found, tmp_path, output):
    assert download(tmp_path / "no", found.parent, output=output) == 0
    assert os.readlink(output) == os.path.join("..", "official", found.name)
    assert output.read_bytes() == CONTENT
    assert [path.name for path in output.parent.iterdir()] == ["livec.archive"]


def test_the_link_holds_where_folders_are_links_themselves(found, tmp_path):
    (tmp_path / "deep" / "store").mkdir(parents=True)
    (tmp_path / "data").symlink_to(Path("deep") / "store")
    (tmp_path / "archives").symlink_to("official")
    output = tmp_path / "data" / "livec.archive"
    assert download(tmp_path / "archives", output=output) == 0
    assert output.read_bytes() == CONTENT


def test_a_former_link_is_replaced(found, output):
    output.parent.mkdir()
    output.symlink_to("gone.zip")
    assert download(found.parent, output=output) == 0
    assert output.read_bytes() == CONTENT


def test_an_archive_is_never_replaced_by_a_link_to_itself(found):
    assert download(found.parent, output=found) == 0
    assert not found.is_symlink()
    assert found.read_bytes() == CONTENT


def test_the_variable_names_folders_to_look_in(found, output, tmp_path, monkeypatch):
    folders = os.pathsep.join([str(tmp_path / "no"), str(found.parent)])
    monkeypatch.setenv("BIQA_ARCHIVES", folders)
    assert main(["download", "--dataset", "livec", "--output", str(output)]) == 0
    assert output.read_bytes() == CONTENT


def test_the_usual_folder_needs_no_option(tmp_path, monkeypatch):
    monkeypatch.delenv("BIQA_ARCHIVES", raising=False)
    monkeypatch.chdir(tmp_path)
    archives = Path("data/archives")
    archives.mkdir(parents=True)
    (archives / "ChallengeDB_release.zip").write_bytes(CONTENT)
    output = archives / "livec.archive"
    assert main(["download", "--dataset", "livec", "--output", str(output)]) == 0
    assert os.readlink(output) == "ChallengeDB_release.zip"


def test_a_gated_archive_is_one_error_that_says_how_to_get_it(tmp_path, output, capsys):
    assert download(tmp_path, output=output) == 1
    (error,) = capsys.readouterr().err.splitlines()
    for said in (
        "ChallengeDB_release.zip",
        "fill in the request form",
        "https://live.ece.utexas.edu/research/ChallengeDB/index.html",
        f"put it into {tmp_path}",
        "BIQA_ARCHIVES",
    ):
        assert said in error
    assert not output.parent.exists()


def test_the_step_says_on_stderr_what_it_downloaded(server, output, tmp_path, monkeypatch, capsys):
    changed = replace(livec.DATASET, sources=(server.address("whole"),))
    monkeypatch.setattr(livec, "DATASET", changed)
    assert download(tmp_path, output=output) == 0
    said = capsys.readouterr()
    first, last = said.err.splitlines()
    assert first.startswith(f"{server.address('whole')}: {len(CONTENT):,} bytes to come, ")
    assert last == f"{output}: {len(CONTENT):,} bytes from {server.address('whole')}"
    assert said.out == ""


def test_a_full_disk_is_one_error_and_gives_no_archive(server, tmp_path):
    with small_disk(tmp_path / "disk", "64k") as folder:
        assert "no space left on the device" in refusal(server, folder / "x.archive", "unmeasured")


def test_a_disk_that_is_too_small_is_refused_before_a_byte_is_written(server, tmp_path):
    with small_disk(tmp_path / "disk", "64k") as folder:
        message = refusal(server, folder / "x.archive", "whole")
        assert list(folder.iterdir()) == []
    needed = f"{len(CONTENT):,} bytes are to come, 65,536 are free; free {len(CONTENT) - 65536:,}"
    assert needed in message
    assert server.address("whole") in message


def test_what_is_there_already_needs_no_more_space(server, output, monkeypatch):
    part = part_of(server, output, "whole")
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:-1000])
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=1000))
    said = fetch(server, output, "whole")
    assert said[0] == f"{server.address('whole')}: 1,000 bytes to come, 1,000 free in {part.parent}"
    assert output.read_bytes() == CONTENT
    output.unlink()
    part.write_bytes(CONTENT[:-1001])
    assert "1,001 bytes are to come, 1,000 are free; free 1 more" in refusal(
        server, output, "whole"
    )


def test_a_download_that_stopped_half_way_fetches_only_the_rest_later(server, output):
    """The network goes away, the step fails; with the network back, run again."""
    half = len(CONTENT) // 2
    refusal(server, output, "half")
    kept = part_of(server, output, "half").stat().st_size
    assert half - PIECE < kept <= half
    server.asked.clear()
    part_of(server, output, "half").rename(part_of(server, output, "whole"))
    fetch(server, output, "whole")
    assert server.asked == [("/whole", f"bytes={kept}-")]
    assert output.read_bytes() == CONTENT


KILLED = """
import sys
from dataclasses import replace
from pathlib import Path
from biqa.datasets import livec
from biqa.download import obtain
dataset = replace(livec.DATASET, sources=(sys.argv[1],))
obtain(dataset, [], Path(sys.argv[2]), say=lambda line, passing=False: None)
"""


def test_a_download_that_was_killed_fetches_only_the_rest_later(server, output):
    words = [sys.executable, "-c", KILLED, server.address("stalling"), str(output)]
    part = part_of(server, output, "stalling")
    with subprocess.Popen(words) as process:
        deadline = time.monotonic() + 60
        while not part.exists() or part.stat().st_size < len(CONTENT) // 2 - PIECE:
            assert time.monotonic() < deadline, "nothing came"
            time.sleep(0.01)
        process.kill()
    server.goes_on.set()
    kept = part.stat().st_size
    fetch(server, output, "stalling")
    assert server.asked == [("/stalling", None), ("/stalling", f"bytes={kept}-")]
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize(("path", "n_asked"), [("whole", 1), ("mixing", 2)])
def test_two_versions_of_a_file_are_not_mixed(path, n_asked, server, output):
    """One starts to come, the owners put another there: it comes from its beginning."""
    server.knows_versions = True
    server.content = OTHER
    refusal(server, output, "half")
    for suffix in (".part", ".version"):
        kept = part_of(server, output, "half").with_suffix(suffix)
        kept.rename(part_of(server, output, path).with_suffix(suffix))
    server.content = CONTENT
    server.asked.clear()
    fetch(server, output, path, sha256="")
    assert len(server.asked) == n_asked
    assert output.read_bytes() == CONTENT
    assert [path.name for path in output.parent.iterdir()] == ["livec.archive"]


def test_the_same_version_is_gone_on_with(server, output):
    server.knows_versions = True
    fetch(server, output, "dropping", sha256="")
    assert output.read_bytes() == CONTENT
    assert all(wanted for _, wanted in server.asked[1:])


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("rar", b"Rar!\x1a\x07\x00"),
        ("rar", b"Rar!\x1a\x07\x01\x00"),
        ("7z", b"7z\xbc\xaf\x27\x1c"),
    ],
    ids=["rar4", "rar5", "7z"],
)
def test_a_rar_or_7z_without_libarchive_is_refused_with_what_to_do(
    kind, start, server, output, found, monkeypatch
):
    monkeypatch.setitem(sys.modules, "libarchive", None)
    server.content = start + b"..."
    found.write_bytes(server.content)
    for folders in ([found.parent], []):
        with pytest.raises(InputError) as caught:
            fetch(server, output, "whole", sha256="", folders=folders)
        assert f"a {kind} archive, which takes libarchive to read" in str(caught.value)
        assert "'pip install libarchive-c'" in str(caught.value)
        assert "bsdtar -a -cf content.zip @" in str(caught.value)
    assert not output.is_symlink()


@pytest.fixture
def checksums(tmp_path) -> Path:
    return tmp_path / "checksums"


def test_the_first_download_leaves_its_checksum(server, output, checksums):
    said = fetch(server, output, "whole", sha256="", checksums=checksums)
    assert json.loads((checksums / "livec.json").read_text(encoding="utf-8")) == {
        "address": server.address("whole"),
        "archive": "ChallengeDB_release.zip",
        "bytes": len(CONTENT),
        "sha256": SHA256,
    }
    assert said[-1].startswith(f"{checksums / 'livec.json'}: keeps the checksum")


def test_a_later_download_is_compared_with_the_first(server, output, checksums):
    fetch(server, output, "whole", sha256="", checksums=checksums)
    kept = (checksums / "livec.json").read_bytes()
    output.unlink()
    fetch(server, output, "whole", sha256="", checksums=checksums)
    output.unlink()
    server.content = OTHER
    with pytest.raises(InputError) as caught:
        fetch(server, output, "whole", sha256="", checksums=checksums)
    found = hashlib.sha256(OTHER).hexdigest()
    assert f"SHA-256 is {found}, expected {SHA256}, as {checksums / 'livec.json'} has it" in str(
        caught.value
    )
    assert not output.exists()
    assert (checksums / "livec.json").read_bytes() == kept


def test_a_file_that_lies_in_a_folder_is_compared_with_the_first_download(
    server, output, checksums, found
):
    fetch(server, output, "whole", sha256="", checksums=checksums)
    folders = [found.parent]
    fetch(server, output, "nowhere", sha256="", folders=folders, checksums=checksums)
    assert output.is_symlink()
    output.unlink()
    found.write_bytes(OTHER)
    with pytest.raises(InputError, match=f"{found.name}: the file's SHA-256 is "):
        fetch(server, output, "nowhere", sha256="", folders=folders, checksums=checksums)
    assert not output.exists()


def test_a_published_checksum_is_not_recorded_and_goes_before_a_record(server, output, checksums):
    fetch(server, output, "whole", checksums=checksums)
    assert not checksums.exists()
    checksums.mkdir()
    (checksums / "livec.json").write_text('{"sha256": "0"}', encoding="utf-8")
    output.unlink()
    fetch(server, output, "whole", checksums=checksums)
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize("content", ["", "[]", "{}", "{"])
def test_a_record_that_is_none_is_refused(content, server, output, checksums):
    checksums.mkdir()
    (checksums / "livec.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"livec\.json: no record of a checksum"):
        fetch(server, output, "whole", sha256="", checksums=checksums)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no archive at all", "neither a zip nor a tar archive, nor rar or 7z"),
        (CONTENT[:-100], "truncated or damaged"),
    ],
)
def test_the_checksum_of_what_is_no_archive_is_not_recorded(
    content, message, server, output, checksums
):
    server.content = content
    with pytest.raises(InputError, match=message):
        fetch(server, output, "whole", sha256="", checksums=checksums)
    assert not checksums.exists()
