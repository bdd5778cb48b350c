"""Every official archive, in miniature, from a web server to predictions by the rules' commands."""

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from misbehaving_server import Server
from rule_commands import run_rule, shell_of
from whole_miniatures import BY_REFERENCE, NAMES, whole_miniature

from biqa.workflow.plan import Plan
from biqa.workflow.runs import Run

DATABASES = ("live", *NAMES)
BY = {"koniq10k": "official", "biq2021": "official_test", "cid2013": "subset"}
FRACTIONS = {
    "koniq10k": {"train": 0.7, "validation": 0.1, "test": 0.2},
    "cid2013": {"train": 0.67, "validation": 0.0, "test": 0.33},
}
USUAL = {"train": 0.8, "validation": 0.0, "test": 0.2}
SIZE = "32x32"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(params=DATABASES)
def name(request, server, tmp_path, monkeypatch) -> str:
    """A database whose miniature comes from the second of two addresses."""
    facts, files = whole_miniature(request.param)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    server.content = stream.getvalue()
    facts = replace(facts, sources=(server.address("nowhere"), server.address("whole")))
    monkeypatch.setattr(f"biqa.datasets.{request.param}.DATASET", facts)
    monkeypatch.delenv("BIQA_ARCHIVES", raising=False)  # or the archives there would be taken
    monkeypatch.chdir(tmp_path)
    return request.param


@pytest.fixture
def plan(name) -> Plan:
    protocol = {"name": "own", "by": BY.get(name, "reference_or_picture"), "choose": "last"}
    recipe = {"views": {"crop": 0}, "epochs": 1, "batch_size": 16, "lr": 0.001}
    study = {
        "title": "One database",
        "splits": 1,
        "datasets": {name: {"size": SIZE}},
        "models": {"tiny": {"name": "cnniqa", "options": {"kernels": 2, "hidden": [4, 4]}}},
        "losses": {"mse": {}},
        "runs": [{"datasets": "all", "models": "all", "losses": "all", "recipes": ["short"]}],
    }
    contents = {
        "studies/one": study,
        "recipes/short": {**recipe, "protocol": protocol | FRACTIONS.get(name, USUAL)},
    }
    for file, content in contents.items():
        path = Path(f"config/{file}.yaml")
        path.parent.mkdir(parents=True)
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return Plan.of({"study": "one"})


def test_an_archive_goes_all_the_way_to_predictions(name, plan, server):
    (path,) = plan.runs
    run = plan.runs[path]
    prepare_data(name, plan, run)
    assert Path(f"data/archives/{name}.archive").read_bytes() == server.content
    check_split(name, plan, run)
    learn_and_predict(plan, path)
    record = json.loads(Path(f"results/one/runs/{path}/record.json").read_text("utf-8"))
    assert record["epochs"] == 1
    predictions = pd.read_csv(
        f"results/one/runs/{path}/predictions.csv.gz", dtype={"name": str}, keep_default_na=False
    )
    labels = pd.read_csv(f"data/prepared/{name}/{SIZE}/pictures.csv", dtype={"name": str})
    expected = labels.set_index("name")["mos"][predictions["name"]].tolist()
    assert sorted(predictions["name"]) == sorted(labels["name"])
    assert predictions["mos"].tolist() == expected
    assert np.isfinite(predictions["predicted"]).all()
    assert ("group" in predictions) == (name in ("cid2013", "biq2021"))


def prepare_data(name: str, plan: Plan, run: Run) -> None:
    """Download, verify, prepare and split, by the rules' commands."""
    archive, verified = f"data/archives/{name}.archive", f"data/verified/{name}.json"
    of_dataset = {"dataset": name, "size": SIZE}
    prepared = plan.prepared(name)
    done = [
        run_rule("download", wildcards=of_dataset, params={"folders": ""}, output=archive),
        run_rule("verify", wildcards=of_dataset, input=archive, output=verified),
        run_rule(
            "prepare",
            wildcards=of_dataset,
            input={"archive": archive, "verified": verified},
            params={"folder": prepared},
        ),
        run_rule(
            "split",
            wildcards={"seed": str(plan.study.seed), "k": "0"},
            input=f"{prepared}/pictures.csv",
            params={"protocol": plan.protocol("own")},
            output=plan.split_file(run),
        ),
    ]
    assert done == [0, 0, 0, 0]


def check_split(name: str, plan: Plan, run: Run) -> None:
    """Every picture is in a part, and none shares what the database's protocol keeps apart."""
    parts = pd.read_csv(plan.split_file(run), dtype=str)
    labels = pd.read_csv(
        f"{plan.prepared(name)}/pictures.csv", dtype=str, keep_default_na=False
    ).merge(parts, on="name", validate="one_to_one")
    assert len(labels) == len(parts)
    assert {"train", "test"} <= set(parts["part"])
    if name == "live" or name in BY_REFERENCE:
        pairs = labels[["reference", "part"]].drop_duplicates()
        assert not pairs["reference"].duplicated().any()
    if name == "cid2013":
        subsets = labels.groupby("part")["group"].nunique()
        assert subsets.to_dict() == {"train": 4, "test": 2}
    if name == "koniq10k":
        assert labels["part"].tolist() == labels["official_part"].tolist()
    if name == "biq2021":
        assert ((labels["part"] == "test") == (labels["official_part"] == "test")).all()


def learn_and_predict(plan: Plan, path: str) -> None:
    run = plan.runs[path]
    folder, prepared = f"results/one/runs/{path}", plan.prepared(run.dataset)
    nothing = {"weights": "", "prior": ""}
    trained = run_rule(
        "train",
        input={**nothing, "split": plan.split_file(run)},
        params={
            **nothing,
            "spec": plan.training_spec(run),
            "code": plan.training_code(path),
            "pictures": prepared,
            "folder": folder,
            "state": f"results/one/.state/{path}.pt",
            "stem": "",
        },
    )
    predicted = run_rule(
        "predict",
        input={"split": plan.split_file(run)},
        params={"folder": folder, "pictures": prepared, "also": "", "stem": ""},
        output=f"{folder}/predictions.csv.gz",
    )
    assert (trained, predicted) == (0, 0)


def test_the_commands_are_those_of_the_rules():
    steps = ("download", "verify", "prepare", "split", "train", "predict")
    assert [shell_of(step).split()[3] for step in steps] == list(steps)
