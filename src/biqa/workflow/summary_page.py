"""What 'snakemake --report' says of each table and figure: where it stands, what it shows."""

from collections.abc import Callable, Mapping
from typing import Any

from biqa.workflow.study import Study

OURS = "Our own questions"

Wildcards = Any  # of a job, by Snakemake; ``artefact`` is the name of a table or figure


def category(study: Study, kind: str) -> Callable[[Wildcards], str]:
    """Return the paper that a table or figure is after, as a function of a job's wildcards."""

    def of(wildcards: Wildcards) -> str:
        paper = study.raw[kind][wildcards.artefact]["paper"]
        return OURS if paper == "ours" else paper

    return of


def labels(study: Study, kind: str) -> Callable[[Wildcards], Mapping[str, str]]:
    """Return the columns that list a table or figure, as a function of a job's wildcards."""

    def of(wildcards: Wildcards) -> Mapping[str, str]:
        title = study.raw[kind][wildcards.artefact]["title"]
        return {"name": wildcards.artefact, "title": title}

    return of


def about(study: Study, kind: str, name: str) -> str:
    """Return what a table or figure is, in the words of the study file."""
    declared = study.raw[kind][name]
    return " ".join(filter(None, [f"{declared['title']}.", declared.get("note", "")]))
