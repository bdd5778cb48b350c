"""What a claim names is what some study calls its runs, so that no claim is lost to a spelling."""

from pathlib import Path

import pytest

from biqa.workflow.runs import declared_runs
from biqa.workflow.study import read_claims, read_study

CONFIG = Path(__file__).parents[2] / "config"
KEYS = {"datasets": "dataset", "models": "model", "losses": "loss", "recipes": "recipe"}
CLAIMS = read_claims(CONFIG / "claims.yaml")


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    """Return what the runs of all studies are called, by kind."""
    names: dict[str, set[str]] = {key: set() for key in KEYS}
    for file in (CONFIG / "studies").glob("*.yaml"):
        for run in declared_runs(read_study(file), str(file)).values():
            for key, part in KEYS.items():
                names[key].add(getattr(run, part))
    return names


@pytest.mark.parametrize("name", CLAIMS)
def test_each_side_of_a_claim_names_runs_that_some_study_has(name, known):
    for part in ("a", "b", "among", "than"):
        for key, names in CLAIMS[name].get(part, {}).items():
            assert known[key] & set(names), f"{part}: no study has {key} {names}"
