"""What ``dvc params``, ``dvc metrics``, ``dvc plots`` and ``dvc exp`` say between two commits."""

import json
import shutil
from dataclasses import asdict
from io import StringIO

import pandas as pd
import pytest
from toy import RECIPE, REPOSITORY, Toy

from biqa.__main__ import main
from biqa.seam.restamp import restamp
from biqa.seam.seal import seal
from biqa.workflow.plan import Plan

MEDIANS = "results/toy/metrics.json"


def say(toy: Toy, *words: str):
    return json.loads(toy.run("dvc", *words, "--json"))


def points(said) -> dict[str, set[tuple]]:
    """Return the points of every plot: (commit, curve if there are several, epoch, value)."""
    found = {}
    for name, (picture,) in said["data"].items():
        value = picture["content"]["layer"][0]["encoding"]["y"]["field"]
        found[name] = {
            (point["rev"], point.get("filename", ""), int(point["epoch"]), float(point[value]))
            for point in picture["content"]["data"]["values"]
        }
    return found


def test_two_commits_differ_by_a_parameter_a_metric_and_a_curve(toy):
    toy.edit(RECIPE, "epochs: 2", "epochs: 4")
    toy.snakemake()
    seal(toy.root)
    toy.commit("longer")
    assert say(toy, "params", "diff", "HEAD~1") == {
        RECIPE: {"epochs": {"old": 2, "new": 4, "diff": 2}}
    }
    change = {"old": 0.2, "new": 0.4, "diff": pytest.approx(0.2)}
    assert say(toy, "metrics", "diff", "HEAD~1") == {MEDIANS: {"toy.srcc": change}}
    assert "toy.srcc" in toy.run("dvc", "metrics", "show")
    now = {("workspace", "", epoch, epoch / 10) for epoch in (1, 2, 3, 4)}
    assert points(say(toy, "plots", "show")) == {"SRCC by epoch": now}
    before = {("HEAD~1", "", epoch, epoch / 10) for epoch in (1, 2)}
    assert points(say(toy, "plots", "diff", "HEAD~1")) == {"SRCC by epoch": now | before}
    toy.run("dvc", "plots", "diff", "--out", "shown", "HEAD~1")
    assert "SRCC by epoch" in toy.read("shown/index.html")


def test_an_experiment_changes_a_recipe_and_runs_what_depends_on_it(toy, left):
    said = toy.run("dvc", "exp", "run", "--name", "short", "--set-param", f"{RECIPE}:epochs=1")
    stages = [line for line in said.splitlines() if line.startswith(("Running stage", "Stage '"))]
    assert stages == [
        "Stage 'data' didn't change, skipping",
        "Running stage 'train':",
        "Running stage 'evaluate':",
        "Running stage 'publish':",
    ]
    assert toy.read(RECIPE) == "epochs: 1 # short\n", "the rest of the file stays as it is"
    shown = pd.read_csv(StringIO(toy.run("dvc", "exp", "show", "--csv")))
    rows = shown.set_index(shown["Experiment"].fillna(shown["rev"]))[["toy.srcc", "epochs"]]
    assert rows.loc["short"].tolist() == [0.1, 1]
    assert rows.loc["main"].tolist() == [0.2, 2]
    assert seal(toy.root).stages == (), "dvc.lock describes the experiment"
    restamp(toy.root)
    assert left(toy) == {}


def test_the_stages_that_we_write_let_dvc_read_our_medians(tmp_path, warm_tools, monkeypatch):
    """DVC on the real dvc.yaml of a study whose results are made up."""
    toy = Toy(tmp_path)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    assert main(["study", "livec"]) == 0
    toy.run("git", "init", "--quiet", "--initial-branch", "main")
    toy.run("dvc", "init", "--quiet")
    results = tmp_path / "results" / "livec"
    results.mkdir(parents=True)
    words = ["summary", "--metrics", f"{results}/metrics.csv", "--curves", f"{results}/curves.csv"]
    words += ["--output", f"{results}/metrics.json", "--output-folder", f"{results}/curves"]
    runs = pd.DataFrame([asdict(run) for run in Plan.of({}).runs.values()])
    runs = runs.drop(columns="also_test_on")
    for srcc in (0.25, 0.5):
        judged = {"tested_on": "livec", "protocol_choice": True, "status": "ok"}
        runs.assign(**judged, srcc=srcc, plcc=0.5).to_csv(results / "metrics.csv", index=False)
        curves = pd.concat(
            runs.assign(epoch=epoch, test_srcc=srcc + epoch / 8, test_plcc=0.5) for epoch in (1, 2)
        )
        curves.to_csv(results / "curves.csv", index=False)
        assert main(words) == 0
        toy.commit(f"SRCC {srcc}")
    said = say(toy, "metrics", "diff", "HEAD~1", "HEAD")["results/livec/metrics.json"]
    change = {"old": 0.25, "new": 0.5, "diff": 0.25}
    names = {f"livec.{run.model}.{run.loss}.{run.recipe}.srcc" for run in runs.itertuples()}
    assert said == dict.fromkeys(names, change)
    shown = points(say(toy, "plots", "diff", "HEAD~1", "HEAD"))
    assert shown["SRCC by epoch, livec, cnniqa, livec_scratch"] == {
        (commit, f"{loss}.csv", epoch, srcc + epoch / 8)
        for commit, srcc in (("HEAD~1", 0.25), ("HEAD", 0.5))
        for loss in set(runs["loss"])
        for epoch in (1, 2)
    }
    assert "PLCC by epoch, livec, cnniqa, livec_scratch" in shown
