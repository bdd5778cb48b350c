"""The profile that every call of snakemake uses without being told to."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def test_snakemake_finds_the_profiles_beside_the_snakefile():
    assert (REPOSITORY / "profiles").resolve() == REPOSITORY.resolve() / "workflow" / "profiles"


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
