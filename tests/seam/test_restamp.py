"""After clone and pull Snakemake has nothing to do; what has changed is made again, and no more."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest
from toy import CODE, NO_TRAINING, PICTURES, RECIPE, REPOSITORY, RUNS

from biqa.errors import InputError
from biqa.seam.foreign import OLD
from biqa.seam.records import Records
from biqa.seam.restamp import restamp
from biqa.seam.seal import seal
from biqa.seam.stages import read_stages
from biqa.seam.stamping import TOUCH, Stamping

AFTER_EVALUATE = Counter(table=1, figure=1, all=1)
AFTER_TRAIN = Counter(evaluate=1, summary=1) + AFTER_EVALUATE


def test_a_new_clone_that_pulled_has_nothing_to_do(clone, left):
    clone.run("dvc", "pull", "--quiet")
    assert left(clone) != {}
    done = restamp(clone.root)
    assert done.current == ("data", "train", "evaluate", "publish")
    assert (done.changed, done.aged) == ((), ())
    assert left(clone) == {}
    assert left(clone, "--", "predictions", "splits") == {}
    assert restamp(clone.root) == done
    assert left(clone) == {}
    records = Records(clone.root)
    for name in ("data/splits/one.csv", "results/toy/metrics.csv", f"{RUNS}/one/history.csv"):
        assert records.made_here(Path(name)), "in git or in the cache, all are stamped"


def test_a_clone_knows_the_parameters_and_contents_its_results_were_made_of(clone, left):
    clone.run("dvc", "pull", "--quiet")
    restamp(clone.root)
    clone.edit(RECIPE, "epochs: 2", "epochs: 3")
    assert left(clone) == Counter(train=2, predict=2) + AFTER_TRAIN
    clone.edit(RECIPE, "epochs: 3", "epochs: 2")
    for picture in PICTURES:
        clone.path(f"{RUNS}/{picture}/weights.safetensors").touch()
    assert left(clone) == {}
    clone.path(f"{RUNS}/one/weights.safetensors").write_text("other")
    assert left(clone) == Counter(predict=1) + AFTER_TRAIN


def test_a_commit_without_its_results_makes_the_changed_stage_and_what_follows(clone, left):
    clone.edit("code/evaluate.sh", "cksum", "md5sum")
    clone.commit("other evaluation, not run")
    clone.run("dvc", "pull", "--quiet")
    done = restamp(clone.root)
    assert done.current == ("data", "train")
    assert [verdict.stage.name for verdict in done.changed] == ["evaluate"]
    assert left(clone) == AFTER_TRAIN
    clone.snakemake()
    seal(clone.root)
    assert restamp(clone.root).changed == ()
    assert left(clone) == {}


def test_what_was_not_pulled_is_not_taken_for_changed(clone, left):
    assert restamp(clone.root).changed == ()
    assert left(clone) == {}
    wanted = [f"{RUNS}/{one}/{file}.csv" for one in PICTURES for file in ("predictions", "history")]
    clone.run("dvc", "pull", "--quiet", *wanted)
    assert not clone.path(f"{RUNS}/one/weights.safetensors").exists()
    done = restamp(clone.root)
    assert (done.changed, done.aged) == ((), ())
    assert left(clone) == {}
    assert left(clone, "--forceall", *NO_TRAINING) == AFTER_TRAIN


def test_results_that_dvc_took_from_its_cache_are_known_to_snakemake(toy, left):
    toy.edit(RECIPE, "epochs: 2", "epochs: 3")
    toy.run("dvc", "repro", "--quiet")
    toy.edit(RECIPE, "epochs: 3", "epochs: 2")
    assert "cached" in toy.run("dvc", "repro")
    restamp(toy.root)
    assert left(toy) == {}


def test_a_byte_that_changed_in_a_source_of_old_time_is_found(toy, left):
    raw = toy.path("raw/one.txt")
    raw.write_text("Pictures one\n")
    os.utime(raw, (OLD, OLD))
    assert left(toy) == {}, "Snakemake compares the content of newer inputs only"
    done = restamp(toy.root)
    assert [verdict.stage.name for verdict in done.changed] == ["data"]
    assert left(toy) == Counter(split=1, train=1, predict=1) + AFTER_TRAIN


def test_a_byte_that_changed_in_a_result_of_old_time_is_found(toy, left):
    weights = toy.path(f"{RUNS}/two/weights.safetensors")
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    os.utime(weights, (OLD, OLD))
    assert left(toy) == {}
    done = restamp(toy.root)
    assert done.aged == (weights.relative_to(toy.root),)
    assert weights.stat().st_mtime > 0, "Snakemake takes the time 0 for no time"
    assert left(toy) == Counter(train=1, predict=1) + AFTER_TRAIN


def test_a_truncated_result_is_found(toy, left):
    predictions = toy.path(f"{RUNS}/one/predictions.csv")
    predictions.write_bytes(predictions.read_bytes()[:5])
    assert predictions.relative_to(toy.root) in restamp(toy.root).aged
    assert left(toy)["predict"] == 1


def test_work_that_is_not_sealed_yet_stays(toy, left):
    toy.edit("code/train.sh", "epochs", "Epochs")
    toy.snakemake()
    before = toy.outputs()
    done = restamp(toy.root)
    assert [verdict.stage.name for verdict in done.changed] == ["train", "evaluate", "publish"]
    assert done.aged == ()
    assert left(toy) == {}
    assert toy.outputs() == before


NO_PAUSE = """
from snakemake.executors import touch

