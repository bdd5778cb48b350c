"""Where jobs run is a profile's affair: Slurm is run, the others are read by a dry run."""

import shutil
import subprocess
from importlib.util import find_spec

import pytest
import yaml
from toy import REPOSITORY, RUNS, STUDY

from biqa.seam.seal import seal

PROFILES = sorted(path.parent.name for path in REPOSITORY.glob("workflow/profiles/*/config.yaml"))
NOT_RUN = {"kubernetes", "googlebatch"}
QUICK = ["--slurm-init-seconds-before-status-checks", "1", "--seconds-between-status-checks", "1"]


def profile(name: str) -> dict:
    file = REPOSITORY / "workflow" / "profiles" / name / "config.yaml"
    return yaml.safe_load(file.read_text("utf-8"))


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_judges_and_locks_like_the_default_one(name):
    assert profile("default").items() <= profile(name).items()


@pytest.mark.parametrize("name", sorted(NOT_RUN))
def test_a_profile_that_nobody_has_run_says_so_first(name):
    text = (REPOSITORY / "workflow" / "profiles" / name / "config.yaml").read_text("utf-8")
    assert text.startswith("# NOT RUN YET: ")


@pytest.mark.parametrize("name", ["slurm", *sorted(NOT_RUN)])
def test_a_job_that_ran_out_of_memory_comes_back_with_more(name):
    settings = profile(name)
    assert settings["retries"] > 0
    asked = [settings["default-resources"], *settings["set-resources"].values()]
    assert all(resources["mem_mb"].endswith(" * attempt") for resources in asked)


@pytest.fixture
def slurm():
    """Skip where no Slurm runs."""
    if find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("needs snakemake-executor-plugin-slurm")
    if shutil.which("sinfo") is None or shutil.which("sbatch") is None:
        pytest.skip("needs Slurm: sinfo and sbatch are not on PATH")
    idle = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, check=False)
    if not {"idle", "mixed"} & set(idle.stdout.split()):
        pytest.skip("needs Slurm: sinfo shows no node that is idle")


@pytest.mark.slow
def test_slurm_runs_the_jobs_behind_both_doors_and_both_agree(toy, slurm, left):
    toy.edit(STUDY, "[one, two]", "[one]")
    toy.run("rm", "-r", f"{RUNS}/two", "data/splits/two.csv")
    toy.edit("code/train.sh", "(echo", 'echo "$SLURM_JOB_ID" > "$4.job"\n(echo')
    said = toy.run("snakemake", "--workflow-profile", "workflow/profiles/slurm", *QUICK)
    assert "has been submitted with SLURM jobid" in said
    assert int(toy.read(f"{RUNS}/one/history.csv.job")) > 0
    toy.path(f"{RUNS}/one/history.csv.job").unlink()
    assert left(toy) == {}
    assert seal(toy.root, drop_missing=True).stages == ("data", "train", "evaluate", "publish")

    toy.edit("code/figure.sh", "<title>", "<title>New ")
    said = toy.run("dvc", "repro", SNAKEMAKE_PROFILE="workflow/profiles/slurm")
    assert "has been submitted with SLURM jobid" in said
    assert "New" in toy.read("results/toy/figures/losses.svg")
    assert toy.run("dvc", "status", "--json").strip() == "{}"
