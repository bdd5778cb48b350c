"""dvc.yaml is written for one study; what it states of it is what Snakemake does."""

import re
import shlex
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from biqa.__main__ import main
from biqa.errors import InputError
from biqa.seam.lock import HELD
from biqa.workflow.chosen import chosen_study
from biqa.workflow.dvc_stages import refuse_outdated, stages_text
from biqa.workflow.plan import Plan
from biqa.workflow.sources import PACKAGE, imported

ROOT = Path(__file__).parent.parent
STUDIES = sorted(path.stem for path in (ROOT / "config/studies").glob("*.yaml"))


@cache
def plan_of(study: str) -> Plan:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return Plan.of({"study": study})


def written(study: str) -> dict[str, dict[str, Any]]:
    """Return the stages of a study by their names without the study's."""
    content = yaml.safe_load(stages_text(plan_of(study)))
    assert content["vars"] == [{"study": study}]
    return {name.removeprefix(f"{study}-"): stage for name, stage in content["stages"].items()}


STAGES = {study: written(study) for study in STUDIES}
ALL = [
    pytest.param(study, stage, id=f"{study}-{name}")
    for study, stages in STAGES.items()
    for name, stage in stages.items()
]


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


def made_by(stage: dict[str, Any]) -> list[str]:
    return [*paths(stage["outs"]), *paths(stage.get("metrics", []))]


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


def test_the_stages_of_this_repository_are_those_of_the_chosen_study(monkeypatch):
    monkeypatch.chdir(ROOT)
    text = Path("dvc.yaml").read_text("utf-8")
    assert text == stages_text(Plan.of({})), "run 'python -m biqa study <name>' again"


def test_both_doors_have_the_study_from_one_place(monkeypatch, tmp_path, capsys):
    assert chosen_study(ROOT / "dvc.yaml") == "demo"
    (tmp_path / "config").symlink_to(ROOT / "config")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"dvc\.yaml does not exist, so no study is chosen; name"):
        Plan.of({})
    assert main(["study", "livec"]) == 0
    assert "--config study=livec " in Path("dvc.yaml").read_text("utf-8")
    assert Plan.of({}).study.name == "livec"
    assert main(["study"]) == 0
    said = f"snakemake and dvc repro build livec: {Plan.of({}).study.title}\n"
    assert capsys.readouterr().out == 2 * said
    Path("dvc.yaml").write_text("stages: {}\n")
    with pytest.raises(InputError, match=r"dvc\.yaml: vars names no study; name one"):
        Plan.of({})


def test_stages_that_the_study_has_left_behind_are_refused(demo, tmp_path):
    file = tmp_path / "dvc.yaml"
    file.write_text(stages_text(demo))
    refuse_outdated(demo, file)
    datasets = {**demo.study.raw["datasets"], "kadid10k": {"size": "1x1"}}
    longer = replace(demo, study=replace(demo.study, raw={**demo.study.raw, "datasets": datasets}))
    with pytest.raises(InputError, match="not what study 'demo' needs; 'python -m biqa study"):
        refuse_outdated(longer, file)


def test_the_snakefile_compares_the_stages_when_dvc_restamp_or_seal_call_it():
    text = (ROOT / "Snakefile").read_text("utf-8")
    assert HELD == "BIQA_LOCK_HELD"
    assert 'if {"DVC_STAGE", HELD} & set(os.environ):' in text
    assert '    refuse_outdated(plan, Path("dvc.yaml"))\n' in text


def needs_kodak(plan: Plan) -> bool:
    """Say whether a method learns from the photographs, or a dataset is made of them."""
    bases = [plan.baselines.basis_of(method) for method in plan.baselines.labels()]
    return "kodak" in bases or "kodak_distorted" in plan.study.raw["datasets"]


def absent(study: str) -> set[str]:
    """Return the rules that a study has no job for."""
    plan = plan_of(study)
    models, crafted = plan.study.raw["models"], plan.baselines.labels()
    return {
        *([] if plan.generated else ["generate"]),
        *([] if plan.downloaded else ["download"]),
        *([] if any(plan.weights_file(model) for model in models) else ["weights"]),
        *([] if plan.study.priors else ["prior", "priors"]),
        *([] if plan.gradient_files() else ["maps", "gradient_maps"]),
        *([] if plan.stems else ["stem"]),
        "no_such_target",
        *([] if plan.subsets_file() else ["subsets"]),
        *([] if plan.theory else ["gradients", "theory"]),
        *([] if plan.network_runs else ["train", "predict", "models", "predictions"]),
        *([] if plan.baselines.labels() else ["features", "baseline"]),
        *([] if any(plan.baselines.basis_file(one) for one in crafted) else ["basis"]),
        *([] if needs_kodak(plan) else ["pristine"]),
    }


@pytest.mark.parametrize("study", STUDIES)
def test_every_rule_belongs_to_exactly_one_stage(study):
    allowed = [rule for stage in STAGES[study].values() for rule in call(stage).allowed]
    assert sorted([*allowed, *absent(study)]) == sorted(bodies())


@pytest.mark.parametrize(("study", "stage"), ALL)
def test_a_stage_asks_for_targets_of_its_own(study, stage):
    asked = call(stage)
    targets = [target for target in asked.targets if "/" not in target]
    assert asked.targets
    assert set(targets) <= set(asked.allowed)
    for target in targets:
        assert "output:" not in bodies()[target], f"{target} is a job and not a target"
    assert all(under(path, paths(stage["outs"])) for path in set(asked.targets) - set(targets))


