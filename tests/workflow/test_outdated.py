"""Results that came with a clone and that the study would now make by another spec."""

import json
import os
from pathlib import Path

import pytest

from biqa.errors import InputError
from biqa.seam.foreign import OLD, age_folders
from biqa.seam.records import NOTES
from biqa.workflow.outdated import judged_of_others, outdated, refuse_outdated_results
from biqa.workflow.plan import Plan

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def plan(monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    return Plan.of({"study": "demo"})


def record(root: Path, folder: str, spec: str, **changes: object) -> Path:
    """Write the record of a run or prior; ``changes`` go into its recipe, None takes a key out."""
    made = json.loads(spec)
    recipe = {**made["recipe"], **changes}
    made["recipe"] = {key: value for key, value in recipe.items() if value is not None}
    file = root / folder / "record.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"spec": made}))
    return file


def run_of(plan, label: str) -> tuple[str, str]:
    """Return the folder and spec of a run of the named network or method."""
    path, run = next((path, run) for path, run in plan.runs.items() if run.model == label)
    return f"{plan.results}/runs/{path}", plan.training_spec(run)


@pytest.mark.parametrize("label", ["resnet18_narrow", "brisque"])
def test_a_result_of_the_same_spec_counts(plan, tmp_path, label):
    record(tmp_path, *run_of(plan, label))
    assert outdated(plan, tmp_path) == []


def test_a_prior_of_the_same_spec_counts(plan, tmp_path):
    prior = next(iter(plan.priors))
    record(tmp_path, f"{plan.results}/priors/{prior}", plan.prior_spec(prior))
    assert outdated(plan, tmp_path) == []


def test_a_record_that_is_older_than_an_option_has_its_default(plan, tmp_path):
    record(tmp_path, *run_of(plan, "resnet18_narrow"), reuse_frozen=None, freeze_batch_norm=None)
    assert outdated(plan, tmp_path) == []


def test_another_rate_makes_a_result_outdated(plan, tmp_path):
    folder, spec = run_of(plan, "resnet18_narrow")
    record(tmp_path, folder, spec, lr=0.5)
    assert outdated(plan, tmp_path) == [Path(folder)]
    with pytest.raises(InputError, match=f"{folder}, one of 1, was made by another recipe"):
        refuse_outdated_results(plan, tmp_path)


def test_an_option_that_is_gone_and_a_damaged_record_make_a_result_outdated(plan, tmp_path):
    folder, spec = run_of(plan, "resnet18_narrow")
    file = record(tmp_path, folder, spec, sharpness=1)
    assert outdated(plan, tmp_path) == [Path(folder)]
    file.write_text(file.read_text()[:50])
    assert outdated(plan, tmp_path) == [Path(folder)]


def test_only_files_that_snakemake_did_not_make_here_grow_old(tmp_path):
    """What it made here it compares by itself, and a recipe may be changed back."""
    folders = [Path("here"), Path("cloned")]
    for folder in folders:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "record.json").write_text("{}")
    (tmp_path / NOTES).mkdir(parents=True)
    made = os.stat(tmp_path / "here" / "record.json").st_mtime
    note = tmp_path / NOTES / "aGVyZS9yZWNvcmQuanNvbg=="  # here/record.json
    note.write_text(json.dumps({"endtime": made}))
    assert age_folders(tmp_path, folders) == [Path("cloned")]
    assert os.stat(tmp_path / "here" / "record.json").st_mtime == made
    assert os.stat(tmp_path / "cloned" / "record.json").st_mtime == OLD


def test_metrics_of_other_runs_than_the_study_has_are_outdated(plan, tmp_path):
    assert judged_of_others(plan, tmp_path) == []
    files = [Path(plan.results, name) for name in ("metrics.csv", "curves.csv")]
    head = "dataset,model,loss,recipe,split,choice\n"
    rows = [f"{path.replace('/split', '/').replace('/', ',')},last\n" for path in plan.runs]
    (tmp_path / plan.results).mkdir(parents=True)
    (tmp_path / files[1]).touch()
    for judged, expected in ((rows + rows, []), (rows[1:], files), ([*rows, "a,b,c,d,0,x"], files)):
        (tmp_path / files[0]).write_text(head + "".join(judged))
        assert judged_of_others(plan, tmp_path) == expected
