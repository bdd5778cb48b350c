"""A study may name a recipe, loss or model with other values, one by one or as a sweep."""

from pathlib import Path

import pytest
from small_study import changed, write_study

from biqa.errors import InputError
from biqa.workflow.priors import Prior, prior_spec
from biqa.workflow.runs import runs_of, training_spec
from biqa.workflow.study import load_study, read_study

BLOCK = {"datasets": ["demo"], "models": ["tiny"], "losses": ["mse"], "recipes": ["short"]}
BATCHES = {"recipe": "short", "values": {"batch_size": [8, 16, 32]}}
EXPONENTS = {"loss": "norm_in_norm", "values": {"p": [1, 2], "q": [2]}}
TASKS = {
    "model": "with_prior",
    "values": {"prior.tasks_per_step": [3, 5], "prior.inner_steps": [6]},
}


def study_of(folder, *, sweeps=None, recipes=None, runs=(BLOCK,), **changes):
    """Return the small study with sweeps and variants."""
    added = {"sweeps": sweeps or {}} | ({"recipes": recipes} if recipes else {})
    file = write_study(folder, changed(runs=list(runs), **changes, **added))
    return load_study(file)


def refused(folder, **changes):
    with pytest.raises(InputError) as caught:
        study_of(folder, **changes)
    return str(caught.value)


def test_a_variant_is_its_recipe_with_other_values(tmp_path):
    variants = {"slow": {"of": "short", "with": {"lr": 0.1, "views.crop": 16}}}
    study = study_of(tmp_path, recipes=variants, runs=[{**BLOCK, "recipes": ["short", "slow"]}])
    one, other = study.recipes["short"], study.recipes["slow"]
    assert (other.lr, other.views.crop) == (0.1, 16)
    assert (other.batch_size, other.views.flip) == (one.batch_size, one.views.flip)
    assert "demo/tiny/mse/slow/split0" in runs_of(study)


def test_a_sweep_of_a_recipe_is_a_run_for_each_value(tmp_path):
    study = study_of(
        tmp_path, sweeps={"batches": BATCHES}, runs=[{**BLOCK, "recipes": ["batches"]}]
    )
    sizes = {
        run.recipe: training_spec(study, run)["recipe"]["batch_size"]
        for run in runs_of(study).values()
    }
    assert sizes == {"short.batch_size-8": 8, "short": 16, "short.batch_size-32": 32}


def test_a_sweep_of_a_loss_takes_all_combinations_of_its_options(tmp_path):
    values = {"p": [1, 2], "q": [1, 2]}
    sweeps = {"exponents": {"loss": "norm_in_norm", "values": values}}
    study = study_of(tmp_path, sweeps=sweeps, runs=[{**BLOCK, "losses": ["exponents"]}])
    found = {run.loss: training_spec(study, run)["loss"] for run in runs_of(study).values()}
    assert found == {
        f"norm_in_norm.p-{p}.q-{q}": {"name": "norm_in_norm", "options": {"p": p, "q": q}}
        for p in (1, 2)
        for q in (1, 2)
    }


def test_a_sweep_of_a_model_may_be_over_the_recipe_of_its_prior(tmp_path):
    study = study_of(tmp_path, sweeps={"tasks": TASKS}, runs=[{**BLOCK, "models": ["tasks"]}])
    models = {run.model: training_spec(study, run)["model"] for run in runs_of(study).values()}
    swept = "tasks_per_step-3.inner_steps-6"
    assert list(models) == [f"with_prior.{swept}", "with_prior"]
    assert models[f"with_prior.{swept}"]["prior"] == {"name": f"pooled.{swept}", "kind": "pooled"}
    assert models["with_prior"]["prior"]["name"] == "pooled"
    assert prior_spec(study, Prior(f"pooled.{swept}", ("demo",)))["recipe"]["tasks_per_step"] == 3
    assert prior_spec(study, Prior("pooled", ("demo",)))["recipe"]["tasks_per_step"] == 5


def test_options_of_a_model_can_be_swept(tmp_path):
    sweeps = {"kernels": {"model": "tiny", "values": {"kernels": [2, 4]}}}
    study = study_of(tmp_path, sweeps=sweeps, runs=[{**BLOCK, "models": ["kernels"]}])
    specs = {run.model: training_spec(study, run)["model"] for run in runs_of(study).values()}
    assert specs["tiny.kernels-2"]["options"] == {"kernels": 2, "hidden": [4, 4]}
    assert list(specs) == ["tiny.kernels-2", "tiny"]


def test_sweeps_leave_the_specs_of_other_runs_alone(tmp_path):
    plain = load_study(write_study(tmp_path / "plain"))
    study = changed(sweeps={"b": BATCHES, "e": EXPONENTS, "t": TASKS})
    swept = load_study(write_study(tmp_path / "swept", study))
    assert {path: training_spec(plain, run) for path, run in runs_of(plain).items()} == {
        path: training_spec(swept, run) for path, run in runs_of(swept).items()
    }


