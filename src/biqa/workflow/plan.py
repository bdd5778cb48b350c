"""What the Snakefile asks: paths, specs and code digests of one study."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from biqa.datasets import is_generated
from biqa.datasets import known as known_datasets
from biqa.errors import InputError
from biqa.publishing.artefacts import selected_runs
from biqa.recipes import Hardware, plain
from biqa.workflow import catalogue
from biqa.workflow.code import Code
from biqa.workflow.names import check_names
from biqa.workflow.runs import Run, prior_spec, runs_of, splits_by_names, training_spec
from biqa.workflow.study import Study, load_study

CONFIG_KEYS = {"study": "demo", "archives": "", "weights": ""}
RUN_FILES = ("weights.safetensors", "history.csv", "epochs.csv.gz", "record.json")


@dataclass(frozen=True)
class Plan:
    """One study as a graph of files. Everything is a function of the study file and the code."""

    study: Study
    archives: str  # folders of official archives, from the configuration
    weights: str  # folders of weights files

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Plan":
        """Read the study that ``--config study=<name>`` names; default: demo."""
        unknown = sorted(set(config) - set(CONFIG_KEYS))
        if unknown:
            raise InputError(
                f"--config: unknown key {unknown[0]!r}; the keys are {', '.join(CONFIG_KEYS)}"
            )
        settings = {**CONFIG_KEYS, **config}
        study = load_study(Path("config/studies") / f"{settings['study']}.yaml")
        check_names(study)
        return cls(study, str(settings["archives"]), str(settings["weights"]))

    @cached_property
    def generated(self) -> list[str]:
        """The datasets that biqa draws itself."""
        return [name for name in self.study.raw["datasets"] if _is_generated(name)]

    @cached_property
    def downloaded(self) -> list[str]:
        """The datasets that come from their owners."""
        return [name for name in self.study.raw["datasets"] if name not in self.generated]

    @property
    def results(self) -> str:
        """The folder of the study's results."""
        return f"results/{self.study.name}"

    @cached_property
    def runs(self) -> dict[str, Run]:
        """All runs by path."""
        return runs_of(self.study)

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
        return f"data/splits/{run.dataset}/{protocol}/split{run.split}.csv"

    def protocol(self, name: str) -> str:
        """Return a protocol as JSON."""
        found = (recipe.protocol for recipe in self.study.recipes.values())
        return json.dumps(plain(next(one for one in found if one.name == name)), sort_keys=True)

    def weights_file(self, model: str) -> list[str]:
        """Return the weights file of a model, if it has one."""
        source = self.study.raw["models"][model].get("weights", "none")
        return [f"data/weights/{source[5:]}"] if source.startswith("file:") else []

    def prior_file(self, model: str) -> list[str]:
        """Return the weights of the prior that a model starts from, if it does."""
        prior = self.study.raw["models"][model].get("prior")
        return [f"{self.results}/priors/{prior}/weights.safetensors"] if prior else []

    def training_spec(self, run: Run) -> str:
        """Return the spec of a training as JSON."""
        return json.dumps(training_spec(self.study, run), sort_keys=True)

    def prior_spec(self, prior: str) -> str:
        """Return the spec of a prior as JSON."""
        return json.dumps(prior_spec(self.study, prior), sort_keys=True)

    def prior_entry(self, prior: str) -> dict[str, str]:
        """Return the model, dataset and recipe of a prior."""
        return self.study.priors[prior]

    def hardware(self, run: str) -> Hardware:
        """Return what a run's recipe asks of the machine."""
        return self.study.recipes[self.runs[run].recipe].hardware

    def prior_hardware(self, prior: str) -> Hardware:
        """Return what a prior's recipe asks of the machine."""
        return self.study.prior_recipes[self.study.priors[prior]["recipe"]].hardware

    def training_code(self, run: str) -> str:
        """Return the digest of the code that a training depends on."""
        return self.code.model("train", self.runs[run].model, self.runs[run].loss)

    def run_files(self, *names: str) -> list[str]:
        """Return the named files of every run."""
        return [f"{self.results}/runs/{path}/{name}" for path in self.runs for name in names]

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

        They are of the first split. With ``gradient_maps`` a study asks for those of all its runs.
        """
        named = {figure: self.study.figures[figure]} if figure else self.study.figures
        wanted = [one for one in named.values() if one["kind"] == "gradients"]
        if not figure and self.study.raw.get("gradient_maps"):
            wanted.append({})
        planned = splits_by_names(self.runs.values())
        paths: dict[str, None] = {}
        for one in wanted:
            for names, splits in selected_runs(planned, one, str(self.study.file)).items():
                paths["/".join((*names, f"split{min(splits)}"))] = None
        return [f"{self.results}/runs/{path}/gradients.npz" for path in paths]

    def published_files(self, kind: str, name: str) -> list[str]:
        """Return the file of printed numbers that a table or figure cites, if it does."""
        cited = self.study.raw[kind][name].get("published")
        return [f"config/published/{cited['table']}.csv"] if cited else []

    def artefact(self, kind: str, name: str) -> str:
        """Return what a table or figure shows, and of which runs in which order, as JSON."""
        declared = self.study.raw[kind][name]
        return json.dumps([declared, list(self.study.raw["datasets"]), list(self.runs)])

    def declaration(self) -> str:
        """Return the study file's content as JSON; the report quotes it."""
        return json.dumps(self.study.raw)


def _is_generated(name: str) -> bool:
    return name in known_datasets() and is_generated(name)
