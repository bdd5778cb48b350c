"""dvc.yaml as one study needs it: five or six stages, each with its own rules and no others.

Written and not templated, because DVC takes variables in words and not in lists of files. The
stages carry the study's name, so that dvc.lock keeps what it knows of the other studies.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

from biqa.errors import InputError
from biqa.workflow.outputs import (
    baseline_outs,
    evaluation_outs,
    median_outs,
    plots,
    prepared_outs,
    published_outs,
    run_outs,
    run_paths,
    source_deps,
    theory_outs,
)
from biqa.workflow.plan import KODAK, Plan
from biqa.workflow.reading import read_yaml
from biqa.yaml_files import load_yaml

PROFILE = "workflow/profiles/dvc"
HEADER = """\
# Written by 'python -m biqa study {study}' for this study; both doors build it. Not to be edited.
# A stage may run its own rules and no others, so a missing file upstream is an error and not a
# silent training. DVC removes the outputs of a stage before it runs; what the rules log is none.
"""
Stage = dict[str, Any]


def stages_text(plan: Plan) -> str:
    """Return the text of dvc.yaml for a study."""
    body = yaml.dump(stages(plan), Dumper=_Plain, sort_keys=False, width=10_000, allow_unicode=True)
    return HEADER.format(study=plan.study.name) + body


class _Plain(yaml.SafeDumper):
    """Writes what occurs twice twice, without YAML's anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def refuse_outdated(plan: Plan, file: Path) -> None:
    """Refuse a dvc.yaml that is another study's, or that the study and the code have left behind.

    It would let DVC overlook files that Snakemake makes.
    """
    if load_yaml(file) != stages(plan):
        name = plan.study.name
        raise InputError(f"{file} is not what study {name!r} needs; 'python -m biqa study {name}'")


def stages(plan: Plan) -> dict[str, Any]:
    """Return the content of dvc.yaml: the study's name, its stages, and its plots."""
    study = plan.study
    makers: dict[str, Callable[[Plan], Stage]] = {
        "data": _data,
        **({"pretrain": _pretrain} if study.priors else {}),
        **({"train": _train} if plan.network_runs else {}),
        **({"baselines": _baselines} if plan.baselines.labels() else {}),
        "evaluate": _evaluate,
        **({"theory": _theory} if plan.theory else {}),
        "publish": _publish,
    }
    return {
        "vars": [{"study": study.name}],
        "stages": {f"{study.name}-{name}": make(plan) for name, make in makers.items()},
        "plots": plots(plan),
    }


def _data(plan: Plan) -> Stage:
    weights = sorted(
        {file for model in plan.study.raw["models"] for file in plan.weights_file(model)}
    )
    pristine = plan.pristine_files()
    steps = [
        *(["pristine"] if pristine else []),
        *(["generate"] if plan.generated else []),
        *(["download"] if plan.downloaded else []),
        *(["weights"] if weights else []),
        *("verify", "prepare", "split"),
    ]
    return _stage(
        plan,
        rule_file="data",
        steps=steps,
        targets=["data", "splits"],
        files=[*pristine, *weights],
        params=[
            _study_keys(plan, "datasets", "recipes", "runs", "seed", "splits", "sweeps"),
            *({file: ["protocol"]} for file in plan.study.recipe_files()),
        ],
        outs=prepared_outs(plan, [*pristine, *weights]),
    )


def _pretrain(plan: Plan) -> Stage:
    priors = plan.priors.values()
    weights = {file for prior in plan.priors for file in plan.weights_file(plan.prior_model(prior))}
    divisions = {plan.study.splits_of(prior.datasets[0]) for prior in priors if prior.protocol}
    keys = ["datasets", "models", "priors", "recipes", "sweeps"]
    return _stage(
        plan,
        rule_file="pretrain",
        steps=["prior"],
        targets=["priors"],
        deps=[
            *sorted({folder for path in plan.priors for folder in plan.prior_pictures(path)}),
            *sorted(divisions),
            *sorted(weights),
        ],
        params=[
            _study_keys(plan, *keys, *(["losses", "runs", "seed", "splits"] if divisions else [])),
            *({file: None} for file in plan.study.prior_recipe_files()),
            *({file: ["protocol"]} for file in plan.study.recipe_files() if divisions),
        ],
        outs=[f"{plan.results}/priors"],
    )


