"""Results travel by a folder, by a web server that nobody can write to, and by an S3 bucket."""

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from s3_server import s3_server
from toy import RECIPE, REPOSITORY

from biqa.seam.restamp import restamp
from biqa.seam.seal import seal

PYTHON = sys.executable  # before a fixture puts another in its place


def stored(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def web_server(built):
    """Serve the store read-only; return its address."""
    words = [PYTHON, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]
    with subprocess.Popen(
        [*words, "--directory", str(built / "store")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        port = re.search(r"port (\d+)", server.stdout.readline())
        assert port
        yield f"http://127.0.0.1:{port[1]}"
        server.kill()


def test_readers_pull_from_a_web_server_and_cannot_push(clone, built, left, web_server):
    clone.run("dvc", "remote", "add", "--quiet", "--local", "--default", "readers", web_server)
    clone.run("dvc", "pull", "--quiet")
    restamp(clone.root)
    assert left(clone) == {}
    clone.edit(RECIPE, "epochs: 2", "epochs: 6")
    clone.snakemake()
    seal(clone.root)
    before = stored(built / "store")
    assert "failed to push" in clone.run("dvc", "push", status=1)
    assert stored(built / "store") == before


def test_a_place_that_needs_a_password_is_named_outside_git(toy):
    toy.run("dvc", "remote", "add", "--local", "secret", "s3://bucket/store")
    toy.run("dvc", "remote", "modify", "--local", "secret", "secret_access_key", "hidden")
    assert "hidden" in toy.read(".dvc/config.local")
    assert toy.run("git", "status", "--short") == ""
    assert "remote" not in (REPOSITORY / ".dvc" / "config").read_text("utf-8").split("#")[0]


@pytest.fixture
def s3(monkeypatch):
    """Return a remote's address in a bucket."""
    if find_spec("dvc_s3") is None:
        pytest.skip("needs dvc-s3: 'make clusters' has it")
    with s3_server() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield "s3://papers/store"


def test_a_bucket_carries_results_to_a_clone(toy, clone_of_toy, left, s3):
    toy.run("dvc", "remote", "add", "--quiet", "--default", "bucket", s3)
    toy.run("dvc", "push", "--quiet")
    other = clone_of_toy()
    shutil.copy(toy.path(".dvc/config"), other.path(".dvc/config"))
    other.run("dvc", "pull", "--quiet")
    assert other.outputs() == toy.outputs()
    restamp(other.root)
    assert left(other) == {}
