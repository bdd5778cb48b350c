"""The workflow as Snakemake sees it: every study can be planned; a small one runs end to end."""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml
from browser import Tab
from small_study import RECIPE, write_study

from biqa.workflow.priors import priors_of
from biqa.workflow.study import load_study

REPOSITORY = Path(__file__).parents[2]
STUDIES = sorted(path.stem for path in (REPOSITORY / "config" / "studies").glob("*.yaml"))
MOST_SECONDS = 120  # of a CPU, for a plan; 20 are the aim, and benchmarks time it: machines differ

pytestmark = pytest.mark.slow


def copy_workflow(folder: Path) -> Path:
    """Copy all that a rebuild needs, so that nobody's edits come between two calls."""
    shutil.copy(REPOSITORY / "Snakefile", folder)
    for part in ("workflow", "config", "src"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / part, folder / part, ignore=ignored)
    return folder


def snakemake(folder: Path, *words: str, source: str | Path = "src") -> str:
    """Run snakemake in ``folder`` on the code in ``source``; return all that it says."""
    paths = [str(Path(sys.executable).parent), os.environ["PATH"]]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(paths),  # the rules call 'python'
        "PYTHONPATH": str(folder / source),
        "PYTHONDONTWRITEBYTECODE": "1",
        "XDG_CACHE_HOME": str(folder / ".cache"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "-c1", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def dry_run(folder: Path, study: str, **options) -> tuple[Counter, set[str]]:
    """Return how many jobs of each rule are planned, and which runs are to be trained."""
    said = snakemake(folder, "-n", "--config", f"study={study}", **options)
    if "Nothing to be done" in said:
        return Counter(), set()
    table = said.partition("Job stats:")[2].partition("total")[0]
    jobs = Counter({rule: int(n) for rule, n in re.findall(r"^(\w+) +(\d+)$", table, re.M)})
    runs = re.findall(r"^rule train:\n(?:    .*\n)*?    wildcards: run=(\S+)$", said, re.M)
    assert len(runs) == jobs["train"]
    return jobs, set(runs)


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_can_be_planned(study, tmp_path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    jobs, _ = dry_run(copy_workflow(tmp_path), study)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < MOST_SECONDS
    content = yaml.safe_load((REPOSITORY / "config" / "studies" / f"{study}.yaml").read_text())
    assert jobs["all"] == jobs["report"] == jobs["evaluate"] == jobs["summary"] == 1
    assert jobs["train"] == jobs["predict"]
    assert jobs["train"] + jobs["baseline"] > 0
    assert jobs["prior"] == len(
        priors_of(load_study(REPOSITORY / "config" / "studies" / f"{study}.yaml"))
    )
    assert jobs["table"] == len(content.get("tables", {}))
    assert jobs["figure"] == len(content.get("figures", {}))
    assert jobs["prepare"] == jobs["verify"] == len(content["datasets"])


MINIATURE = {
    "title": "Miniature",
    "seed": 1,
    "splits": 1,
    "datasets": {"demo_mixed": {"size": "48x48"}},
    "models": {"tiny": {"name": "cnniqa", "options": {"kernels": 4, "hidden": [8, 8]}}},
    "losses": {"mse": {}, "norm_in_norm": {"options": {"p": 1}}},
    "runs": [{"datasets": "all", "models": "all", "losses": "all", "recipes": ["short"]}],
    "tables": {
        "losses": {
            **{"title": "Losses compared", "note": "In small.", "paper": "DCQ"},
            **{"rows": "loss", "metrics": ["srcc"]},
        }
    },
    "figures": {"curves": {"title": "C", "paper": "ours", "kind": "convergence"}},
}
RUNS = {
    "mse": "demo_mixed/tiny/mse/short/split0",
    "norm_in_norm": "demo_mixed/tiny/norm_in_norm/short/split0",
}
PUBLISHING = Counter(claims=1, table=1, figure=1, report=1, all=1)


def rebuild_miniature(folder: Path) -> Path:
    """Rebuild the miniature study from nothing in ``folder``."""
    copy_workflow(folder)
    write_study(folder, MINIATURE, name="miniature", short=RECIPE)
    snakemake(folder, "--config", "study=miniature")
    return folder


@pytest.fixture(scope="module")
def miniature(tmp_path_factory):
    """Return a folder where the miniature study has been rebuilt."""
    return rebuild_miniature(tmp_path_factory.mktemp("miniature"))


@pytest.fixture
def changed_study(miniature):
    """Give a function that writes the study anew; the former one is put back."""
    file = miniature / "config" / "studies" / "miniature.yaml"
    before = file.read_bytes()
    yield lambda **changes: write_study(miniature, {**MINIATURE, **changes}, name="miniature")
    file.write_bytes(before)


def test_one_command_makes_the_report_and_all_it_is_made_of(miniature):
    results = miniature / "results" / "miniature"
    page = (results / "report" / "index.html").read_text(encoding="utf-8")
    assert "Miniature" in page
    for made in (
        *("metrics.json", "curves/demo_mixed/tiny/short/mse.csv"),
        *("metrics.csv", "curves.csv", "tables/losses.csv", "tables/losses.md"),
        *("tables/losses.tex", "tables/losses.html", "claims.csv", "claims.json"),
        *("figures/curves.svg", "figures/curves.png", "figures/curves.pdf"),
    ):
        assert (results / made).stat().st_size > 0
    for run in RUNS.values():
        assert (results / "runs" / run / "predictions.csv.gz").is_file()
    assert not list(results.glob(".state/**/*.pt"))


@pytest.fixture(scope="module")
def own_report(miniature):
    """Return the page that Snakemake makes of what it ran."""
    snakemake(miniature, "--config", "study=miniature", "--report", "own.html")
    return miniature / "own.html"


def test_snakemakes_own_report_has_categories_and_captions(own_report):
    page = own_report.read_text(encoding="utf-8")
    categories, found = (
        json.loads(re.search(rf"var {name} = (\{{.+\}});$", page, re.MULTILINE)[1])
        for name in ("categories", "results")
    )
    results = "results/miniature"
    table, figure = f"{results}/tables/losses.html", f"{results}/figures/curves.svg"
    assert categories == {
        "DCQ": {"Tables": [table]},
        "Our own questions": {"Figures": [figure]},
        "Claims": {"Other": [f"{results}/claims.csv"]},
        "Whole report": {"Other": [f"{results}/report/index.html"]},
    }
    assert found[table]["labels"] == {"name": "losses", "title": "Losses compared"}
    assert "<p>Losses compared. In small.</p>" in found[table]["caption"]
    said = re.sub(r"<[^>]+>", "", found[table]["caption"])
    assert "snakemake --config study=miniature -- losses" in said
    assert "a verdict for each sentence" in found[f"{results}/claims.csv"]["caption"]


def test_snakemakes_own_report_opens_without_a_complaint(own_report, browser):
    tab = Tab(browser)
    tab.visit(own_report)
    complaints = [
        said for said in tab.complaints() if "should not be used in production" not in said
    ]
    assert complaints == []  # Snakemake's page carries a script that says so of itself
    assert tab.requests() == [own_report.as_uri()]
    shown = tab.run("document.body.innerText")
    assert "One study of biqa" in " ".join(shown.split())
    assert all(word in shown for word in ("DCQ", "Our own questions", "Claims", "Whole report"))


def test_a_second_run_has_nothing_to_do(miniature):
    assert dry_run(miniature, "miniature") == (Counter(), set())


def test_an_option_of_one_loss_trains_exactly_the_runs_that_use_it(miniature, changed_study):
    changed_study(losses={"mse": {}, "norm_in_norm": {"options": {"p": 2}}})
    jobs, trained = dry_run(miniature, "miniature")
    assert trained == {RUNS["norm_in_norm"]}
    assert jobs == Counter(train=1, predict=1, evaluate=1, summary=1) + PUBLISHING


def test_results_of_a_clone_count_until_the_study_asks_for_others(miniature, tmp_path):
    """Snakemake has no notes on files that came with a clone, so it would ask no questions."""
    ignored = shutil.ignore_patterns(".snakemake", "weights.safetensors")
    clone = shutil.copytree(miniature, tmp_path / "clone", ignore=ignored)
    assert dry_run(clone, "miniature") == (Counter(), set())
    recipe = clone / "config" / "recipes" / "short.yaml"
    recipe.write_text(recipe.read_text("utf-8").replace("batch_size: 16", "batch_size: 8"), "utf-8")
    assert dry_run(clone, "miniature")[1] == set(RUNS.values())


def test_a_new_loss_trains_its_own_runs_alone(miniature, changed_study):
    changed_study(losses={**MINIATURE["losses"], "mae": {}})
    _, trained = dry_run(miniature, "miniature")
    assert trained == {RUNS["mse"].replace("mse", "mae")}


def test_other_words_write_the_report_again_and_nothing_else(miniature, changed_study):
    changed_study(title="Other words")
    assert dry_run(miniature, "miniature") == (Counter(report=1, all=1), set())


@pytest.fixture
def edited_code(miniature, tmp_path):
    """Give a function that copies the package and edits one of its files."""

    def edit(file: str, old: str, new: str) -> Path:
        shutil.copytree(miniature / "src", tmp_path / "src")
        path = tmp_path / "src" / "biqa" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return tmp_path / "src"

    return edit


def test_another_look_of_figures_trains_nothing(miniature, edited_code):
    source = edited_code("publishing/style.py", "DPI = 200", "DPI = 100")
    jobs, _ = dry_run(miniature, "miniature", source=source)
    assert jobs["figure"] == 1
    assert jobs <= PUBLISHING


def test_other_code_of_one_loss_trains_the_runs_that_use_it(miniature, edited_code):
    source = edited_code("losses/norm_in_norm.py", "EPS = 1e-8", "EPS = 1e-9")
    jobs, trained = dry_run(miniature, "miniature", source=source)
    assert trained == {RUNS["norm_in_norm"]}
    assert jobs == Counter(train=1, predict=1, evaluate=1, summary=1) + PUBLISHING


def test_other_code_of_a_distortion_draws_the_pictures_again(miniature, edited_code):
    new = "import numpy as np\n\nNEW = 1\n"
    source = edited_code("distortions/blur.py", "import numpy as np\n", new)
    assert dry_run(miniature, "miniature", source=source)[0]["generate"] == 1


def test_another_comment_makes_nothing_again(miniature, edited_code):
    source = edited_code(
        "training/epoch.py", "    model.train()\n", "    # on\n    model.train()\n"
    )
    assert dry_run(miniature, "miniature", source=source) == (Counter(), set())
