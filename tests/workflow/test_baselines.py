"""Hand-crafted methods in a study: what fits together, what is refused, and a run end to end."""

import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from small_study import RECIPE, write_study
from test_snakemake import copy_workflow, dry_run, snakemake

from biqa.baselines import pristine
from biqa.errors import InputError
from biqa.workflow import baselines
from biqa.workflow.plan import Plan

PROTOCOL = {"name": "eighty", "train": 0.8, "validation": 0.0, "test": 0.2, "choose": "last"}
SVR = {
    "kind": "svr",
    "protocol": PROTOCOL,
    "regression": {
        **{"kernel": "rbf", "c": [1, 100], "gamma": [0.02, 0.1], "scaling": "range"},
        **{"label_scale": 100, "epsilon": 1.0, "folds": 3},
    },
}
UNAWARE = {"kind": "opinion_unaware", "protocol": PROTOCOL}
STUDY = {
    "title": "Hand-crafted",
    "seed": 5,
    "splits": 2,
    "datasets": {"demo_mixed": {"size": "64x64"}, "demo": {"size": "64x64"}},
    "models": {
        "brisque": {},
        "niqe": {"basis": "scenes", "options": {"side": 32}},
        "hosa": {"basis": "demo"},
        "tiny": {"name": "cnniqa", "options": {"kernels": 4, "hidden": [4, 4]}},
    },
    "losses": {"mse": {}, "none": {}},
    "runs": [
        {
            **{"datasets": ["demo_mixed"], "models": ["brisque", "hosa"], "losses": ["none"]},
            "recipes": ["svr"],
        },
        {
            **{"datasets": ["demo_mixed"], "models": ["niqe"], "losses": ["none"]},
            "recipes": ["unaware"],
        },
        {
            **{"datasets": ["demo_mixed"], "models": ["tiny"], "losses": ["mse"]},
            "recipes": ["short"],
        },
    ],
}
BRISQUE = "demo_mixed/brisque/none/svr/split0"


@pytest.fixture
def plan_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def plan(**changes):
        write_study(Path(), {**STUDY, **changes}, svr=SVR, unaware=UNAWARE)
        return Plan.of({"study": "small"})

    return plan


def test_methods_and_networks_are_told_apart(plan_of):
    plan = plan_of()
    assert plan.baselines.labels() == ["brisque", "niqe", "hosa"]
    assert plan.runs_of(handcrafted=False) == "[^/]+/(?:tiny)/[^/]+/[^/]+/split[0-9]+"
    spec = json.loads(plan.training_spec(plan.runs[BRISQUE]))
    assert spec["model"] == {"name": "brisque", "options": {}, "basis": ""}
    assert spec["recipe"]["regression"]["c"] == [1, 100]


def test_a_method_depends_on_its_own_code_and_on_what_it_learns_from(plan_of):
    plan = plan_of()
    assert plan.baselines.code("features", "brisque") != plan.baselines.code("features", "hosa")
    assert plan.basis_input("hosa") == ["data/prepared/demo/64x64/facts.json"]
    assert plan.basis_input("niqe") == []
    assert plan.baselines.basis_file("brisque") == []
    kodak = plan_of(models={**STUDY["models"], "niqe": {"basis": "kodak"}})
    assert kodak.basis_input("niqe") == ["data/pristine/kodak.zip"]


def block(model, loss, recipe, dataset="demo_mixed"):
    return [{"datasets": [dataset], "models": [model], "losses": [loss], "recipes": [recipe]}]


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        (block("brisque", "mse", "svr"), "brisque is a hand-crafted method, which has no loss"),
        (block("brisque", "none", "unaware"), "brisque takes a recipe of kind svr"),
        (block("niqe", "none", "svr"), "niqe takes a recipe of kind opinion_unaware"),
        (block("brisque", "none", "short"), "brisque takes a recipe of kind svr"),
        (block("tiny", "none", "short"), "tiny is a network; loss 'none'"),
        (block("tiny", "mse", "svr"), "tiny is a network; loss 'none'"),
        (block("hosa", "none", "svr", "demo"), "the codebook is of demo itself"),
    ],
)
def test_runs_that_do_not_fit_together_are_refused(plan_of, runs, message):
    with pytest.raises(InputError, match=message):
        plan_of(runs=runs)


@pytest.mark.parametrize(
    ("label", "entry", "message"),
    [
        ("brisque", {"basis": "demo"}, r"models\.brisque\.basis: 'demo', expected none"),
        ("niqe", {}, r"models\.niqe\.basis: '', expected one of kodak, scenes"),
        ("hosa", {"basis": "kodak"}, "'kodak', expected one of demo_mixed, demo"),
    ],
)
def test_a_basis_is_of_the_method_s_kind(plan_of, label, entry, message):
    with pytest.raises(InputError, match=message):
        plan_of(models={**STUDY["models"], label: entry})


def test_the_kinds_of_pristine_pictures_are_written_once_more_and_equal():
    assert baselines.PRISTINE == pristine.PRISTINE


MINIATURE = {
    **{key: STUDY[key] for key in ("title", "seed", "splits", "losses")},
    "datasets": {"demo_mixed": {"size": "64x64"}},
    "models": {name: STUDY["models"][name] for name in ("brisque", "niqe", "tiny")},
    "runs": [{**STUDY["runs"][0], "models": ["brisque"]}, *STUDY["runs"][1:]],
    "tables": {"t": {"title": "T", "paper": "MetaIQA", "rows": "model", "metrics": ["srcc"]}},
}


@pytest.mark.slow
def test_methods_and_a_network_end_in_one_report(tmp_path):
    folder = copy_workflow(tmp_path)
    write_study(folder, MINIATURE, name="miniature", svr=SVR, unaware=UNAWARE, short=RECIPE)
    snakemake(folder, "--config", "study=miniature")
    results = folder / "results" / "miniature"
    table = pd.read_csv(results / "tables" / "t.csv")
    assert set(table["row"]) == {"brisque", "niqe", "tiny"}
    record = json.loads((results / "runs" / BRISQUE / "record.json").read_text())
    assert record["regression"]["c"] in (1, 100)
    assert record["features"] == 36
    metrics = pd.read_csv(results / "metrics.csv").set_index("model")
    assert metrics.loc[["brisque", "niqe"], "srcc"].between(-1, 1).all()
    assert dry_run(folder, "miniature") == (Counter(), set())
    shorter = {**SVR, "regression": {**SVR["regression"], "c": [1]}}
    write_study(folder, MINIATURE, name="miniature", svr=shorter, unaware=UNAWARE, short=RECIPE)
    jobs, _ = dry_run(folder, "miniature")
    assert jobs["baseline"] == 2
    assert jobs["features"] == jobs["train"] == 0
