"""Studies take turns: dvc.yaml is one's at a time, dvc.lock and git keep what they know of all."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from toy import REPOSITORY, Toy

from biqa.__main__ import main

LABELS = {
    "title": "Small",
    "splits": 1,
    "datasets": {"demo": {"size": "64x64"}},
    "models": {"cnniqa": {}},
}
RUNS = {"datasets": "all", "models": "all", "losses": "all", "recipes": ["demo_small"]}
STUDIES = {
    "large": {"losses": {"mse": {}, "dcq": {}}, "keep": {"predictions": "dvc", "results": "git"}},
    "small": {"losses": {"mse": {}}, "keep": {"predictions": "git", "results": "git"}},
}
RUN = "runs/demo/cnniqa/mse/demo_small/split0"


def make_up_results() -> None:
    """Write every output that dvc.yaml names, each with a content of its own."""
    for stage in yaml.safe_load(Path("dvc.yaml").read_text("utf-8"))["stages"].values():
        for out in [*stage["outs"], *stage.get("metrics", [])]:
            path = Path(out if isinstance(out, str) else next(iter(out)))
            file = path if path.suffix else path / RUN.removeprefix("runs/") / "predictions.csv.gz"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(str(path)))


@pytest.fixture(scope="module")
def made(making, tmp_path_factory):
    """Return a repository with two studies, whose made-up results were committed one by one."""
    folder = tmp_path_factory.mktemp("studies")
    with making(folder) as patch:
        patch.chdir(folder)
        write_studies(folder)
    return Toy(folder)


@pytest.fixture
def studies(made, warm_tools, monkeypatch):
    """Return the repository, as the working folder."""
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(made.root / "cache"))
    return made


def write_studies(folder: Path) -> None:
    toy = Toy(folder)
    for part in ("config", "src", "workflow"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / part, folder / part, ignore=ignored)
    for name in (".gitignore", ".dvcignore"):
        shutil.copy(REPOSITORY / name, folder / name)
    toy.run("git", "init", "--quiet", "--initial-branch", "main")
    toy.run("dvc", "init", "--quiet")
    for name, study in STUDIES.items():
        content = yaml.safe_dump({**LABELS, **study, "runs": [RUNS]})
        Path(f"config/studies/{name}.yaml").write_text(content, encoding="utf-8")
        assert main(["study", name]) == 0
        make_up_results()
        toy.run("dvc", "commit", "--quiet", "--force")
        toy.commit(name)


def test_a_study_that_was_sealed_is_up_to_date_when_it_is_chosen_again(studies):
    for name in ("large", "small"):
        assert main(["study", name]) == 0
        assert studies.run("dvc", "status", "--json").strip() == "{}"
        dry = studies.run("dvc", "repro", "--dry")
        assert [line for line in dry.splitlines() if line.startswith("Stage")] == [
            f"Stage '{name}-{stage}' didn't change, skipping"
            for stage in ("data", "train", "evaluate", "publish")
        ]
    locked = yaml.safe_load(studies.read("dvc.lock"))["stages"]
    assert {stage.partition("-")[0] for stage in locked} == {"large", "small"}


def test_git_keeps_what_the_study_says_and_never_weights(studies):
    kept = studies.run("git", "ls-files").splitlines()
    assert f"results/small/{RUN}/predictions.csv.gz" in kept
    assert f"results/small/{RUN}/record.json" in kept
    assert not [path for path in kept if path.endswith(".safetensors")]
    assert not [path for path in kept if path.startswith("results/large/runs/")]
    assert {"results/large/metrics.json", "results/small/metrics.csv"} <= set(kept)


def test_weights_beside_predictions_in_git_are_in_the_cache(studies):
    assert main(["study", "small"]) == 0
    weights = studies.path(f"results/small/{RUN}/weights.safetensors")
    before = weights.read_bytes()
    weights.unlink()
    studies.run("dvc", "checkout", "--quiet")
    assert weights.read_bytes() == before