@pytest.mark.parametrize(("study", "stage"), ALL)
def test_a_stage_names_its_study_and_leaves_the_cores_to_the_profile(study, stage):
    profile = ["--workflow-profile", "workflow/profiles/dvc"]
    assert call(stage).options == ["snakemake", *profile, "--config", f"study={study}"]


@pytest.mark.parametrize(("study", "stage"), ALL)
def test_a_stage_depends_on_all_code_that_its_rules_run(study, stage):
    found = [re.findall(r"python -m biqa (\w+)", bodies()[rule]) for rule in call(stage).allowed]
    steps = [f"biqa.commands.{step}" for names in found for step in names]
    assert steps
    files = {source_paths(module) for module in imported(steps)} | {"src/biqa/workflow"}
    assert [path for path in sorted(files) if not under(path, stage["deps"])] == []


@pytest.mark.parametrize(("study", "stage"), ALL)
def test_a_stage_depends_on_the_rules_that_it_runs(study, stage):
    (rule_file,) = [path for path in stage["deps"] if path.endswith(".smk")]
    own = set(re.findall(r"^ *rule (\w+):", (ROOT / rule_file).read_text("utf-8"), re.MULTILINE))
    assert set(call(stage).allowed) - {"all"} == own - absent(study)


def test_a_stage_reads_what_others_make_as_files():
    stages = STAGES["demo"].items()
    stage_of = {rule: name for name, stage in stages for rule in call(stage).allowed}
    reached = {
        (rule, other)
        for rule, body in bodies().items()
        for other in re.findall(r"\brules\.(\w+)\.output", body)
        if stage_of.get(rule) != stage_of.get(other)
    }
    assert reached == set(), "rules.<name>.output runs that rule even where it is not allowed"


@pytest.mark.parametrize("study", STUDIES)
def test_what_a_stage_depends_on_is_in_the_repository_or_made_before(study):
    made: list[str] = []
    for name, stage in STAGES[study].items():
        for path in stage["deps"]:
            if path.startswith(("data/", "results/")):
                assert under(path, made), f"{name}: no earlier stage makes {path}"
            else:
                assert (ROOT / path).exists(), f"{name}: there is no {path}"
        made += made_by(stage)


def demo_runs(demo: Plan, *, handcrafted: bool) -> list[str]:
    """Return the folders of the runs of networks, or of hand-crafted methods.

    The dataset demo has both, so its folders are those of models; demo_mixed has networks alone.
    """
    ours = re.compile(demo.runs_of(handcrafted=handcrafted))
    runs = [Path(path).parts for path in demo.runs if ours.fullmatch(path)]
    folders = {"/".join(parts[:2]) if parts[0] == "demo" else parts[0] for parts in runs}
    return [f"results/demo/runs/{folder}" for folder in folders]


def test_the_stages_own_all_that_the_study_makes(demo):
    made = {name: made_by(stage) for name, stage in STAGES["demo"].items()}
    datasets = list(demo.study.raw["datasets"])
    expected = {
        "data": [
            *(f"data/archives/{dataset}.archive" for dataset in datasets),
            *(f"data/verified/{dataset}.json" for dataset in datasets),
            *(demo.prepared(dataset) for dataset in datasets),
            *sorted({str(Path(demo.split_file(run)).parents[1]) for run in demo.runs.values()}),
        ],
        "pretrain": ["results/demo/priors"],
        "train": demo_runs(demo, handcrafted=False),
        "baselines": ["results/demo/features", *demo_runs(demo, handcrafted=True)],
        "theory": made["theory"],  # of its own tests
        "evaluate": [
            f"results/demo/{name}"
            for name in ("curves", "curves.csv", "metrics.csv", "metrics.json")
        ],
        "publish": [
            f"results/demo/{name}"
            for name in ("claims.csv", "claims.json", "figures", "report", "tables")
        ],
    }
    order = {name: sorted(files) for name, files in made.items()}
    assert order == {name: sorted(files) for name, files in expected.items()}


@pytest.mark.parametrize("study", STUDIES)
def test_a_stage_follows_every_value_of_the_recipes_it_trains_with(study):
    loaded = plan_of(study).study
    learning = dict.fromkeys(("train", "baselines"), loaded.recipes)
    for name, recipes in {"pretrain": loaded.prior_recipes, **learning}.items():
        if name not in STAGES[study]:
            continue
        listed = STAGES[study][name]["params"]
        whole = {file for entry in listed for file, keys in entry.items() if keys is None}
        assert whole == set(loaded.recipe_files(recipes))


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
    for prior in plan.priors:
        plan.prior_spec(prior)
        plan.weights_file(plan.prior_model(prior))
        plan.prior_split(prior)


def ask_of_train(plan: Plan) -> None:
    for path, run in plan.runs.items():
        plan.training_spec(run)
        plan.training_code(path)
        plan.weights_file(run.model)
        plan.prior_file(run)


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
    listed = STAGES["demo"][stage]["params"]
    keys = [entry.get("config/studies/demo.yaml", []) for entry in listed]
    assert watched.asked <= {key for listed in keys for key in listed}


def test_publishing_follows_the_whole_study():
    assert STAGES["demo"]["publish"]["params"] == [{"config/studies/demo.yaml": None}]


def test_the_profile_of_the_stages_is_the_default_one_with_cores():
    default, stages = (
        yaml.safe_load((ROOT / f"workflow/profiles/{name}/config.yaml").read_text("utf-8"))
        for name in ("default", "dvc")
    )
    assert stages == {**default, "cores": "all"}
