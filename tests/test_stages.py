"""dvc.yaml restates parts of the workflow; what it states is what Snakemake does."""

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from biqa.workflow.plan import Plan
from biqa.workflow.sources import PACKAGE, imported

ROOT = Path(__file__).parent.parent
STAGES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"]
NOT_IN_DEMO = {"download", "weights"}  # the demonstration study draws its pictures and weights
ALL = [pytest.param(stage, id=name) for name, stage in STAGES.items()]


class Call(NamedTuple):
    """What a stage's command asks of Snakemake."""

    options: list[str]
    allowed: list[str]
    targets: list[str]


def call(stage: dict[str, Any]) -> Call:
    words = shlex.split(stage["cmd"])
    rules, targets = words.index("--allowed-rules"), words.index("--")
    return Call(words[:rules], words[rules + 1 : targets], words[targets + 1 :])


def bodies() -> dict[str, str]:
    """Return the text of every rule, by name."""
    files = [ROOT / "Snakefile", *sorted((ROOT / "workflow/rules").glob("*.smk"))]
    parts = [re.split(r"^ *rule (\w+):\n", file.read_text("utf-8"), flags=re.M) for file in files]
    return {name: body for part in parts for name, body in zip(part[1::2], part[2::2], strict=True)}


def paths(entries: list[Any]) -> list[str]:
    """Return the paths of deps or outs; an out with settings is a mapping of one key."""
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


def under(path: str, roots: list[str]) -> bool:
    return any(path == root or path.startswith(f"{root}/") for root in roots)


def source_paths(module: str) -> str:
    """Return the file of a module, or the folder of a package: it may import by name."""
    place = PACKAGE.joinpath(*module.split(".")[1:])
    found = place if place.is_dir() else place.with_suffix(".py")
    return found.relative_to(ROOT).as_posix()


@pytest.fixture
def demo(monkeypatch) -> Plan:
    monkeypatch.chdir(ROOT)
    return Plan.of({"study": "demo"})


def test_every_rule_belongs_to_exactly_one_stage():
    allowed = [rule for stage in STAGES.values() for rule in call(stage).allowed]
    assert sorted([*allowed, *NOT_IN_DEMO]) == sorted(bodies())


@pytest.mark.parametrize("stage", ALL)
def test_a_stage_asks_for_targets_of_its_own(stage):
    asked = call(stage)
    assert asked.targets
    assert set(asked.targets) <= set(asked.allowed)
    for target in asked.targets:
        assert "output:" not in bodies()[target], f"{target} is a job and not a target"


@pytest.mark.parametrize("stage", ALL)
def test_a_stage_names_its_study_and_leaves_the_cores_to_the_profile(stage):
    profile = ["--workflow-profile", "workflow/profiles/dvc"]
    assert call(stage).options == ["snakemake", *profile, "--config", "study=demo"]


@pytest.mark.parametrize("stage", ALL)
def test_a_stage_depends_on_all_code_that_its_rules_run(stage):
    found = [re.findall(r"python -m biqa (\w+)", bodies()[rule]) for rule in call(stage).allowed]
    steps = [f"biqa.commands.{step}" for names in found for step in names]
    assert steps
    files = {source_paths(module) for module in imported(steps)} | {"src/biqa/workflow"}
    assert [path for path in sorted(files) if not under(path, stage["deps"])] == []


@pytest.mark.parametrize("stage", ALL)
def test_a_stage_depends_on_the_rules_that_it_runs(stage):
    (rule_file,) = [path for path in stage["deps"] if path.endswith(".smk")]
    own = set(re.findall(r"^ *rule (\w+):", (ROOT / rule_file).read_text("utf-8"), re.MULTILINE))
    assert set(call(stage).allowed) - {"all"} == own - NOT_IN_DEMO


def test_a_stage_reads_what_others_make_as_files():
    stage_of = {rule: name for name, stage in STAGES.items() for rule in call(stage).allowed}
    reached = {
        (rule, other)
        for rule, body in bodies().items()
        for other in re.findall(r"\brules\.(\w+)\.output", body)
        if stage_of.get(rule) != stage_of.get(other)
    }
    assert reached == set(), "rules.<name>.output runs that rule even where it is not allowed"


