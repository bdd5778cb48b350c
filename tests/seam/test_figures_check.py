"""CI draws the figures again from predictions alone; a changed one fails, is shown, is accepted."""

import re

import pytest
import yaml
from toy import REPOSITORY, RUNS

from biqa.__main__ import main
from biqa.errors import InputError
from biqa.seam import regenerate as regenerate_module
from biqa.seam.regenerate import ASIDE, accept, regenerate
from biqa.seam.restamp import restamp
from biqa.seam.seal import seal
from biqa.seam.summary import cells

TABLE = "results/toy/tables/losses.csv"
FIGURE = "results/toy/figures/losses.svg"
METRICS = "results/toy/metrics.csv"
MEDIANS = "results/toy/metrics.json"
CURVE = "results/toy/curves/toy.csv"


def test_a_new_clone_draws_the_same_bytes_from_predictions_alone(clone):
    comparison = regenerate(clone.root, "toy")
    assert comparison.same == (CURVE, FIGURE, METRICS, MEDIANS, TABLE)
    assert not comparison.differs
    pulled = {path.name for path in clone.path(RUNS).rglob("*") if path.is_file()}
    assert pulled == {"predictions.csv", "history.csv"}
    assert clone.run("git", "status", "--short") == ""


def test_a_changed_figure_and_table_fail_are_shown_and_are_accepted(toy, monkeypatch, capsys):
    toy.edit("code/figure.sh", "<title>", "<title>New ")
    toy.edit("code/table.sh", "mse,", "mae,")
    step_summary = toy.root.parent / "step.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step_summary))
    assert main(["check-figures", "--study", "toy"]) == 1
    said = capsys.readouterr().err
    assert f"biqa check-figures: 2 files differ from git, {FIGURE} first" in said
    shown = step_summary.read_text()
    assert shown == toy.read(str(ASIDE / "toy" / "summary.md"))
    assert f"| ![](before/{FIGURE}) | ![](after/{FIGURE}) |" in shown
    assert "| 1 | loss | mse | mae |" in shown
    assert "New" not in toy.read(FIGURE), "the check changes no result"
    assert (toy.path(str(ASIDE)) / "toy" / "after" / FIGURE).read_text() != toy.read(FIGURE)

    assert main(["accept-figures", "--study", "toy"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "dvc.lock",
        "staged; git commit does the rest",
    ]
    assert "New" in toy.read(FIGURE)
    toy.commit("new look")
    assert main(["check-figures", "--study", "toy"]) == 0
    assert restamp(toy.root).changed == ()


@pytest.fixture
def job(toy, monkeypatch):
    """Pretend a job of GitHub that draws another figure; return the file of its summary."""
    toy.edit("code/figure.sh", "<title>", "<title>New ")
    step_summary = toy.root.parent / "step.md"
    for name, value in {
        "GITHUB_STEP_SUMMARY": str(step_summary),
        "GITHUB_SERVER_URL": "https://git.example.org",
        "GITHUB_REPOSITORY": "lab/papers",
        "GITHUB_RUN_ID": "7",
    }.items():
        monkeypatch.setenv(name, value)
    return step_summary


def test_a_job_shows_changed_pictures_from_a_commit_on_no_branch(toy, job):
    toy.run("git", "init", "--quiet", "--bare", "../origin")
    toy.run("git", "remote", "add", "origin", "../origin")
    before = toy.run("git", "status", "--short")
    assert main(["check-figures", "--study", "toy"]) == 1
    commit, place = toy.run("git", "ls-remote", "origin").split()
    assert place == "refs/figures/toy-7"
    for side in ("before", "after"):
        shown = toy.run("git", "show", f"{commit}:{side}/{FIGURE}")
        assert ("New" in shown) is (side == "after")
        address = f"https://git.example.org/lab/papers/raw/{commit}/{side}/{FIGURE}"
        assert f"![]({address})" in job.read_text()
    assert toy.run("git", "status", "--short") == before


def test_a_job_that_may_not_push_says_where_the_pictures_are(toy, job):
    assert main(["check-figures", "--study", "toy"]) == 1
    said = job.read_text()
    assert f"| ![](before/{FIGURE}) | ![](after/{FIGURE}) |" in said
    assert re.search("The pictures lie in the files that this run keeps: git push .*origin", said)


def test_a_figure_that_is_new_or_gone_counts_as_a_difference(toy):
    toy.path(f"{FIGURE}.old").write_text("drawn by nobody any more")
    toy.run("git", "add", f"{FIGURE}.old")
    toy.run("git", "rm", "--quiet", "--cached", TABLE)
    comparison = regenerate(toy.root, "toy")
    assert (comparison.new, comparison.gone) == ((TABLE,), (f"{FIGURE}.old",))
    accept(toy.root, "toy")
    assert not toy.path(f"{FIGURE}.old").exists()
    assert TABLE in toy.run("git", "ls-files")


def test_predictions_of_other_code_are_refused(clone):
    clone.edit("code/train.sh", "epochs", "Epochs")
    with pytest.raises(InputError, match=r"dvc\.lock does not describe stage 'train' .*train\.sh"):
        regenerate(clone.root, "toy")


def test_predictions_that_others_cannot_pull_are_refused(toy):
    toy.edit("code/predict.sh", "seen:", "Seen:")
    toy.snakemake()
    seal(toy.root)
    with pytest.raises(InputError, match="the remote lacks results/toy/runs/, of 1; 'dvc push'"):
        regenerate(toy.root, "toy")


def test_no_rule_that_trains_is_allowed(clone):
    clone.run("dvc", "pull", "--quiet")
    clone.path(f"{RUNS}/one/predictions.csv").unlink()
    clone.run("dvc", "remove", "publish", "evaluate", "train", "data")
    clone.path("dvc.lock").unlink(missing_ok=True)
    with pytest.raises(InputError, match=r"(?s)MissingInputException.*one/predictions"):
        regenerate(clone.root, "toy")
    assert not {"train", "prior", "predict", "prepare"} & set(regenerate_module.RULES)


def test_a_part_of_the_predictions_does_not_make_a_new_lock(clone):
    clone.edit("code/figure.sh", "<title>", "<title>New ")
    assert regenerate(clone.root, "toy").changed == (FIGURE,)
    with pytest.raises(InputError, match=r"safetensors is not here, and dvc\.lock would forget it"):
        accept(clone.root, "toy")


def test_a_study_without_results_in_git_is_refused(toy):
    toy.run("git", "rm", "-r", "--quiet", "--cached", "results")
    with pytest.raises(
        InputError, match=r"git has none of results/toy/metrics\.csv, .* commit its"
    ):
        regenerate(toy.root, "toy")


def test_ci_makes_the_same_call_as_the_makefile():
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/figures.yml").read_text("utf-8"))
    (job,) = workflow["jobs"].values()
    always = [step for step in job["steps"] if "run" in step and "if" not in step]
    assert [step["run"] for step in always] == ["make figures"]
    assert "biqa check-figures --study $(STUDY)" in (REPOSITORY / "Makefile").read_text("utf-8")


def test_cells_are_named_by_row_and_column():
    old, new = [["loss", "srcc"], ["mse", "0.8"]], [["loss", "srcc"], ["mse", "0.9"], ["mae", "1"]]
    assert cells(old, new)[2:] == [
        "| 1 | srcc | 0.8 | 0.9 |",
        "| 2 | loss | (none) | mae |",
        "| 2 | srcc | (none) | 1 |",
    ]
