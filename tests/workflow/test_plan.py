"""What the Snakefile is told: paths, specs and digests, from the study file and the code."""

import json
from pathlib import Path

import pytest
from small_study import RECIPE, changed, write_study

from biqa.errors import InputError
from biqa.workflow.plan import Plan

TINY = "demo/tiny/mse/short/split0"


@pytest.fixture
def plan_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def plan(study=None, **recipes):
        write_study(Path(), study, **recipes)
        return Plan.of({"study": "small"})

    return plan


def test_an_unknown_setting_is_refused(plan_of):
    with pytest.raises(InputError, match="--config: unknown key 'stduy'; the keys are study"):
        Plan.of({"stduy": "small"})


def test_an_unknown_study_is_refused_with_those_there_are(plan_of):
    plan_of()
    with pytest.raises(InputError, match=r"config/studies/gone\.yaml does not exist; .* small"):
        Plan.of({"study": "gone"})


def test_names_that_biqa_lacks_are_refused(plan_of):
    with pytest.raises(InputError, match=r"losses\.mse: there is no 'msee'"):
        plan_of(changed(losses__mse={"name": "msee"}))


def test_generated_datasets_are_told_from_fetched_ones(plan_of):
    plan = plan_of(changed(datasets__livec={"size": "320x320"}))
    assert plan.generated == ["demo", "demo_mixed"]
    assert plan.downloaded == ["livec"]


def test_a_dataset_drawn_from_photographs_starts_from_their_archive(plan_of):
    plan = plan_of(changed(datasets__kodak_distorted={"size": "native"}))
    assert plan.generated == ["demo", "demo_mixed", "kodak_distorted"]
    assert plan.pristine_input("kodak_distorted") == ["data/pristine/kodak.zip"]
    assert plan.pristine_input("demo") == []
    assert plan.pristine_files() == ["data/pristine/kodak.zip"]
    assert plan_of().pristine_files() == []


def test_a_prior_of_several_databases_reads_them_all(plan_of):
    one = plan_of()
    assert one.prior_pictures("pooled") == ["data/prepared/demo/64x64"]
    assert json.loads(one.prior_spec("pooled"))["dataset"] == {"name": "demo", "size": "64x64"}
    both = plan_of(changed(priors__pooled__dataset=["demo_mixed", "demo"]))
    assert list(both.priors) == ["pooled"]
    folders = ["data/prepared/demo_mixed/64x64", "data/prepared/demo/64x64"]
    assert both.prior_pictures("pooled") == folders
    spec = json.loads(both.prior_spec("pooled"))
    assert spec["datasets"] == [{"name": name, "size": "64x64"} for name in ("demo_mixed", "demo")]
    assert "dataset" not in spec


def test_files_have_the_paths_of_the_layout(plan_of):
    plan = plan_of(changed(models__tiny__weights="file:own.safetensors"))
    assert plan.prepared("demo") == "data/prepared/demo/64x64"
    assert plan.split_file(plan.runs[TINY]) == "data/splits/demo/seed5/sixty/split0.csv"
    assert plan.weights_file("tiny") == ["data/weights/own.safetensors"]
    assert plan.weights_file("resnet18") == []
    started = plan.runs["demo_mixed/with_prior/mse/short/split0"]
    assert plan.prior_file(started) == ["results/small/priors/pooled/weights.safetensors"]
    assert plan.prior_file(plan.runs[TINY]) == []
    assert f"results/small/runs/{TINY}/record.json" in plan.run_files("record.json")
    assert len(plan.run_files("record.json", "history.csv")) == 2 * len(plan.runs)


def test_a_protocol_and_a_spec_are_json(plan_of):
    plan = plan_of()
    assert json.loads(plan.protocol("sixty"))["train"] == 0.6
    assert json.loads(plan.training_spec(plan.runs[TINY]))["loss"]["name"] == "mse"
    assert json.loads(plan.prior_spec("pooled"))["recipe"]["kind"] == "pooled"


def test_hardware_is_that_of_the_recipe(plan_of):
    plan = plan_of(short={**RECIPE, "hardware": {"threads": 3}})
    assert plan.hardware(TINY).threads == 3
    assert plan.prior_hardware("pooled").threads == 1


def test_a_training_depends_on_its_own_loss_and_model(plan_of):
    plan = plan_of()
    other_loss = plan.training_code("demo/tiny/norm_in_norm/short/split0")
    other_model = plan.training_code("demo/with_prior/mse/short/split0")
    assert len({plan.training_code(TINY), other_loss, other_model}) == 3
    assert plan.training_code("demo/tiny/mse/short/split1") == plan.training_code(TINY)


ARTEFACT = {"title": "T", "paper": "ours", "rows": "loss", "metrics": ["srcc"]}


def test_what_is_published_changes_with_its_words_and_with_the_order_of_runs(plan_of):
    study = changed(tables={"t": ARTEFACT})
    one = plan_of(study).artefact("tables", "t")
    assert plan_of(study).artefact("tables", "t") == one
    reordered = changed(tables={"t": ARTEFACT}, losses={"norm_in_norm": {}, "mse": {}})
    assert plan_of(reordered).artefact("tables", "t") != one
    assert plan_of(changed(tables={"t": {**ARTEFACT, "note": "N"}})).artefact("tables", "t") != one


def test_another_title_changes_what_the_report_quotes(plan_of):
    assert plan_of().declaration() != plan_of(changed(title="Another")).declaration()


def test_printed_numbers_are_an_input_of_what_cites_them(plan_of):
    cited = {**ARTEFACT, "published": {"table": "dcq_table4"}}
    plan = plan_of(changed(tables={"t": ARTEFACT, "u": cited}))
    assert plan.published_files("tables", "t") == []
    assert plan.published_files("tables", "u") == ["config/published/dcq_table4.csv"]
