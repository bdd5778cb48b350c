"""A study file is read whole or refused with the place, what was found, and what to write."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from small_study import RECIPE, STUDY, changed, write_study

from biqa.errors import InputError
from biqa.workflow.baselines import spec_of
from biqa.workflow.names import check_names
from biqa.workflow.priors import prior_spec, priors_of
from biqa.workflow.runs import runs_of, theory_spec
from biqa.workflow.study import load_study, read_statements

CONFIG = Path(__file__).parents[2] / "config"
STUDIES = sorted((CONFIG / "studies").glob("*.yaml"))


def read_all(file):
    """Return the study in ``file`` after all that can be refused before anything is trained."""
    study = load_study(file)
    check_names(study)
    for run in runs_of(study).values():
        spec_of(study, run)
    for prior in priors_of(study).values():
        prior_spec(study, prior)
    return study


def refused(tmp_path, study=None, **recipes):
    with pytest.raises(InputError) as caught:
        read_all(write_study(tmp_path, study, **recipes))
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(str(tmp_path) + "/", "")


def test_a_study_comes_with_its_recipes(tmp_path):
    study = load_study(write_study(tmp_path))
    check_names(study)
    assert study.name == "small"
    assert study.title == "Small"
    assert study.seed == 5
    assert list(study.recipes) == ["short"]
    assert list(study.prior_recipes) == ["prior"]
    assert study.recipes["short"].lr == 0.001
    assert asdict(study.recipes["short"].protocol)["choose"] == "best_validation"
    assert study.tables == study.figures == {}


def test_recipes_that_no_run_names_are_not_read(tmp_path):
    load_study(write_study(tmp_path, unused="not: [a recipe"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loses": {}}, "studies/small.yaml: unknown key 'loses'; did you mean 'losses'?"),
        ({"models__tiny__nam": "x"}, "models.tiny: unknown key 'nam'; did you mean 'name'?"),
        ({"runs__0__split": 1}, "runs.0: unknown key 'split'; did you mean 'splits'?"),
        ({"datasets__demo__zzz": 1}, "datasets.demo: unknown key 'zzz'; the keys are size"),
        ({"datasets__demo__size": "64"}, "datasets.demo.size: '64' does not match"),
        ({"splits": 0}, "splits: 0 is less than the minimum of 1"),
        ({"seed": "7"}, "seed: '7' is text, expected a number"),
        ({"models__tiny__weights": "imagenet"}, "models.tiny.weights: 'imagenet' does not match"),
    ],
)
def test_what_the_schema_forbids_is_refused_at_its_place(tmp_path, changes, message):
    assert message in refused(tmp_path, changed(**changes))


@pytest.mark.parametrize("key", ["title", "splits", "datasets", "models", "losses", "runs"])
def test_a_missing_key_is_refused_by_name(tmp_path, key):
    study = {name: value for name, value in STUDY.items() if name != key}
    assert f"'{key}' is a required property" in refused(tmp_path, study)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "lr: 1e-4",
            "lr: '1e-4' is text, expected a number; YAML reads 1e-4 as text, write 1.0e-4",
        ),
        ("lr: 0", "lr: 0 is less than or equal to the minimum of 0"),
        ("epoch: 4", "unknown key 'epoch'; did you mean 'epochs'?"),
        ("optimizer: adma", "optimizer: 'adma' is not one of ['adam', 'adamw', 'sgd']"),
        ("batch_size: 1", "batch_size: 1 is less than the minimum of 2"),
        ("epochs: 2.5", "epochs: 2.5 is not of type 'integer'"),
        ("hardware: {thread: 2}", "hardware: unknown key 'thread'; did you mean 'threads'?"),
    ],
)
def test_what_a_recipe_may_not_say_is_refused_in_its_file(tmp_path, line, message):
    lines = yaml.safe_dump({key: RECIPE[key] for key in RECIPE if key != line.split(":")[0]})
    found = refused(tmp_path, short=lines + line)
    assert found.startswith("config/recipes/short.yaml: ")
    assert message in found


def test_a_prior_recipe_is_held_against_its_own_schema(tmp_path):
    found = refused(tmp_path, prior={**RECIPE, "kind": "pooled"})
    assert found.startswith("config/recipes/prior.yaml: ")
    found = refused(tmp_path / "other", short={**RECIPE, "kind": "pooled"})
    assert "config/recipes/short.yaml: unknown key 'kind'" in found


@pytest.mark.parametrize(
    ("place", "known", "near"),
    [
        ("runs__0__datasets", "demo, demo_mixed", "demo"),
        ("runs__0__models", "tiny, resnet18, with_prior", "tiny"),
        ("runs__0__losses", "mse, norm_in_norm", "mse"),
        ("runs__0__also_test_on", "demo, demo_mixed", "demo"),
    ],
)
def test_a_label_that_the_study_does_not_declare_is_refused(tmp_path, place, known, near):
    found = refused(tmp_path, changed(**{place: [near + "e"]}))
    where = place.replace("__", ".")
    assert f"studies/small.yaml: {where}: '{near}e' is not declared in this study" in found
    assert f"which declares {known}; did you mean '{near}'?" in found


def test_a_recipe_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    found = refused(tmp_path, changed(runs__0__recipes=["shrt"]))
    assert "recipes/shrt.yaml does not exist; the recipes there are prior, short" in found


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"losses__mse": {"name": "msee"}}, "losses.mse: there is no 'msee'; biqa has "),
        ({"models__resnet18": {"name": "resnet19"}}, "did you mean 'resnet18'?"),
        ({"datasets__dmo": {"size": "native"}}, "datasets.dmo: there is no 'dmo'"),
    ],
)
def test_a_name_that_biqa_lacks_is_refused(tmp_path, changes, message):
    assert message in refused(tmp_path, changed(**changes))


def test_a_name_may_be_promised_until_it_is_there(tmp_path):
    promised = changed(losses__mse={"name": "tomorrow"}, not_there_yet=["tomorrow"])
    check_names(load_study(write_study(tmp_path / "one", promised)))
    kept = changed(not_there_yet=["norm_in_norm"])
    found = refused(tmp_path / "two", kept)
    assert "not_there_yet: 'norm_in_norm' is there; take it off the list" in found


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"models__with_prior__prior": "other"},
            "models.with_prior.prior: 'other' is not declared",
        ),
        ({"priors__pooled__model": "other"}, "priors.pooled.model: 'other' is not declared"),
        ({"priors__pooled__dataset": "other"}, "priors.pooled.dataset: 'other' is not declared"),
        (
            {"priors__pooled__dataset": ["demo", "other"]},
            "priors.pooled.dataset: 'other' is not declared",
        ),
        ({"priors__pooled__model": "with_prior"}, "'with_prior' itself starts from a prior"),
    ],
)
def test_priors_name_what_the_study_declares(tmp_path, changes, message):
    assert message in refused(tmp_path, changed(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"test": 0.3}, "protocol 'sixty': train, validation and test sum to 1.1, expected 1"),
        ({"test": 0.4, "validation": 0}, "choose is best_validation, but validation is 0"),
        ({"train": 0.8, "test": 0}, "protocol 'sixty': test is 0, expected a fraction above 0"),
    ],
)
def test_a_protocol_that_cannot_be_followed_is_refused(tmp_path, changes, message):
    recipe = {**RECIPE, "protocol": {**RECIPE["protocol"], **changes}}
    assert message in refused(tmp_path, short=recipe)


def two_recipes(**changes):
    other = {**RECIPE, "epochs": 3, "protocol": {**RECIPE["protocol"], **changes}}
    return changed(runs__0__recipes=["short", "long"]), other


def test_two_protocols_of_one_name_are_refused(tmp_path):
    study, other = two_recipes(train=0.7, test=0.1)
    found = refused(tmp_path, study, long=other)
    assert "recipes 'long' and 'short' both name their protocol 'sixty' but differ" in found


def test_one_protocol_in_two_recipes_is_fine(tmp_path):
    study, other = two_recipes()
    assert len(runs_of(load_study(write_study(tmp_path, study, long=other)))) == 2 * 2 * 2 + 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: [", "small.yaml is not YAML: "),
        ("- a\n- b\n", "small.yaml holds list, expected a mapping"),
        ("", "small.yaml holds NoneType, expected a mapping"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text, message):
    file = write_study(tmp_path)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_study(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_study_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    file = write_study(tmp_path)
    with pytest.raises(InputError, match=r"smal\.yaml does not exist; there are small"):
        load_study(file.with_name("smal.yaml"))


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.stem)
def test_the_studies_of_the_repository_load(file):
    assert runs_of(read_all(file))


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.stem)
def test_every_recipe_and_declared_label_of_the_repository_is_used(file):
    study = load_study(file)
    runs = list(runs_of(study).values())
    watched = set(study.raw.get("theory", {}).get("losses", []))
    assert {run.loss for run in runs} | watched == set(study.raw["losses"])
    starting = {study.priors[prior]["model"] for prior in study.priors}
    assert {run.model for run in runs} | starting == set(study.raw["models"])
    used = {study.raw["models"][run.model].get("prior") for run in runs} - {None}
    assert used == set(study.priors)


def test_no_recipe_of_the_repository_is_left_over():
    studies = [load_study(file) for file in STUDIES]
    used = {
        file for study in studies for file in (*study.recipe_files(), *study.prior_recipe_files())
    }
    assert used == {f"config/recipes/{file.name}" for file in (CONFIG / "recipes").glob("*.yaml")}


@pytest.mark.parametrize(
    ("watched", "message"),
    [
        ({"model": "tinny"}, "theory.model: 'tinny' is not declared in this study"),
        ({"losses": ["dcq"]}, "theory.losses: 'dcq' is not declared in this study"),
        ({"model": "with_prior"}, "theory.model: 'with_prior' starts from a prior; name another"),
        ({"every": 0}, "theory.every: 0 is less than the minimum of 1"),
    ],
)
def test_what_theory_cannot_watch_is_refused(tmp_path, watched, message):
    usual = {"dataset": "demo", "model": "tiny", "recipe": "short", "losses": ["mse"], "every": 1}
    study = changed(theory={**usual, **watched})
    with pytest.raises(InputError, match=re.escape(message)):
        theory_spec(load_study(write_study(tmp_path, study)))


def test_the_statements_of_the_papers_are_read_and_unknown_keys_refused(tmp_path):
    statements = read_statements(CONFIG / "statements.yaml")
    assert {one["paper"] for one in statements.values()} == {"DCQ", "Norm-in-Norm", "ours"}
    for one in statements.values():
        one["equal"] = 1
        break
    file = tmp_path / "statements.yaml"
    file.write_text(yaml.safe_dump({"statements": statements}), encoding="utf-8")
    with pytest.raises(InputError, match=r"unknown key 'equal'; did you mean 'equals'\?"):
        read_statements(file)
