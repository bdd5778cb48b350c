"""The tables and figures of the three papers by name, and the files that a name stands for."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from biqa.errors import InputError
from biqa.yaml_files import load_yaml

CATALOGUE = {
    "dcq_table1": "methods by database",
    "dcq_table2": "networks with and without DCQ, by database",
    "dcq_table3": "trained on one database, tested on others",
    "dcq_table4": "eight losses",
    "dcq_table5": "DCQ by batch size",
    "dcq_table6": "DCQ without one of its parts",
    "dcq_figure1": "SRCC against PLCC by loss",
    "dcq_figure2": "densities of the scores by loss",
    "dcq_figure4": "predictions of MSE and of DCQ against the scores",
    "dcq_figure5": "what DCQ adds by the size of the network",
    "metaiqa_table1": "the databases",
    "metaiqa_table2": "one distortion left out",
    "metaiqa_table3": "methods on authentic distortions",
    "metaiqa_table4": "with and without the meta-learned prior",
    "metaiqa_figure3": "gradient maps on severely distorted pictures",
    "metaiqa_figure4": "tasks a step (k) and inner steps (s) of the prior",
    "norm_in_norm_curves": "learning curves of MAE, MSE and Norm-in-Norm",
    "norm_in_norm_epochs": "epochs to reach a given figure of merit",
    "norm_in_norm_final": "the last epoch, and a test on another database",
    "norm_in_norm_pq": "Norm-in-Norm by p and q",
    "norm_in_norm_sweeps": "learning rate, batch size and the backbone's rate",
    "norm_in_norm_bnmse": "MSE behind a batch norm, as a control",
    "norm_in_norm_scatter": "predictions against the scores",
    "norm_in_norm_msu": "rows of the MSU benchmarks (video)",
    "theory": "what the papers state of losses as functions",
    "controls": "DCQ and the closed form that it comes down to",
    "optimism": "best epoch on the test part minus the honest one",
    "noise_floor": "the same runs from other seeds",
    "label_scale": "losses on labels of other units",
    "speed": "seconds and pictures a second",
}
ENDINGS = {"tables": ("csv", "md", "tex", "html"), "figures": ("pdf", "svg", "png")}
PART = "."  # between a name and what tells its parts, as in norm_in_norm_sweeps.batch_size


def targets(study: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Return, by name, the (kind, artefact) pairs of a study that one target makes.

    A target makes the table and the figure of its name, and those that are called
    ``<name>.<part>``.
    """
    declared = [(kind, name) for kind in ENDINGS for name in study.get(kind, {})]
    names = dict.fromkeys(word for _, name in declared for word in (name, name.split(PART)[0]))
    return {
        name: [pair for pair in declared if pair[1] == name or pair[1].startswith(name + PART)]
        for name in names
    }


def files_of(kind: str, names: Iterable[str], results: str) -> list[str]:
    """Return all files of the named tables or figures (``kind``), below ``results``."""
    return [f"{results}/{kind}/{name}.{end}" for name in names for end in ENDINGS[kind]]


def refuse(name: str, study: Mapping[str, Any], file: Path) -> NoReturn:
    """Raise ``InputError``: the study has no such table or figure; say where there is one."""
    own = targets(study)
    if name not in CATALOGUE:
        known = list(dict.fromkeys([*own, *CATALOGUE]))
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(
            f"there is no rule, table or figure {name!r}; {hint}tables and figures of study "
            f"{file.stem}: {', '.join(own) or 'none'}; of the papers: "
            f"{', '.join(word for word in known if word not in own)}"
        )
    having = [other.stem for other in sorted(file.parent.glob("*.yaml")) if _declares(other, name)]
    where = (
        f"these studies have them: {', '.join(having)} (--config study={having[0]})"
        if having
        else "no study has them yet"
    )
    raise InputError(
        f"study {file.stem} has no runs for {name!r} ({CATALOGUE[name]}): {file} declares no table "
        f"or figure of that name; {where}"
    )


def _declares(file: Path, name: str) -> bool:
    return name in targets(load_yaml(file))
