"""Which runs a study has, and what each of them depends on."""

from dataclasses import replace
from pathlib import Path

import pytest
from small_study import PRIOR_RECIPE, RECIPE, changed, write_study

from biqa.workflow.priors import Prior, prior_spec
from biqa.workflow.runs import runs_of, theory_spec, training_spec
from biqa.workflow.study import Study, load_study

BEFORE = "before"
POOLED = Prior("pooled", ("demo",))


def study_in(folder: Path, study=None, **recipes) -> Study:
    return load_study(write_study(folder, study, **recipes))


def specs(study: Study) -> dict:
    return {path: training_spec(study, run) for path, run in runs_of(study).items()}


@pytest.fixture
def before(tmp_path):
    return specs(study_in(tmp_path / BEFORE))


def differing(before, after):
    """Return the runs that came, went, or have another spec."""
    paths = before.keys() | after.keys()
    return {path for path in paths if before.get(path) != after.get(path)}


def test_runs_are_all_combinations_of_a_block(before):
    assert set(before) == {
        "demo/tiny/mse/short/split0",
        "demo/tiny/mse/short/split1",
        "demo/tiny/norm_in_norm/short/split0",
        "demo/tiny/norm_in_norm/short/split1",
        "demo/with_prior/mse/short/split0",
        "demo_mixed/with_prior/mse/short/split0",
    }


def test_a_spec_holds_all_that_was_declared(before):
    spec = before["demo/tiny/norm_in_norm/short/split1"]
    assert spec["run"]["split"] == 1
    assert spec["dataset"] == {"name": "demo", "size": "64x64"}
    assert spec["model"] == {
        "name": "cnniqa",
        "options": {"kernels": 4, "hidden": [4, 4]},
        "weights": "none",
        "prior": None,
    }
    assert spec["loss"] == {"name": "norm_in_norm", "options": {"p": 1}}
    assert spec["recipe"]["lr"] == 0.001
    assert spec["recipe"]["hardware"] == {"device": "cpu", "dtype": "float32", "threads": 1}
    started = before["demo/with_prior/mse/short/split0"]["model"]
    assert started["prior"] == {"name": "pooled", "kind": "pooled"}


def test_a_run_in_two_blocks_is_trained_once_and_tested_on_both_lists(tmp_path):
    block = {"datasets": ["demo"], "models": ["tiny"], "losses": ["mse"], "recipes": ["short"]}
    runs = [
        {**block, "also_test_on": ["demo_mixed"]},
        {**block, "splits": 1, "losses": "all", "also_test_on": ["demo"]},
        block,
    ]
    found = runs_of(study_in(tmp_path, changed(runs=runs)))
    assert {path: run.also_test_on for path, run in found.items()} == {
        "demo/tiny/mse/short/split0": ("demo", "demo_mixed"),
        "demo/tiny/mse/short/split1": ("demo_mixed",),
        "demo/tiny/norm_in_norm/short/split0": ("demo",),
    }


def test_the_order_of_blocks_does_not_matter(tmp_path, before):
    study = changed()
    study["runs"].reverse()
    assert specs(study_in(tmp_path, study)) == before


def test_an_option_of_one_loss_changes_exactly_its_runs(tmp_path, before):
    after = specs(study_in(tmp_path, changed(losses__norm_in_norm__options={"p": 2})))
    assert differing(before, after) == {path for path in before if "/norm_in_norm/" in path}


def test_a_new_loss_adds_exactly_its_runs(tmp_path, before):
    after = specs(study_in(tmp_path, changed(losses__dcq={})))
    assert differing(before, after) == {f"demo/tiny/dcq/short/split{k}" for k in (0, 1)}


def test_an_option_of_one_model_changes_exactly_its_runs(tmp_path, before):
    after = specs(study_in(tmp_path, changed(models__tiny__options={"kernels": 5})))
    assert differing(before, after) == {path for path in before if "/tiny/" in path}


def test_one_split_more_adds_exactly_its_runs(tmp_path, before):
    after = specs(study_in(tmp_path, changed(splits=3)))
    assert differing(before, after) == {
        f"demo/tiny/{x}/short/split2" for x in ("mse", "norm_in_norm")
    }


def test_the_size_of_one_dataset_changes_exactly_its_runs(tmp_path, before):
    after = specs(study_in(tmp_path, changed(datasets__demo_mixed__size="32x32")))
    assert differing(before, after) == {"demo_mixed/with_prior/mse/short/split0"}


def test_a_recipe_changes_its_runs_and_every_default_counts(tmp_path, before):
    after = specs(study_in(tmp_path / "a", short={**RECIPE, "lr": 0.002}))
    assert differing(before, after) == set(before)
    written_out = specs(study_in(tmp_path / "b", short={**RECIPE, "seed": 0}))
    assert written_out == before


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another"},
        {"runs__0__also_test_on": ["demo_mixed"]},
        {"tables": {"t": {"title": "T", "paper": "ours", "rows": "loss", "metrics": ["srcc"]}}},
    ],
)
def test_what_is_said_about_results_changes_no_training(tmp_path, before, changes):
    assert specs(study_in(tmp_path, changed(**changes))) == before


def test_the_spec_of_a_prior_changes_with_its_own_recipe_alone(tmp_path):
    one = prior_spec(study_in(tmp_path / "a"), POOLED)
    assert one["model"]["name"] == "resnet18"
    assert one["dataset"] == {"name": "demo", "size": "64x64"}
    assert one["recipe"]["kind"] == "pooled"
    same = study_in(tmp_path / "b", changed(losses__dcq={}), short={**RECIPE, "lr": 0.1})
    assert prior_spec(same, POOLED) == one
    other = study_in(tmp_path / "c", prior={**PRIOR_RECIPE, "steps": 3})
    assert prior_spec(other, POOLED)["recipe"]["steps"] == 3


def test_a_path_names_all_that_tells_runs_apart(tmp_path):
    run = next(iter(runs_of(study_in(tmp_path)).values()))
    others = [
        replace(run, **{key: value})
        for key, value in (
            *(("dataset", "x"), ("model", "x"), ("loss", "x"), ("recipe", "x")),
            ("split", 9),
        )
    ]
    assert len({run.path, *(other.path for other in others)}) == 6


def test_another_seed_adds_its_runs_and_changes_no_other(tmp_path, before):
    study = changed(
        runs__0__recipes=["short", "short.seed7"],
        recipes={"short.seed7": {"of": "short", "with": {"seed": 7}}},
    )
    after = specs(study_in(tmp_path, study))
    added = {path.replace("/short/", "/short.seed7/") for path in before if "/tiny/" in path}
    assert differing(before, after) == added
    one, other = (after[f"demo/tiny/mse/{recipe}/split1"] for recipe in ("short", "short.seed7"))
    assert (one["recipe"].pop("seed"), other["recipe"].pop("seed")) == (0, 7)
    assert other.pop("run") == one.pop("run") | {"recipe": "short.seed7"}
    assert other == one


def test_what_theory_watches_is_named_in_its_spec_and_changes_no_run(tmp_path, before):
    watched = {
        **{"dataset": "demo", "model": "tiny", "recipe": "short"},
        **{"losses": ["norm_in_norm"], "every": 3},
    }
    study = study_in(tmp_path, changed(theory=watched))
    assert specs(study) == before
    spec = theory_spec(study)
    own = before["demo/tiny/norm_in_norm/short/split0"]
    assert spec["losses"] == {"norm_in_norm": own["loss"]}
    assert (spec["model"], spec["recipe"], spec["every"]) == (own["model"], own["recipe"], 3)
