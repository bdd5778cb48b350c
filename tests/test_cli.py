"""The command line: one sub-command a module, one line for what a user can mend."""

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import biqa
from biqa import commands
from biqa.__main__ import main
from biqa.errors import InputError
from biqa.workflow.priors import priors_of
from biqa.workflow.runs import runs_of
from biqa.workflow.study import load_study

STUDY = Path(__file__).parents[1] / "config" / "studies" / "demo.yaml"
STEPS = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
OF_THE_WORKFLOW = {
    *("generate", "download", "weights", "verify", "prepare", "split"),
    *("prior", "train", "predict", "evaluate", "subsets", "table", "figure", "report", "spec"),
}


def refusal(capsys, *words):
    """Run a step that must refuse; return its one line on stderr."""
    assert main([str(word) for word in words]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"biqa {words[0]}: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    return err


def test_every_step_of_the_workflow_is_a_command():
    assert not OF_THE_WORKFLOW - set(STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_a_command_says_what_it_is_in_one_line_and_describes_each_part(step):
    module = importlib.import_module(f"biqa.commands.{step}")
    assert module.__doc__.strip()
    assert "\n" not in module.__doc__.strip()
    assert module.add_arguments.__doc__
    assert module.run.__doc__


def test_help_lists_every_step_with_its_line(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for step in STEPS:
        summary = importlib.import_module(f"biqa.commands.{step}").__doc__.strip()
        assert f"{step.replace('_', '-')} {' '.join(summary.split())}" in shown


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.strip() == biqa.__version__


@pytest.mark.parametrize("words", [[], ["trian"], ["train"], ["weights", "--file"]])
def test_a_wrong_call_is_status_2(words, capsys):
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert "usage: biqa" in capsys.readouterr().err


def test_an_input_error_is_one_line_and_status_1(monkeypatch, capsys):
    def run(arguments):
        raise InputError("config/x.yaml: lr is 'fast', expected a number")

    monkeypatch.setattr("biqa.commands.spec.run", run)
    line = refusal(capsys, "spec", "--study-file", "x", "--run", "y")
    assert line == "biqa spec: config/x.yaml: lr is 'fast', expected a number\n"


def test_a_missing_file_is_one_line_that_names_it(capsys, tmp_path):
    line = refusal(
        capsys,
        *("predict", "--run", tmp_path / "gone", "--pictures", tmp_path, "--split", tmp_path),
        *("--output", tmp_path / "p.csv"),
    )
    assert f"{tmp_path}/gone/record.json" in line


def test_a_defect_of_ours_keeps_its_traceback(monkeypatch):
    def run(arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("biqa.commands.spec.run", run)
    with pytest.raises(ZeroDivisionError):
        main(["spec", "--study-file", "x", "--run", "y"])


def test_the_package_runs_as_a_module():
    words = [sys.executable, "-m", "biqa", "weights", "--file", "w", "--folders", "gone"]
    done = subprocess.run(
        [*words, "--output", "unused"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(biqa.__file__).parents[1],
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("biqa weights: weights w not found (looked in gone)")


@pytest.mark.parametrize("place", [0, -1])
def test_spec_prints_what_a_training_is_made_of(place, capsys):
    study = load_study(STUDY)
    run = list(runs_of(study))[place]
    assert main(["spec", "--study-file", str(STUDY), "--run", run]) == 0
    spec = json.loads(capsys.readouterr().out)
    names = [spec["run"][key] for key in ("dataset", "model", "loss", "recipe")]
    assert "/".join([*names, f"split{spec['run']['split']}"]) == run
    assert spec["recipe"]["lr"] == study.recipes[spec["run"]["recipe"]].lr


def test_spec_prints_what_a_prior_is_made_of(capsys):
    for path, prior in priors_of(load_study(STUDY)).items():
        assert main(["spec", "--study-file", str(STUDY), "--prior", path]) == 0
        spec = json.loads(capsys.readouterr().out)
        assert spec["prior"] == prior.name
        assert spec["dataset"]["name"] == prior.datasets[0]


def test_spec_prints_what_a_stem_is_made_of(capsys):
    study = STUDY.with_name("livec_long.yaml")
    run = "livec/mobilenetv2/mse/livec_long/split0"
    assert main(["spec", "--study-file", str(study), "--stem", run]) == 0
    spec = json.loads(capsys.readouterr().out)
    assert spec["model"]["name"] == "timm/mobilenetv2_100"
    assert spec["recipe"]["frozen_stem"][0] == "encoder.conv_stem"
    run = next(iter(runs_of(load_study(STUDY))))
    line = refusal(capsys, "spec", "--study-file", STUDY, "--stem", run)
    assert line.endswith(f"demo.yaml: the recipe of {run!r} has no frozen_stem\n")


@pytest.mark.parametrize("which", ["--run", "--prior", "--stem"])
def test_spec_of_an_unknown_run_or_prior_lists_the_known_ones(which, capsys):
    line = refusal(capsys, "spec", "--study-file", STUDY, which, "gone")
    assert "demo.yaml: there is no 'gone'; there are " in line
    study = load_study(STUDY)
    known = priors_of(study) if which == "--prior" else runs_of(study)
    assert line.endswith(f"there are {', '.join(known)}\n")


def test_weights_are_linked_from_the_first_folder_that_has_them(tmp_path, capsys):
    folders = [tmp_path / name for name in ("empty", "first", "second")]
    for folder in folders:
        folder.mkdir()
    for folder in folders[1:]:
        (folder / "net.safetensors").write_text(folder.name, encoding="utf-8")
    words = ["weights", "--file", "net.safetensors", "--folders", ":".join(map(str, folders))]
    output = tmp_path / "data" / "weights" / "net.safetensors"
    assert main([*words, "--output", str(output)]) == 0
    assert output.read_text(encoding="utf-8") == "first"


def test_weights_that_are_nowhere_are_refused_with_the_folders(tmp_path, capsys):
    words = ("weights", "--file", "net.safetensors", "--output", tmp_path / "out")
    line = refusal(capsys, *words, "--folders", tmp_path)
    assert f"net.safetensors not found (looked in {tmp_path})" in line
    assert "BIQA_WEIGHTS" in line
    assert "BIQA_WEIGHTS is not set" in refusal(capsys, *words, "--folders", "")


def test_training_on_a_device_that_is_not_there_is_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    recipe = {
        "protocol": {"name": "p", "train": 0.8, "validation": 0, "test": 0.2, "choose": "last"},
        **{"views": {"crop": 32}, "epochs": 1, "batch_size": 2, "lr": 0.1},
        "hardware": {"device": "cuda"},
    }
    words = ("--pictures", tmp_path, "--split", tmp_path, "--output", tmp_path / "run")
    line = refusal(capsys, "train", "--spec", json.dumps({"recipe": recipe}), *words)
    assert "the recipe asks for device 'cuda', and torch sees none" in line
    assert not (tmp_path / "run").exists()
