"""Memory of a GPU stands in the recipe, reaches Snakemake and the steps, and retrains nothing."""

from pathlib import Path

import pytest
from small_study import PRIOR_RECIPE, RECIPE, write_study

from biqa.errors import InputError
from biqa.workflow.plan import Plan
from biqa.workflow.priors import prior_spec, priors_of
from biqa.workflow.runs import runs_of, training_spec
from biqa.workflow.study import load_study

REPOSITORY = Path(__file__).parents[2]
CUDA = {"hardware": {"device": "cuda"}}


@pytest.fixture
def study_with(tmp_path):
    """Give a function that loads the small study with one recipe's machine keys changed."""

    def load(**machine):
        return load_study(write_study(tmp_path, short={**RECIPE, **machine}))

    return load


def test_memory_is_declared_in_the_recipe_and_changes_no_spec(study_with, tmp_path):
    on_gpu = study_with(**CUDA)
    run = next(iter(runs_of(on_gpu).values()))
    before = training_spec(on_gpu, run)
    measured = study_with(**CUDA, resources={"vram_mb": 5000})
    assert measured.vram == {"short": 5000, "prior": 0}
    assert training_spec(measured, run) == before
    prior = {**PRIOR_RECIPE, **CUDA, "resources": {"vram_mb": 700}}
    both = load_study(write_study(tmp_path, short=RECIPE, prior=prior))
    assert Plan(both, "", "").vram() == {
        **{"recipe short": 0, "prior pooled": 700},
    }
    assert "resources" not in prior_spec(both, priors_of(both)["pooled"])["recipe"]


@pytest.mark.parametrize("value", [0, -1, "much"])
def test_memory_is_a_number_above_zero(study_with, value):
    with pytest.raises(InputError, match=r"short\.yaml: resources\.vram_mb: "):
        study_with(**CUDA, resources={"vram_mb": value})


def test_memory_of_a_gpu_for_a_recipe_of_the_cpu_is_refused(study_with):
    with pytest.raises(InputError, match=r"vram_mb is 5000, and hardware\.device is not 'cuda'"):
        study_with(resources={"vram_mb": 5000})


def test_every_job_states_its_memory_to_snakemake():

    for file, n_rules in (("train", 2), ("pretrain", 1)):
        text = (REPOSITORY / "workflow" / "rules" / f"{file}.smk").read_text("utf-8")
        assert text.count("        vram_mb=lambda wildcards:") == n_rules
    text = (REPOSITORY / "Snakefile").read_text("utf-8")
    assert "\nannounce_memory(plan.vram())\n" in text
