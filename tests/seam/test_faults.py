"""Killed at any moment, with damaged files: nothing wrong is kept, and one snakemake mends it."""

import json
import os
import random
import shutil
import signal
import time
from collections import Counter
from contextlib import suppress

import pytest
from killed import N_KILLS
from toy import RECIPE, RUNS, Toy

from biqa.errors import InputError
from biqa.seam.commit import FORMER, undo_cut_commit
from biqa.seam.damage import cached_checksums
from biqa.seam.records import NOTES
from biqa.seam.restamp import restamp
from biqa.seam.seal import seal


def killed_after(seconds: float, toy: Toy, action: str) -> bool:
    """Start an action, kill it with all that it has started; say whether it was still running."""
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        try:
            if action == "snakemake":
                os.execvp("snakemake", ["snakemake", "--cores", "2"])
            {"restamp": restamp, "seal": seal}[action](toy.root)
        finally:
            os._exit(0)
    with suppress(PermissionError):  # unless the child has done so, and begun its program
        os.setpgid(pid, pid)  # here too, so that the group is there however short the time
    time.sleep(seconds)
    os.killpg(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def undisturbed(toy: Toy) -> tuple[dict[str, bytes], str, dict[str, float]]:
    """Return outputs and dvc.lock of the study with 9 epochs, and the seconds each step took."""
    before = toy.root.with_name("before")
    shutil.copytree(toy.root, before, symlinks=True)
    toy.edit(RECIPE, "epochs: 2", "epochs: 9")
    seconds = {}
    calls = (toy.snakemake, lambda: restamp(toy.root), lambda: seal(toy.root))
    for action, call in zip(("snakemake", "restamp", "seal"), calls, strict=True):
        start = time.perf_counter()
        call()
        seconds[action] = time.perf_counter() - start
    result = toy.outputs(), toy.read("dvc.lock"), seconds
    shutil.rmtree(toy.root)
    before.rename(toy.root)
    os.chdir(toy.root)  # the folder of that name is another one now
    return result


def test_killed_at_random_moments_one_snakemake_and_one_seal_give_the_same_bytes(toy):
    outputs, lock, seconds = undisturbed(toy)
    rng = random.Random(20261121)
    killed, epochs = Counter(), 2
    for number in range(15 * N_KILLS):
        lacking = [action for action in seconds if killed[action] < N_KILLS]
        if not lacking:
            break
        toy.edit(RECIPE, f"epochs: {epochs}", f"epochs: {number % 3 + 3}")
        epochs = number % 3 + 3
        action = rng.choice(lacking)
        if action == "seal":
            toy.snakemake()
        killed[action] += killed_after(rng.random() * seconds[action], toy, action)
    assert killed == dict.fromkeys(seconds, N_KILLS)
    toy.edit(RECIPE, f"epochs: {epochs}", "epochs: 9")
    toy.snakemake()
    assert toy.outputs() == outputs
    seal(toy.root)
    assert toy.read("dvc.lock") == lock
    assert restamp(toy.root).changed == ()


def test_a_list_of_commands_that_dvc_left_cut_short_is_no_obstacle(toy):
    toy.path(".dvc/tmp/rwlock").write_text("")
    assert "JSON structure is corrupted" in toy.run("dvc", "status", status=1)
    assert restamp(toy.root).changed == ()


@pytest.mark.parametrize("length", [0, 700])
def test_a_dvc_lock_that_a_killed_seal_left_cut_short_is_put_back(toy, length):
    """DVC writes the file in place; a kill leaves it empty or in part."""
    toy.edit("code/figure.sh", "<title>", "<title>New ")
    toy.snakemake()
    before = toy.read("dvc.lock")
    assert len(before) > 700
    toy.path(str(FORMER)).write_text(before)  # as a seal does before it lets DVC write
    toy.path("dvc.lock").write_text(before[:length])
    assert seal(toy.root).stages == ("publish",)
    assert not toy.path(str(FORMER)).exists()
    assert toy.run("dvc", "status", "--json").strip() == "{}"


def test_a_first_seal_that_was_killed_leaves_no_dvc_lock(toy):
    toy.path(str(FORMER)).write_text("")
    before = toy.read("dvc.lock")
    toy.path("dvc.lock").write_text(before[:700])
    undo_cut_commit(toy.root)
    assert not toy.path("dvc.lock").exists()
    assert seal(toy.root).stages == ("data", "train", "evaluate", "publish")
    assert toy.read("dvc.lock") == before


def test_a_note_of_snakemake_that_was_cut_short_says_nothing(toy, left):
    for note in toy.path(str(NOTES)).rglob("*"):
        if note.is_file():
            note.write_text(note.read_text()[:40])
    toy.edit("code/train.sh", "epochs", "Epochs")
    done = restamp(toy.root)
    assert len(done.aged) == 6
    assert left(toy)["train"] == 2


@pytest.fixture
def damaged(clone):
    """Return an object of the clone's cache that a bad disk has changed, checked out too."""
    clone.run("dvc", "fetch", "--quiet")
    (found,) = [
        path
        for path in clone.path(".dvc/cache/files/md5").rglob("*")
        if path.is_file() and path.read_bytes().startswith(b"seen:epochs 2\nseen:pictures one")
    ]
    found.chmod(0o644)
    found.write_bytes(found.read_bytes().replace(b"epochs 2", b"epochs 3"))
    found.chmod(0o444)
    clone.run("dvc", "checkout", "--quiet")
    return found


def test_the_checksums_that_files_are_held_against_are_dvcs(clone):
    clone.run("dvc", "fetch", "--quiet")
    said = clone.run("dvc", "ls", "--recursive", "--dvc-only", "--json", ".")
    listed = {entry["path"]: entry["md5"] for entry in json.loads(said) if "md5" in entry}
    found = cached_checksums(clone.root)
    assert found == {path: md5 for path, md5 in listed.items() if path.startswith(RUNS)}
    assert len(found) == 6


def test_a_damaged_list_of_a_folder_is_found(clone):
    clone.run("dvc", "pull", "--quiet")
    (listing, *_) = clone.path(".dvc/cache/files/md5").rglob("*.dir")
    listing.chmod(0o644)
    listing.write_bytes(listing.read_bytes() + b" ")
    listing.chmod(0o444)  # what DVC takes as not changed
    with pytest.raises(InputError, match=r"has md5 \w+, and dvc\.lock says \w+\.dir: it was"):
        restamp(clone.root)


def test_a_stage_of_dvc_does_not_start_from_a_damaged_object(clone, damaged):
    clone.edit("code/evaluate.sh", "cksum", "md5sum")
    before = clone.outputs()["results/toy/tables/losses.csv"]
    said = clone.run("dvc", "repro", status=255)
    assert f"{RUNS}/one/predictions.csv has md5 " in said
    assert "failed to reproduce 'evaluate'" in said
    assert clone.outputs()["results/toy/tables/losses.csv"] == before


def test_a_damaged_object_of_the_cache_is_found_before_it_is_used(clone, damaged):
    assert b"epochs 3" in clone.outputs()[f"{RUNS}/one/predictions.csv"], "DVC has noticed"
    with pytest.raises(InputError, match=r"one/predictions\.csv has md5 \w+, and dvc\.lock says"):
        restamp(clone.root)
    damaged.chmod(0o644)
    damaged.unlink()
    clone.path(f"{RUNS}/one/predictions.csv").unlink()
    clone.run("dvc", "pull", "--quiet")
    assert restamp(clone.root).changed == ()