def test_what_a_stage_depends_on_is_in_the_repository_or_made_before():
    made: list[str] = []
    for name, stage in STAGES.items():
        for path in stage["deps"]:
            if path.startswith(("data/", "results/")):
                assert under(path, made), f"{name}: no earlier stage makes {path}"
            else:
                assert (ROOT / path).exists(), f"{name}: there is no {path}"
        made += paths(stage["outs"])


def test_the_stages_own_all_that_the_study_makes(demo):
    made = {name: paths(stage["outs"]) for name, stage in STAGES.items()}
    datasets = list(demo.study.raw["datasets"])
    expected = {
        "data": [
            *(f"data/archives/{dataset}.archive" for dataset in datasets),
            *(f"data/verified/{dataset}.json" for dataset in datasets),
            *(demo.prepared(dataset) for dataset in datasets),
            *sorted({str(Path(demo.split_file(run)).parents[1]) for run in demo.runs.values()}),
        ],
        "pretrain": ["results/demo/priors"],
        "train": ["results/demo/runs"],
        "evaluate": ["results/demo/curves.csv", "results/demo/metrics.csv"],
        "publish": [
            f"results/demo/{name}"
            for name in ("claims.csv", "claims.json", "figures", "report", "tables")
        ],
    }
    assert made == expected


def files_of(recipes):
    """Return the recipes that are files; points of a sweep are declared in the study."""
    return {name for name in recipes if (ROOT / f"config/recipes/{name}.yaml").is_file()}


def test_recipes_are_dependencies_of_the_stage_that_follows_them(demo):
    recipes = {
        name: {Path(path).stem for path in stage["deps"] if path.startswith("config/recipes/")}
        for name, stage in STAGES.items()
    }
    assert recipes["pretrain"] == files_of(demo.study.prior_recipes)
    assert recipes["train"] == files_of(demo.study.recipes)


class Watched(dict):
    """A study's content that notes which keys are asked for."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def ask_of_data(plan: Plan) -> None:
    for dataset in plan.generated:
        plan.prepared(dataset)
    for run in plan.runs.values():
        plan.split_file(run)
    assert plan.study.seed
    plan.study.raw.asked -= {"losses", "models"}  # read to check names; no split depends on them


def ask_of_pretrain(plan: Plan) -> None:
    for prior in plan.study.priors:
        plan.prior_spec(prior)
        plan.weights_file(plan.prior_entry(prior)["model"])


def ask_of_train(plan: Plan) -> None:
    for path, run in plan.runs.items():
        plan.training_spec(run)
        plan.training_code(path)
        plan.weights_file(run.model)
        plan.prior_file(run.model)


def ask_of_evaluate(plan: Plan) -> None:
    plan.evaluation_key()


@pytest.mark.parametrize(
    ("stage", "ask"),
    [
        ("data", ask_of_data),
        ("pretrain", ask_of_pretrain),
        ("train", ask_of_train),
        ("evaluate", ask_of_evaluate),
    ],
)
def test_a_stage_follows_the_parts_of_the_study_that_its_rules_read(stage, ask, demo):
    watched = Watched(demo.study.raw)
    ask(Plan(replace(demo.study, raw=watched), demo.archives, demo.weights))
    keys = [entry.get("config/studies/demo.yaml", []) for entry in STAGES[stage]["params"]]
    assert watched.asked <= {key for listed in keys for key in listed}


def test_publishing_follows_the_whole_study():
    assert "config/studies/demo.yaml" in STAGES["publish"]["deps"]


def test_the_profile_of_the_stages_is_the_default_one_with_cores():
    default, stages = (
        yaml.safe_load((ROOT / f"workflow/profiles/{name}/config.yaml").read_text("utf-8"))
        for name in ("default", "dvc")
    )
    assert stages == {**default, "cores": "all"}