class Clock:
    def sleep(seconds):
        assert seconds == 0, f"a pause of {seconds} s"

touch.time = Clock
"""


def test_stamping_takes_no_pause_a_job(toy, monkeypatch):
    """Snakemake's --touch sleeps 0.1 s a job; a study of thousands of runs would take minutes."""
    monkeypatch.setattr("biqa.seam.stamping.TOUCH", NO_PAUSE + TOUCH)
    assert restamp(toy.root).changed == ()


def test_a_stamping_that_is_not_wanted_changes_nothing(clone, left):
    clone.run("dvc", "pull", "--quiet")
    waiting = left(clone)
    with pytest.raises(KeyError), Stamping(clone.root, read_stages(clone.root), {}):
        raise KeyError
    assert left(clone) == waiting
    assert waiting["train"] == 2
    clone.run("python", "-c", TOUCH, "--touch", "--forceall", "--cores", "1", status=1)
    assert left(clone) == waiting, "the caller had gone"


def test_no_rule_declares_a_folder():
    """Snakemake writes a file of its own into folders that are outputs, which DVC would take in."""
    for file in [*REPOSITORY.glob("workflow/rules/*.smk"), REPOSITORY / "Snakefile"]:
        assert not re.search(r"\bdirectory\(", file.read_text(encoding="utf-8")), file


@pytest.mark.parametrize("change", [restamp, seal])
def test_inside_a_stage_of_dvc_nothing_is_changed(toy, change, monkeypatch):
    monkeypatch.setenv("DVC_STAGE", "train")
    with pytest.raises(InputError, match="inside DVC's stage 'train'; call it after dvc has ended"):
        change(toy.root)


@pytest.mark.parametrize("change", [restamp, seal])
def test_a_folder_without_stages_is_refused(tmp_path, warm_tools, change):
    with pytest.raises(InputError, match=r"dvc\.yaml does not exist; call this in the repository"):
        change(tmp_path)


def test_a_stage_that_calls_something_else_is_refused(toy):
    toy.edit("dvc.yaml", "--allowed-rules evaluate summary metrics -- metrics", "")
    with pytest.raises(InputError, match=r"evaluate: cmd is .*, expected snakemake \[options\]"):
        restamp(toy.root)


def test_the_code_of_the_toy_is_what_its_tests_edit():
    assert "cksum" in CODE["evaluate"]
    assert "<title>" in CODE["figure"]