def test_a_study_without_sweeps_is_read_as_it_is_written(tmp_path):
    assert read_study(write_study(tmp_path)) == changed()


def test_the_points_of_a_sweep_say_label_and_values(tmp_path):
    sweeps = {"batches": BATCHES, "tasks": TASKS}
    raw = study_of(tmp_path, sweeps=sweeps).raw
    assert raw["sweeps"]["batches"]["points"] == {
        "short.batch_size-8": {"batch_size": 8},
        "short": {"batch_size": 16},
        "short.batch_size-32": {"batch_size": 32},
    }
    assert list(raw["sweeps"]["tasks"]["points"].values())[1] == {
        "prior.tasks_per_step": 5,
        "prior.inner_steps": 6,
    }


def test_a_table_names_a_sweep_and_its_rows_are_called_by_their_values(tmp_path):
    table = {"title": "T", "paper": "DCQ", "rows": "recipe", "metrics": ["srcc"]}
    tables = {"t": {**table, "recipes": ["batches"], "row_labels": {"short": "as printed"}}}
    raw = study_of(tmp_path, sweeps={"batches": BATCHES}, tables=tables).raw
    labels = ["short.batch_size-8", "short", "short.batch_size-32"]
    assert raw["tables"]["t"]["recipes"] == labels
    assert raw["tables"]["t"]["row_labels"] == dict(
        zip(labels, ["batch size 8", "as printed", "batch size 32"], strict=True)
    )


def test_small_and_listed_values_make_labels(tmp_path):
    sweeps = {
        "rates": {"recipe": "short", "values": {"lr": [1.0e-05, 0.25]}},
        "betas": {"recipe": "short", "values": {"betas": [[0.9, 0.99]]}},
        "crops": {"recipe": "short", "values": {"views.crop": [8]}},
    }
    points = [list(s["points"]) for s in study_of(tmp_path, sweeps=sweeps).raw["sweeps"].values()]
    rates, betas, crops = points
    assert rates == ["short.lr-1e-05", "short.lr-0.25"]
    assert (betas, crops) == (["short.betas-0.9_0.99"], ["short.crop-8"])


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ({"recipe": "short", "values": {"batchsize": [8]}}, "'batchsize'; did you mean"),
        ({"recipe": "short", "values": {"lr": ["1e-4"]}}, "lr: '1e-4' is text"),
        ({"recipe": "shrt", "values": {"lr": [0.1]}}, "the recipes there are prior, short"),
        ({"loss": "mae", "values": {"p": [1]}}, "sweeps.s.loss: 'mae' is not declared"),
        ({"model": "tiny", "values": {"prior.lr": [1.0]}}, "start"),
        ({"recipe": "short", "values": {"lr.x": [1]}}, "'lr.x' is no key of a recipe"),
        ({"recipe": "short", "values": {"lr": [0.12345671, 0.12345672]}}, "are both called"),
        ({"recipe": "short", "loss": "mse", "values": {"lr": [1]}}, "sweeps.s"),
        ({"recipe": "short", "values": {}}, "sweeps.s.values"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_at_its_place(tmp_path, sweep, message):
    found = refused(tmp_path, sweeps={"s": sweep})
    assert message in found
    assert "small.yaml" in found or "recipes there" in found


@pytest.mark.parametrize("name", ["short", "tiny", "mse"])
def test_a_sweep_does_not_take_a_name_that_is_taken(tmp_path, name):
    assert "give the sweep another name" in refused(tmp_path, sweeps={name: BATCHES})


def test_a_variant_does_not_take_the_name_of_a_file(tmp_path):
    recipes = {"short": {"of": "short", "with": {"lr": 0.1}}}
    found = refused(tmp_path, recipes=recipes)
    assert "recipes.short: there is a file of that name" in found


def test_a_variant_is_held_against_the_schema(tmp_path):
    recipes = {"quick": {"of": "short", "with": {"epoch": 1}}}
    found = refused(tmp_path, recipes=recipes, runs=[{**BLOCK, "recipes": ["quick"]}])
    assert "small.yaml: recipes.quick: unknown key 'epoch'; did you mean 'epochs'?" in found


def test_a_variant_can_be_swept(tmp_path):
    recipes = {"quick": {"of": "short", "with": {"epochs": 1}}}
    sweeps = {"rates": {"recipe": "quick", "values": {"lr": [0.5]}}}
    runs = [{**BLOCK, "recipes": ["rates"]}]
    study = study_of(tmp_path, recipes=recipes, sweeps=sweeps, runs=runs)
    recipe = study.recipes["quick.lr-0.5"]
    assert (recipe.epochs, recipe.lr) == (1, 0.5)


def test_a_point_that_two_sweeps_share_is_called_after_the_sweep_that_is_shown():
    file = Path(__file__).parents[2] / "config" / "studies" / "demo.yaml"
    tables = read_study(file)["tables"]
    assert list(tables["dcq_table5"]["row_labels"].values()) == [
        *("batch size 8", "batch size 16", "batch size 64")
    ]
