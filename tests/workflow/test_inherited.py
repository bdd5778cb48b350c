"""Runs that came with a clone, as Snakemake sees them: a new loss leaves them as they are."""

import json
import os
import shutil
from collections import Counter
from types import SimpleNamespace

import pandas as pd
import pytest
from small_study import RECIPE, write_study
from test_snakemake import MINIATURE, RUNS, dry_run, rebuild_miniature, snakemake

from biqa.seam import inherited
from biqa.workflow.plan import Plan

NEW = RUNS["mse"].replace("mse", "mae")
KEPT = shutil.ignore_patterns(".snakemake", "weights.safetensors", "archives", "prepared")
PICTURES = "data/prepared/demo_mixed/48x48"


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    """Return a folder where the miniature study has been rebuilt."""
    return rebuild_miniature(tmp_path_factory.mktemp("rebuilt"))


@pytest.fixture
def clone(rebuilt, tmp_path):
    """Return what git would keep of it, with one loss more in the study."""
    folder = shutil.copytree(rebuilt, tmp_path / "clone", ignore=KEPT)
    losses = {**MINIATURE["losses"], "mae": {}}
    write_study(folder, {**MINIATURE, "losses": losses}, name="miniature", short=RECIPE)
    return folder


@pytest.mark.slow
def test_a_new_loss_in_a_clone_trains_its_own_runs_alone(clone):
    before = {run: _scores(clone, run) for run in RUNS.values()}
    jobs, trained = dry_run(clone, "miniature")
    assert trained == {NEW}
    assert jobs["predict"] == jobs["prepare"] == jobs["generate"] == 1
    snakemake(clone, "--config", "study=miniature")
    assert _scores(clone, NEW)
    assert {run: _scores(clone, run) for run in RUNS.values()} == before
    assert dry_run(clone, "miniature") == (Counter(), set())


@pytest.mark.slow
def test_other_pictures_than_the_record_names_train_the_runs_again(clone):
    for run in RUNS.values():
        _rewrite(clone, run, lambda record: record["made_of"].update(pixels="0" * 64))
    assert dry_run(clone, "miniature")[1] == {NEW}  # nobody knows yet what they will be
    snakemake(clone, "--config", "study=miniature", "--", "data", "splits")
    assert dry_run(clone, "miniature")[1] == {NEW, *RUNS.values()}


@pytest.mark.slow
def test_of_an_older_record_the_predictions_tell_labels_and_split(clone):
    for run in RUNS.values():
        _rewrite(clone, run, lambda record: record.pop("made_of"))
    assert dry_run(clone, "miniature")[1] == {NEW}
    snakemake(clone, "--config", "study=miniature", "--", "data", "splits")
    assert dry_run(clone, "miniature")[1] == {NEW}
    path = clone / "results/miniature/runs" / RUNS["mse"] / "predictions.csv.gz"
    time, table = path.stat().st_mtime, pd.read_csv(path)
    table.loc[3, "mos"] += 1e-9
    table.to_csv(path, index=False)
    os.utime(path, (time, time))
    assert dry_run(clone, "miniature")[1] == {NEW, RUNS["mse"]}


@pytest.fixture
def asked(clone, monkeypatch):
    """Give a function: the inputs of an inherited run in a call of Snakemake with such settings."""
    monkeypatch.chdir(clone)

    def inputs(**settings):
        call = {"forceall": False, "forcetargets": False, "forcerun": set(), "targets": set()}
        workflow = SimpleNamespace(dag_settings=SimpleNamespace(**{**call, **settings}))
        plan = Plan.of({"study": "miniature"})
        inherited.content_of_file.cache_clear()
        runs = inherited.Inherited(plan, workflow, ancient=lambda file: ("ancient", file))
        return runs.pictures(RUNS["mse"]) + runs.split(RUNS["mse"])

    return inputs


FACTS, SPLIT = f"{PICTURES}/facts.json", "data/splits/demo_mixed/seed1/sixty/split0.csv"


def test_what_is_not_there_is_no_input_and_what_the_record_names_is_ancient(asked, rebuilt, clone):
    assert asked() == [("ancient", SPLIT)]
    shutil.copytree(rebuilt / PICTURES, PICTURES)
    os.utime(FACTS)
    assert asked() == [("ancient", FACTS), ("ancient", SPLIT)]
    labels = clone / PICTURES / "pictures.csv"
    labels.write_bytes(labels.read_bytes() + b"\n")
    os.utime(FACTS)
    assert asked() == [FACTS, ("ancient", SPLIT)]


@pytest.mark.parametrize(
    "settings",
    [
        {"forceall": True},
        {"forcetargets": True},
        {"forcerun": {"train"}},
        {"targets": {f"results/miniature/runs/{RUNS['mse']}/weights.safetensors"}},
    ],
)
def test_who_wants_runs_made_again_gets_all_their_inputs(asked, settings):
    assert asked(**settings) == [FACTS, SPLIT]


@pytest.mark.parametrize("content", [b"", b"{", b"{}"])
def test_a_damaged_record_is_not_believed(asked, clone, content):
    (clone / "results/miniature/runs" / RUNS["mse"] / "record.json").write_bytes(content)
    assert asked() == [FACTS, SPLIT]


@pytest.mark.parametrize("name", ["predictions.csv.gz", "record.json"])
def test_a_run_that_lacks_a_file_is_made_again(asked, clone, name):
    (clone / "results/miniature/runs" / RUNS["mse"] / name).unlink()
    assert asked() == [FACTS, SPLIT]


def test_dvc_looks_at_all_files(asked, monkeypatch):
    monkeypatch.setenv("DVC_STAGE", "miniature-train")
    assert asked() == [FACTS, SPLIT]


def _scores(folder, run):
    return (folder / "results/miniature/runs" / run / "predictions.csv.gz").read_bytes()


def _rewrite(folder, run, change):
    """Change a run's record and give it its former time."""
    path = folder / "results/miniature/runs" / run / "record.json"
    time = path.stat().st_mtime
    record = json.loads(path.read_text(encoding="utf-8"))
    change(record)
    path.write_text(json.dumps(record), encoding="utf-8")
    os.utime(path, (time, time))
