"""Archives are linked or downloaded, over a real server that misbehaves; never half."""

import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from misbehaving_server import CONTENT, SHA256, Server
from small_disk import small_disk

from biqa.__main__ import main
from biqa.datasets import livec
from biqa.download import ATTEMPTS, PIECE, obtain
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


def fetch(server: Server, output: Path, *paths: str, sha256: str = SHA256) -> list[str]:
    """Obtain the archive from these paths of the server; return what was said."""
    said: list[str] = []
    sources = tuple(server.address(path) for path in paths)
    dataset = replace(livec.DATASET, sources=sources, sha256=sha256)

    def say(line: str, *, passing: bool = False) -> None:
        said.append(line)

    obtain(dataset, [], output, say=say, pause=0.001)
    return said


def part_of(server: Server, output: Path, path: str) -> Path:
    """Where what has come of an address is kept."""
    tag = hashlib.sha256(server.address(path).encode()).hexdigest()[:8]
    return output.with_name(f".livec.archive.{tag}.part")


@pytest.mark.parametrize("path", ["whole", "dropping", "ignoring", "busy_once", "elsewhere"])
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
    assert said.err == f"{output}: 1,048,576 bytes from {server.address('whole')}\n"
    assert said.out == ""


def test_a_full_disk_is_one_error_and_gives_no_archive(server, tmp_path):
    with small_disk(tmp_path / "disk", "64k") as folder:
        assert "no space left on the device" in refusal(server, folder / "x.archive", "whole")