def _train(plan: Plan) -> Stage:
    runs = [plan.runs[path] for path in plan.network_runs]
    used = {name for run in runs for name in (run.dataset, *run.also_test_on)}
    weights = {file for run in runs for file in plan.weights_file(run.model)}
    return _stage(
        plan,
        rule_file="train",
        steps=[
            *(["stem"] if plan.stems else []),
            *("train", "predict"),
            *(["maps"] if plan.gradient_files() else []),
        ],
        targets=["models", "predictions", *(["gradient_maps"] if plan.gradient_files() else [])],
        deps=[
            *(plan.prepared(dataset) for dataset in plan.study.raw["datasets"] if dataset in used),
            *sorted({plan.study.splits_of(run.dataset) for run in runs}),
            *sorted(weights),
            *([f"{plan.results}/priors"] if plan.study.priors else []),
        ],
        params=[
            _study_keys(
                plan,
                "datasets",
                "losses",
                "models",
                "priors",
                "recipes",
                "runs",
                "seed",
                "splits",
                "sweeps",
            ),
            *({file: None} for file in plan.study.recipe_files()),
        ],
        outs=run_outs(plan),
    )


def _baselines(plan: Plan) -> Stage:
    methods = plan.baselines.labels()
    runs = [run for run in plan.runs.values() if run.model in methods]
    sources = {plan.baselines.basis_of(method) for method in methods}
    used = {name for run in runs for name in (run.dataset, *run.also_test_on)} | sources
    basis = any(plan.baselines.basis_file(method) for method in methods)
    return _stage(
        plan,
        rule_file="baselines",
        steps=[
            *(["basis"] if basis else []),
            *("features", "baseline"),
        ],
        targets=[],
        files=[f"{plan.results}/runs/{run.path}/record.json" for run in runs],
        deps=[
            *(plan.prepared(dataset) for dataset in plan.study.raw["datasets"] if dataset in used),
            *sorted({plan.study.splits_of(run.dataset) for run in runs}),
            *([KODAK] if "kodak" in sources else []),
        ],
        params=[
            _study_keys(plan, "datasets", "losses", "models", "recipes", "runs", "seed", "splits"),
            *({file: None} for file in plan.study.recipe_files()),
        ],
        outs=baseline_outs(plan),
    )


def _evaluate(plan: Plan) -> Stage:
    return _stage(
        plan,
        rule_file="evaluate",
        steps=["evaluate", "summary", *(["subsets"] if plan.subsets_file() else [])],
        targets=["metrics"],
        deps=run_paths(plan),
        params=[
            _study_keys(plan, "datasets", "losses", "models", "recipes", "runs", "splits", "sweeps")
        ],
        outs=evaluation_outs(plan),
        metrics=median_outs(plan),
    )


def _theory(plan: Plan) -> Stage:
    watched = plan.theory
    keys = ["datasets", "losses", "models", "recipes", "seed", "splits", "theory"]
    return _stage(
        plan,
        rule_file="theory",
        steps=["gradients", "theory"],
        targets=[],
        files=plan.theory_files("theory.csv"),
        deps=[
            "config/statements.yaml",
            plan.prepared(watched["dataset"]),
            plan.study.splits_of(watched["dataset"]),
            *plan.weights_file(watched["model"]),
        ],
        params=[
            _study_keys(plan, *keys),
            *({file: None} for file in plan.study.recipe_files([watched["recipe"]])),
        ],
        outs=theory_outs(plan),
    )


def _publish(plan: Plan) -> Stage:
    made = ("curves.csv", "metrics.csv", "metrics.json")
    configured = ("config/claims.yaml", "config/published")
    theory = [f"{plan.results}/theory"] if plan.theory else []
    return _stage(
        plan,
        rule_file="publish",
        steps=["claims", "table", "figure", "report"],
        targets=["all"],
        through=["verdicts", "tables", "figures"],
        deps=[
            *configured,
            *(f"{plan.results}/{name}" for name in made),
            *plan.subsets_file(),
            *theory,
            *run_paths(plan),
        ],
        params=[{str(plan.study.file): None}],  # all of its values; dvc exp changes the layout too
        outs=published_outs(plan),
    )


def _stage(
    plan: Plan,
    *,
    rule_file: str,
    steps: list[str],
    targets: list[str],
    through: Iterable[str] = (),
    files: Iterable[str] = (),
    deps: Iterable[str] = (),
    params: list[dict[str, Any]] | None = None,
    outs: list[Any],
    metrics: list[Any] | None = None,
) -> Stage:
    """Return one stage. A rule that makes files is called like the step of biqa that it runs.

    ``through`` are further rules without files of their own; ``files`` are asked for by name.
    """
    allowed = " ".join([*steps, *through, *targets])
    asked = " ".join([*targets, *files])
    called = f"snakemake --workflow-profile {PROFILE} --config study={plan.study.name}"
    stage = {
        "cmd": f"{called} --allowed-rules {allowed} -- {asked}",
        "deps": [f"workflow/rules/{rule_file}.smk", *source_deps(steps), *deps],
        "params": params,
        "outs": outs,
        "metrics": metrics,
    }
    return {key: value for key, value in stage.items() if value}


def _study_keys(plan: Plan, *keys: str) -> dict[str, list[str]]:
    """Return those keys of the study file that it has; DVC takes a missing one for an error."""
    there = read_yaml(plan.study.file)
    return {str(plan.study.file): [key for key in keys if key in there]}
