"""Where jobs run is a profile's affair: Slurm is run, the others are read by a dry run."""

import pytest
import yaml
from slurm_study import PROFILE, QUICK, skip_without_slurm
from toy import REPOSITORY, RUNS, STUDY

from biqa.seam.seal import seal

PROFILES = sorted(path.parent.name for path in REPOSITORY.glob("workflow/profiles/*/config.yaml"))
NOT_RUN = {"kubernetes", "googlebatch"}


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


@pytest.mark.slow
def test_slurm_runs_the_jobs_behind_both_doors_and_both_agree(toy, left):
    skip_without_slurm()
    toy.edit(STUDY, "[one, two]", "[one]")
    toy.run("rm", "-r", f"{RUNS}/two", "data/splits/two.csv")
    toy.edit("code/train.sh", "(echo", 'echo "$SLURM_JOB_ID" > "$4.job"\n(echo')
    said = toy.run("snakemake", *PROFILE, *QUICK)
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
