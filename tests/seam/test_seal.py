"""What Snakemake has finished goes into dvc.lock, and nothing else does; both doors agree."""

import os
from collections import Counter

import pytest
from toy import NO_TRAINING, PICTURES, RECIPE, RUNS, STUDY

from biqa.__main__ import main
from biqa.errors import InputError
from biqa.seam.restamp import restamp
from biqa.seam.seal import seal


def locked(toy) -> str:
    return toy.read("dvc.lock")


def test_both_doors_write_the_same_lock_and_the_same_bytes(toy, clone_of_toy):
    other = clone_of_toy()
    toy.edit(RECIPE, "epochs: 2", "epochs: 4")
    toy.snakemake()
    assert seal(toy.root).stages == ("train", "evaluate", "publish")
    assert seal(toy.root).stages == (), "sealing twice is sealing once"
    other.edit(RECIPE, "epochs: 2", "epochs: 4")
    other.run("dvc", "repro", "--quiet")
    assert locked(other) == locked(toy)
    assert other.outputs() == toy.outputs()
    assert toy.run("dvc", "status", "--json").strip() == "{}"
    assert "didn't change, skipping" in toy.run("dvc", "repro", "publish")


def test_an_edited_figure_trains_nothing_behind_either_door(toy, clone_of_toy, left):
    other = clone_of_toy()
    toy.edit("code/figure.sh", "<title>", "<title>New ")
    assert left(toy) == Counter(figure=1, all=1)
    toy.snakemake()
    assert seal(toy.root).stages == ("publish",)
    other.edit("code/figure.sh", "<title>", "<title>New ")
    said = other.run("dvc", "repro", "--pull", "--allow-missing")
    assert not other.path(RUNS).exists(), "nothing was pulled, because nothing was needed"
    assert [line for line in said.splitlines() if line.startswith("Running")] == [
        "Running stage 'publish':"
    ]
    assert locked(other) == locked(toy)


def test_unfinished_work_is_not_sealed(toy):
    before = locked(toy)
    toy.edit("code/evaluate.sh", "cksum", "md5sum")
    with pytest.raises(InputError, match=r"snakemake has 5 jobs left \(.*1 evaluate"):
        seal(toy.root)
    assert locked(toy) == before


def test_a_source_that_changed_at_an_old_time_is_not_sealed(toy):
    toy.path("raw/two.txt").write_text("PICTURES two\n")
    os.utime(toy.path("raw/two.txt"), (86_400, 86_400))
    with pytest.raises(InputError, match="snakemake has 8 jobs left"):
        seal(toy.root)


def test_files_that_snakemake_did_not_make_are_not_sealed(toy):
    before = locked(toy)
    toy.path(f"{RUNS}/one/weights.safetensors").write_text("from elsewhere")
    with pytest.raises(InputError, match=r"one/weights\.safetensors was not made here .* restamp"):
        seal(toy.root)
    assert locked(toy) == before


def test_files_that_are_not_here_do_not_leave_the_lock_unnoticed(clone):
    wanted = [f"{RUNS}/{one}/{file}.csv" for one in PICTURES for file in ("predictions", "history")]
    clone.run("dvc", "pull", "--quiet", *wanted)
    restamp(clone.root)
    clone.edit("code/train.sh", "epochs", "'epochs'")
    clone.edit("workflow/rules/train.smk", "rule predictions:", "rule predictions:  # all")
    clone.snakemake("--touch", "--forceall", *NO_TRAINING)
    before = locked(clone)
    with pytest.raises(InputError, match=r"would lose .*weights\.safetensors.* --drop-missing"):
        seal(clone.root)
    assert locked(clone) == before


def test_results_that_are_gone_for_good_leave_the_lock_on_request(toy):
    toy.edit(STUDY, "[one, two]", "[one]")
    toy.run("rm", "-r", f"{RUNS}/two", "data/splits/two.csv")
    toy.snakemake()
    with pytest.raises(InputError, match="--drop-missing"):
        seal(toy.root)
    assert seal(toy.root, drop_missing=True).stages == ("data", "train", "evaluate", "publish")
    assert "nfiles: 3" in locked(toy)
    assert toy.run("dvc", "status", "--json").strip() == "{}"


def test_a_missing_prediction_is_an_error_where_training_is_not_allowed(toy):
    toy.path(f"{RUNS}/one/predictions.csv").unlink()
    toy.path("results/toy/metrics.csv").unlink()
    said = toy.snakemake(*NO_TRAINING, "metrics", status=1)
    assert "MissingInputException" in said
    assert "one/predictions.csv" in said


def test_another_parameter_trains_behind_both_doors(toy, left):
    toy.edit(RECIPE, "epochs: 2", "epochs: 3")
    assert left(toy) == Counter(train=2, predict=2, evaluate=1, summary=1, table=1, figure=1, all=1)
    said = toy.run("dvc", "repro", "--dry")
    assert "Stage 'data' didn't change, skipping" in said
    assert "Running stage 'train':" in said


def test_the_commands_say_what_they_found(toy, capsys):
    toy.edit("code/figure.sh", "<title>", "<title>New ")
    assert main(["seal"]) == 1
    assert "biqa seal: snakemake has 2 jobs left (" in capsys.readouterr().err
    toy.snakemake()
    assert main(["seal"]) == 0
    assert capsys.readouterr().out.startswith("sealed: publish\n dvc.lock | ")
    toy.path(f"{RUNS}/one/weights.safetensors").write_text("from elsewhere")
    assert main(["restamp"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "current: data"
    assert said[1].startswith("changed: train (changed outs: results/toy/runs")
    assert f"  {RUNS}/one/weights.safetensors" in said
