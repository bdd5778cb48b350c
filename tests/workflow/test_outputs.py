"""Who keeps what of a study: DVC's cache, git, or this machine alone."""

from pathlib import Path

import pytest

from biqa.workflow.dvc_stages import stages as written
from biqa.workflow.plan import Plan


@pytest.fixture
def stages_of(monkeypatch):
    """Give a function that returns a study's stages by their names without the study's."""
    monkeypatch.chdir(Path(__file__).parents[2])

    def ask(study):
        found = written(Plan.of({"study": study}))["stages"]
        return {name.removeprefix(f"{study}-"): stage for name, stage in found.items()}

    return ask


def test_small_predictions_are_in_git_and_weights_are_not(stages_of):
    stages = stages_of("livec")
    outs = stages["train"]["outs"]
    run = "results/livec/runs/livec/mobilenetv2/dcq/livec_finetune/split1"
    assert {f"{run}/predictions.csv.gz": {"cache": False}} in outs
    assert f"{run}/weights.safetensors" in outs
    assert f"{run}/predictions.csv.gz" in stages["evaluate"]["deps"]
    assert f"{run}/weights.safetensors" not in stages["evaluate"]["deps"]


def test_predictions_of_a_large_study_are_in_dvc_and_its_tables_are_in_git(stages_of):
    stages = stages_of("paper")
    assert all(out.startswith("results/paper/runs/") for out in stages["train"]["outs"])
    assert {"results/paper/tables": {"cache": False}} in stages["publish"]["outs"]
    assert stages["evaluate"]["metrics"] == [{"results/paper/metrics.json": {"cache": False}}]


@pytest.mark.parametrize("study", ["demo", "paper"])
def test_folders_of_runs_are_few_and_each_run_lies_in_one_of_its_own_stage(stages_of, study):
    stages, plan = stages_of(study), Plan.of({"study": study})
    runs = f"results/{study}/runs/"
    outs = {
        name: [out for out in stages[name]["outs"] if isinstance(out, str) and out.startswith(runs)]
        for name in ("train", "baselines")
    }
    networks = set(plan.network_runs)
    for run in plan.runs:
        own, other = ("train", "baselines") if run in networks else ("baselines", "train")
        holding = {
            name: [out for out in outs[name] if f"{runs}{run}/".startswith(f"{out}/")]
            for name in outs
        }
        assert (len(holding[own]), len(holding[other])) == (1, 0), run
    folders = {*outs["train"], *outs["baselines"]}
    assert folders <= set(stages["evaluate"]["deps"])
    assert len(folders) <= len(plan.runs) / 5


def test_pictures_and_weights_of_others_are_not_given_on_by_a_push(stages_of):
    stages = stages_of("livec")
    outs = [out for out in stages["data"]["outs"] if isinstance(out, dict)]
    assert [path for out in outs for path, kept in out.items() if kept == {"push": False}] == [
        "data/archives/livec.archive",
        "data/prepared/livec/320x320",
        "data/weights/mobilenetv2_100.safetensors",
    ]
    assert "data/prepared/demo/128x128" in stages_of("demo")["data"]["outs"]
