"""Frozen stems in the plan, and as Snakemake sees them: one a network and database."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file
from small_study import RECIPE, changed, write_study
from test_snakemake import copy_workflow, dry_run, snakemake

from biqa.errors import InputError
from biqa.models import create_model
from biqa.workflow.dvc_stages import stages
from biqa.workflow.plan import Plan

STEM = ["encoder.conv1", "encoder.bn1", "encoder.relu", "encoder.maxpool", "encoder.layer1"]
STEMMED = {**RECIPE, "frozen_stem": STEM}
NARROW = {"name": "resnet18", "options": {"width": 0.125}, "weights": "file:narrow.safetensors"}


@pytest.fixture
def plan_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def plan(study, **recipes):
        write_study(Path(), study, **{"short": STEMMED, **recipes})
        return Plan.of({"study": "small"})

    return plan


def study_of(**changes):
    """Return the small study with one pretrained network alone."""
    runs = [{"datasets": "all", "models": ["tiny"], "losses": "all", "recipes": ["short"]}]
    return changed(**{"models": {"tiny": NARROW}, "priors": {}, "runs": runs, **changes})


def test_runs_of_one_network_on_one_database_share_a_stem(plan_of):
    plan = plan_of(study_of())
    folders = {run.dataset: set() for run in plan.runs.values()}
    for path, run in plan.runs.items():
        (folder,) = plan.stems.facts(path)
        assert plan.stems.words(path) == f"--stem {folder.removesuffix('/facts.json')}"
        folders[run.dataset].add(folder)
    assert {len(found) for found in folders.values()} == {1}
    assert len(plan.stems.by_path) == len(folders) == 2
    for path, stem in plan.stems.by_path.items():
        assert path.startswith(f"{stem.dataset}/64x64/tiny-")
        spec = json.loads(plan.stems.at(path).spec)
        assert spec["recipe"]["frozen_stem"] == STEM
        assert spec["model"]["weights"] == "file:narrow.safetensors"


def test_another_network_or_stem_has_maps_of_its_own(plan_of):
    folders = set()
    wider = {**NARROW, "options": {"width": 0.25}}
    for model, stem in ((NARROW, STEM), (wider, STEM), (NARROW, STEM[:4])):
        plan = plan_of(study_of(models={"tiny": model}), short={**STEMMED, "frozen_stem": stem})
        folders |= set(plan.stems.by_path)
    assert len(folders) == 6


def test_without_a_stem_nothing_is_asked_for(plan_of):
    plan = plan_of(study_of(), short=RECIPE)
    assert not plan.stems
    assert all(plan.stems.facts(path) == [] for path in plan.runs)
    assert "stem" not in stages(plan)["stages"]["small-train"]["cmd"]


def test_the_stage_that_trains_may_compute_stems(plan_of):
    stage = stages(plan_of(study_of()))["stages"]["small-train"]
    assert "--allowed-rules stem train predict" in stage["cmd"]
    assert "src/biqa/commands/stem.py" in stage["deps"]


def test_networks_that_start_anew_in_every_run_have_no_stem(plan_of):
    with pytest.raises(
        InputError, match=r"'short' has a frozen_stem, .* 'tiny' starts from random"
    ):
        plan_of(study_of(models={"tiny": {"name": "resnet18"}}))
    prior = {"pooled": {"model": "tiny", "dataset": "demo", "recipe": "prior"}}
    tiny = {**NARROW, "prior": "pooled"}
    with pytest.raises(InputError, match="starts from the prior 'pooled', another for each run"):
        plan_of(study_of(models={"tiny": tiny}, priors=prior))


def test_a_stem_of_another_study_is_refused(plan_of):
    with pytest.raises(InputError, match=r"data/stems/a/b/c: no run of config/studies/small"):
        plan_of(study_of()).stems.at("a/b/c")


@pytest.mark.slow
def test_a_stem_is_computed_once_and_a_new_loss_trains_no_other_run_again(tmp_path, monkeypatch):
    folder, weights = tmp_path / "work", tmp_path / "weights"
    folder.mkdir()
    weights.mkdir()
    copy_workflow(folder)
    torch.manual_seed(0)
    narrow = create_model("resnet18", weights="none", width=0.125).state_dict()
    save_file(narrow, weights / "narrow.safetensors")
    study = {
        **{"title": "Stem", "seed": 1, "splits": 2, "losses": {"mse": {}}},
        **{"datasets": {"demo_mixed": {"size": "48x48"}}, "models": {"narrow": NARROW}},
        "runs": [{"datasets": "all", "models": "all", "losses": "all", "recipes": ["short"]}],
    }
    monkeypatch.setenv("BIQA_WEIGHTS", str(weights))
    given = "--config", "study=stemmed"
    write_study(folder, study, name="stemmed", short=STEMMED)
    said = snakemake(folder, *given, "--", "predictions")
    assert said.count("rule stem:") == 1
    assert said.count("rule train:") == 2
    assert dry_run(folder, "stemmed")[0]["train"] == 0

    runs = folder / "results/stemmed/runs/demo_mixed/narrow"
    learned = load_file(runs / "mse/short/split0/weights.safetensors")
    assert learned.keys() == narrow.keys()
    still = {name for name in narrow if name.startswith(tuple(f"{one}." for one in STEM))}
    changed_names = {name for name in narrow if not torch.equal(learned[name], narrow[name])}
    assert still
    assert not still & changed_names
    assert "encoder.layer2.0.conv1.weight" in changed_names
    _assert_the_whole_network_says_the_same(folder, runs / "mse/short/split0")

    before = (runs / "mse/short/split0/record.json").read_bytes()
    more = {**study, "losses": {"mse": {}, "mae": {}}}
    write_study(folder, more, name="stemmed", short=STEMMED)
    said = snakemake(folder, *given, "--", "predictions")
    assert "rule stem:" not in said
    assert said.count("rule train:") == 2
    assert (runs / "mse/short/split0/record.json").read_bytes() == before
    assert (runs / "mae/short/split1/predictions.csv.gz").is_file()


def _assert_the_whole_network_says_the_same(folder: Path, run: Path) -> None:
    """Predict with the whole network on the pictures, as a run without a stem does."""
    from biqa.pictures.store import PictureStore
    from biqa.recipes import training_recipe
    from biqa.training.prediction import predict
    from biqa.training.setup import trained_model

    spec = json.loads((run / "record.json").read_text())["spec"]
    model = trained_model(spec["model"], run / "weights.safetensors")
    store = PictureStore.open(folder / "data/prepared/demo_mixed/48x48")
    table = pd.read_csv(run / "predictions.csv.gz")
    rows = store.index_of(list(table["name"]))
    scores = predict(model, store, rows, training_recipe(spec["recipe"]))
    assert len(table) == len(store)
    np.testing.assert_allclose(table["predicted"], scores, rtol=1e-4)
