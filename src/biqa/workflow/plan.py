"""What the Snakefile asks: paths, specs and code digests of one study."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from biqa.datasets import is_generated
from biqa.datasets import known as known_datasets
from biqa.errors import InputError
from biqa.publishing.artefacts import selected_runs
from biqa.recipes import Hardware, Recipe, plain
from biqa.workflow import catalogue
from biqa.workflow.baselines import Baselines, spec_of
from biqa.workflow.chosen import chosen_study
from biqa.workflow.code import Code
from biqa.workflow.names import check_names
from biqa.workflow.priors import Prior, prior_of, prior_spec, priors_of
from biqa.workflow.runs import Run, runs_of, splits_by_names, theory_spec
from biqa.workflow.stems import Stems
from biqa.workflow.study import Study, load_study

KODAK = "data/pristine/kodak.zip"
CONFIG_KEYS = ("study", "archives", "weights")
RUN_FILES = ("weights.safetensors", "history.csv", "epochs.csv.gz", "record.json")


@dataclass(frozen=True)
class Plan:
    """One study as a graph of files. Everything is a function of the study file and the code."""

    study: Study
    archives: str  # folders of official archives, from the configuration
    weights: str  # folders of weights files

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Plan":
        """Read the study that ``--config study=<name>`` names; default: the one of dvc.yaml."""
        unknown = sorted(set(config) - set(CONFIG_KEYS))
        if unknown:
            raise InputError(
                f"--config: unknown key {unknown[0]!r}; the keys are {', '.join(CONFIG_KEYS)}"
            )
        name = config.get("study") or chosen_study(Path("dvc.yaml"))
        study = load_study(Path("config/studies") / f"{name}.yaml")
        check_names(study)
        plan = cls(study, str(config.get("archives", "")), str(config.get("weights", "")))
        plan.baselines.check(plan.runs.values())
        _ = plan.stems  # naming them checks them
        return plan

    @cached_property
    def generated(self) -> list[str]:
        """The datasets that biqa draws itself."""
        known = set(known_datasets()) & set(self.study.raw["datasets"])
        return [name for name in self.study.raw["datasets"] if name in known and is_generated(name)]

    @cached_property
    def downloaded(self) -> list[str]:
        """The datasets that come from their owners."""
        return [name for name in self.study.raw["datasets"] if name not in self.generated]

    def pristine_input(self, dataset: str) -> list[str]:
        """Return the archive of photographs that a dataset biqa draws is made of, if it is."""
        module = import_module(f"biqa.datasets.{dataset}")
        return [KODAK] if module.GENERATED.pristine == "kodak" else []

    def pristine_files(self) -> list[str]:
        """Return the archives of photographs that datasets or methods of the study start from."""
        drawn = [file for dataset in self.generated for file in self.pristine_input(dataset)]
        bases = [self.basis_input(method) for method in self.baselines.labels()]
        return sorted({*drawn, *(file for files in bases for file in files if file == KODAK)})

    @property
    def results(self) -> str:
        """The folder of the study's results."""
        return f"results/{self.study.name}"

    @cached_property
    def runs(self) -> dict[str, Run]:
        """All runs by path."""
        return runs_of(self.study)

    @cached_property
    def baselines(self) -> Baselines:
        """What is said of hand-crafted methods."""
        return Baselines(self.study, self.results)

    def runs_of(self, *, handcrafted: bool) -> str:
        """Return a pattern of the runs of hand-crafted methods, or of networks."""
        theirs = set(self.baselines.labels())
        labels = [label for label in self.study.raw["models"] if (label in theirs) == handcrafted]
        names = "|".join(map(re.escape, labels))
        return rf"[^/]+/(?:{names})/[^/]+/[^/]+/split[0-9]+" if labels else "^$"

    @cached_property
    def code(self) -> Code:
        """Digests of the code of each step."""
        return Code(self.study)

    def prepared(self, dataset: str) -> str:
        """Return the folder of a dataset's pictures in the study's size."""
        return f"data/prepared/{dataset}/{self.study.raw['datasets'][dataset]['size']}"

    def split_file(self, run: Run) -> str:
        """Return the split of a run."""
        protocol = self.study.recipes[run.recipe].protocol.name
        return self.study.split_file(run.dataset, protocol, run.split)

    def protocol(self, name: str) -> str:
        """Return a protocol as JSON."""
        found = (recipe.protocol for recipe in self.study.recipes.values())
        return json.dumps(plain(next(one for one in found if one.name == name)), sort_keys=True)

    def weights_file(self, model: str) -> list[str]:
        """Return the weights file of a model, if it has one."""
        source = self.study.raw["models"][model].get("weights", "none")
        return [f"data/weights/{source[5:]}"] if source.startswith("file:") else []

    def prior_file(self, run: Run) -> list[str]:
        """Return the weights of the prior that a run starts from, if it does."""
        prior = prior_of(self.study, run)
        return [f"{self.results}/priors/{prior.path}/weights.safetensors"] if prior else []

    @cached_property
    def stems(self) -> Stems:
        """What recipes hold still of networks."""
        return Stems.of(self.study, self.runs)

    def basis_input(self, method: str) -> list[str]:
        """Return the file that a hand-crafted method's basis is learned from, if it is one."""
        source = self.baselines.basis_of(method)
        if source in self.study.raw["datasets"]:
            return [f"{self.prepared(source)}/facts.json"]
        return [KODAK] if source == "kodak" else []

    def basis_source(self, method: str) -> str:
        """Return the words that hand those pictures to the step."""
        source = self.baselines.basis_of(method)
        if source in self.study.raw["datasets"]:
            return f"--source {self.prepared(source)}"
        return f"--source {KODAK}" if source == "kodak" else ""

    def features_of(self, run: str) -> str:
        """Return the file of the features that a hand-crafted run starts from."""
        return self.baselines.features_file(self.runs[run].model, self.runs[run].dataset)

    def other_features_of(self, run: str) -> list[str]:
        """Return the files of the features of the other databases that it is tested on."""
        found = self.runs[run]
        return [self.baselines.features_file(found.model, other) for other in found.also_test_on]

    def training_spec(self, run: Run) -> str:
        """Return the spec of a training, or of a run of a hand-crafted method, as JSON."""
        return json.dumps(spec_of(self.study, run), sort_keys=True)

    @cached_property
    def priors(self) -> dict[str, Prior]:
        """All priors by path."""
        return priors_of(self.study)

    def prior_spec(self, prior: str) -> str:
        """Return the spec of a prior as JSON."""
        return json.dumps(prior_spec(self.study, self.priors[prior]), sort_keys=True)

    def prior_model(self, prior: str) -> str:
        """Return the model that a prior trains."""
        return self.study.priors[self.priors[prior].name]["model"]

    def prior_split(self, prior: str) -> list[str]:
        """Return the split whose training part a prior learns from, if it does."""
        one = self.priors[prior]
        parts = self.study.split_file(one.datasets[0], one.protocol, one.split)
        return [parts] if one.protocol else []

    def prior_pictures(self, prior: str) -> list[str]:
        """Return the folders of the databases that a prior learns from."""
        return [self.prepared(dataset) for dataset in self.priors[prior].datasets]

    @property
    def theory(self) -> dict[str, Any]:
        """What the study watches gradients of; empty where it does not."""
        return self.study.raw.get("theory", {})

    def theory_files(self, *names: str) -> list[str]:
        """Return the named files of the study's theory, if it has one."""
        return [f"{self.results}/theory/{name}" for name in names if self.theory]

    def theory_spec(self) -> str:
        """Return what is watched as JSON."""
        return json.dumps(theory_spec(self.study), sort_keys=True)

    def theory_split(self) -> str:
        """Return the split whose training part is watched, the first one."""
        return self.split_file(Run(self.theory["dataset"], "", "", self.theory["recipe"], 0))

    def hardware(self, run: str) -> Hardware:
        """Return what a run's recipe asks of the machine."""
        recipe = self.study.recipes[self.runs[run].recipe]
        assert isinstance(recipe, Recipe), f"{run} is of a hand-crafted method"
        return recipe.hardware

    def prior_hardware(self, prior: str) -> Hardware:
        """Return what a prior's recipe asks of the machine."""
        return self.study.prior_recipes[
            self.study.priors[self.priors[prior].name]["recipe"]
        ].hardware

    def prior_vram(self, prior: str) -> int:
        """Return the MB of a GPU that a prior's recipe declares, 0 where it does not."""
        return self.study.vram[self.study.priors[self.priors[prior].name]["recipe"]]

    def vram(self) -> dict[str, int]:
        """Return the MB of a GPU that each recipe and each prior declares, 0 where none."""
        needs = {f"recipe {name}": self.study.vram[name] for name in self.study.recipes}
        for prior, entry in self.study.priors.items():
            needs[f"prior {prior}"] = self.study.vram[entry["recipe"]]
        return needs

    def training_code(self, run: str) -> str:
        """Return the digest of the code that a training depends on."""
        return self.code.model("train", self.runs[run].model, self.runs[run].loss)

    @cached_property
    def network_runs(self) -> list[str]:
        """The runs that train a network; the others are of hand-crafted methods."""
        theirs = set(self.baselines.labels())
        return [path for path, run in self.runs.items() if run.model not in theirs]

    def run_files(self, *names: str, runs: Iterable[str] | None = None) -> list[str]:
        """Return the named files of the given runs, or of every run."""
        paths = self.runs if runs is None else runs
        return [f"{self.results}/runs/{path}/{name}" for path in paths for name in names]

    def curve_files(self) -> list[str]:
        """Return a file for each median curve: by dataset, model, recipe and loss."""
        names = (f"{run.dataset}/{run.model}/{run.recipe}/{run.loss}" for run in self.runs.values())
        return [f"{self.results}/curves/{name}.csv" for name in dict.fromkeys(names)]

    def evaluation_key(self) -> str:
        """Return what an evaluation depends on beside files: which runs there are."""
        return json.dumps(sorted(self.runs))

    def targets(self) -> list[str]:
        """Return the names of the study's tables and figures, each a target."""
        return list(catalogue.targets(self.study.raw))

    def target_files(self, name: str) -> list[str]:
        """Return all files of the tables and figures that a target of that name makes."""
        made = catalogue.targets(self.study.raw)[name]
        pairs = (catalogue.files_of(kind, [one], self.results) for kind, one in made)
        return [file for files in pairs for file in files]

    def files_of(self, kind: str) -> list[str]:
        """Return all files of the study's 'tables' or 'figures'."""
        return catalogue.files_of(kind, self.study.raw.get(kind, {}), self.results)

    def refuse(self, name: str) -> None:
        """Raise ``InputError`` for a target that is no rule, table or figure of the study."""
        catalogue.refuse(name, self.study.raw, self.study.file)

    def gradient_files(self, figure: str = "") -> list[str]:
        """Return the gradient maps that a figure shows; '': those of the report and all figures.

        They are of the first split. With ``gradient_maps`` a study asks for all its networks'.
        """
        named = {figure: self.study.figures[figure]} if figure else self.study.figures
        wanted = [one for one in named.values() if one["kind"] == "gradients"]
        if not figure and self.study.raw.get("gradient_maps"):
            wanted.append({})
        planned = splits_by_names(self.runs[path] for path in self.network_runs)
        paths: dict[str, None] = {}
        for one in wanted:
            for names, splits in selected_runs(planned, one, str(self.study.file)).items():
                paths["/".join((*names, f"split{min(splits)}"))] = None
        return [f"{self.results}/runs/{path}/gradients.npz" for path in paths]

    def published_files(self, kind: str, name: str) -> list[str]:
        """Return the file of printed numbers that a table or figure cites, if it does."""
        cited = self.study.raw[kind][name].get("published")
        return [f"config/published/{cited['table']}.csv"] if cited else []

    def subsets_file(self, table: str = "") -> list[str]:
        """Return the metrics on subsets, where those are the rows of a table; '': of any."""
        tables = [self.study.tables[table]] if table else self.study.tables.values()
        is_shown = any(one["rows"] == "subset" for one in tables)
        return [f"{self.results}/subsets.csv"] if is_shown else []

    def artefact(self, kind: str, name: str) -> str:
        """Return what a table or figure shows, and of which runs in which order, as JSON."""
        declared = self.study.raw[kind][name]
        return json.dumps([declared, list(self.study.raw["datasets"]), list(self.runs)])

    def declaration(self) -> str:
        """Return what the report quotes of the study file as JSON: all but who keeps files."""
        return json.dumps({key: part for key, part in self.study.raw.items() if key != "keep"})
