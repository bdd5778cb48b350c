"""The profile that every call of snakemake uses without being told to."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml
from small_study import RECIPE, write_study
from test_snakemake import MINIATURE, copy_workflow, dry_run, snakemake

REPOSITORY = Path(__file__).parents[2]
EVERYWHERE = {
    "max-checksum-file-size": "1TB",
    "rerun-incomplete": True,
    "rerun-triggers": ["code", "mtime", "params", "software-env"],
    "keep-going": True,
    "nolock": True,
}


def contents(folder):
    """Return the bytes of all files of a folder by their paths."""
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_snakemake_finds_the_profiles_beside_the_snakefile():
    assert (REPOSITORY / "profiles").resolve() == REPOSITORY.resolve() / "workflow" / "profiles"


@pytest.mark.parametrize(
    "profile", sorted((REPOSITORY / "profiles").iterdir()), ids=lambda one: one.name
)
def test_all_profiles_agree_on_what_makes_a_result_stale(profile):
    content = yaml.safe_load((profile / "config.yaml").read_text(encoding="utf-8"))
    assert {key: content[key] for key in EVERYWHERE} == EVERYWHERE


@pytest.mark.slow
def test_a_study_of_another_size_makes_no_run_of_the_first_again(tmp_path):
    """Both have the same splits, which are made of the list of pictures of either."""
    folder = copy_workflow(tmp_path)
    shutil.copytree(REPOSITORY / "profiles", folder / "profiles")
    for name, size in (("first", "48x48"), ("second", "64x64")):
        study = {**MINIATURE, "datasets": {"demo_mixed": {"size": size}}}
        write_study(folder, study, name=name, short=RECIPE)
    for name in ("first", "second"):
        snakemake(folder, "--config", f"study={name}")
    for name in ("first", "second"):
        assert dry_run(folder, name) == (Counter(), set())


@pytest.mark.slow
def test_a_study_of_another_seed_divides_anew_and_leaves_the_divisions_of_the_first(tmp_path):
    folder = copy_workflow(tmp_path)
    shutil.copytree(REPOSITORY / "profiles", folder / "profiles")
    for name, seed in (("first", 1), ("second", 2)):
        write_study(folder, {**MINIATURE, "seed": seed}, name=name, short=RECIPE)
    snakemake(folder, "--config", "study=first", "--", "splits")
    divisions = folder / "data" / "splits" / "demo_mixed"
    first = contents(divisions)
    snakemake(folder, "--config", "study=second", "--", "splits")
    both = contents(divisions)
    assert first.items() <= both.items()
    assert (len(first), len(both), len(set(both.values()))) == (1, 2, 2)
    again = snakemake(folder, "-n", "--config", "study=first", "--", "splits")
    assert "Nothing to be done" in again


@pytest.mark.slow
def test_a_missing_archive_is_answered_on_the_terminal_with_what_to_do(tmp_path):
    shutil.copy(REPOSITORY / "Snakefile", tmp_path)
    for part in ("workflow", "config", "profiles"):
        shutil.copytree(REPOSITORY / part, tmp_path / part)
    environment = {key: value for key, value in os.environ.items() if key != "BIQA_ARCHIVES"}
    environment["PYTHONPATH"] = str(REPOSITORY / "src")
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "-c1", "--config", "study=livec", "--", "data"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "ChallengeDB_release.zip of LIVE In the Wild is not in data/archives" in done.stderr
    assert "BIQA_ARCHIVES" in done.stderr
    assert not list((tmp_path / "data").glob("archives/*"))
