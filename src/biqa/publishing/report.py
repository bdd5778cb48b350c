"""The report of a study: one page that needs nothing but itself."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from biqa.errors import InputError
from biqa.evaluation.claims import Claims
from biqa.publishing import records as of_records
from biqa.publishing.artefacts import Runs
from biqa.publishing.captions import figure_caption, table_caption
from biqa.publishing.cells import COLUMNS, GROUP
from biqa.publishing.figures import KINDS, evidence
from biqa.publishing.names import Facts, proxy_warning
from biqa.publishing.pages import environment
from biqa.publishing.results import read_metrics, read_record
from biqa.publishing.theory_figure import DRAWN
from biqa.publishing.theory_table import ARTEFACT, theory_blocks, theory_caption
from biqa.publishing.verdicts import ClaimLine, at_a_glance, claim_lines
from biqa.publishing.wide import Block, blocks

PAPERS = {
    "Norm-in-Norm": (
        "Li, Jiang and Jiang: Norm-in-Norm Loss with Faster Convergence and Better Performance "
        "for Image Quality Assessment. ACM Multimedia 2020"
    ),
    "MetaIQA": (
        "Zhu, Li, Wu, Dong and Shi: MetaIQA: Deep Meta-Learning for No-Reference Image Quality "
        "Assessment. CVPR 2020"
    ),
    "DCQ": (
        "Yuan and Wang: Dual-Criterion Quality Loss for Blind Image Quality Assessment. "
        "ACM Multimedia 2024"
    ),
    "ours": "What the papers do not show",
}
OWN_LIBRARIES = ("matplotlib", "pandas", "numpy", "Jinja2")


@dataclass(frozen=True)
class TablePart:
    """A table in the page; ``files`` are its own, without their endings."""

    name: str
    title: str
    caption: str
    blocks: tuple[Block, ...]
    command: str  # that makes its files
    why: str  # that tells the runs of a cell, row and column follow; '' where none has runs
    files: str


@dataclass(frozen=True)
class FigurePart:
    """A figure in the page; ``source`` is the picture itself as a data address.

    ``files`` are its own, without their endings.
    """

    name: str
    title: str
    caption: str
    source: str
    runs: tuple[str, ...]
    command: str
    files: str


def report(
    study: Mapping[str, Any], results: Path, planned: Runs, facts: Facts, claims: Claims
) -> str:
    """Return the page as HTML, of the tables, figures and verdicts that ``results`` already has."""
    metrics = read_metrics(results)
    records = {run: read_record(results, run) for run in dict.fromkeys(metrics["run"])}
    tables = {
        name: _table(name, artefact, results, metrics, facts)
        for name, artefact in study.get("tables", {}).items()
    }
    figures = {
        name: _figure(name, artefact, results, planned, facts)
        for name, artefact in study.get("figures", {}).items()
    }
    verdicts = claim_lines(claims, _verdicts(results, claims))
    template = environment().get_template("report.html.j2")
    return template.render(
        study=study,
        claims=_by_paper(verdicts),
        glance=at_a_glance(verdicts),
        facts=[facts[name] for name in study["datasets"]],
        n_here=of_records.pictures_here(metrics, results),
        warning=proxy_warning(facts, study["datasets"]),
        papers=_papers(study, tables, figures, _theory(study, results, facts)),
        runs=of_records.run_lines(metrics, records, results),
        protocols=of_records.protocols(records),
        devices=of_records.distinct(records, "device"),
        machines=of_records.distinct(records, "machine"),
        commits=of_records.distinct(records, "commit"),
        codes=of_records.distinct(records, "code"),
        duration=of_records.duration(records.values()),
        libraries=of_records.libraries(records),
        own_libraries=[(name, version(name)) for name in OWN_LIBRARIES],
    )


def _verdicts(results: Path, claims: Claims) -> dict[str, Any]:
    """Return the content of claims.json, which must be of these claims."""
    path = results / "claims.json"
    if not path.is_file():
        raise InputError(f"{path}: missing; make it with 'python -m biqa claims'")
    found = json.loads(path.read_text(encoding="utf-8"))
    if set(found) != set(claims):
        odd = sorted(set(found) ^ set(claims))
        raise InputError(f"{path}: {odd[0]!r} is there or in the claims' file, not in both")
    return found


def _by_paper(lines: list[ClaimLine]) -> list[tuple[str, list[ClaimLine]]]:
    papers = dict.fromkeys(line.paper for line in lines)
    return [(paper, [line for line in lines if line.paper == paper]) for paper in papers]


def _papers(
    study: Mapping[str, Any],
    tables: Mapping[str, TablePart],
    figures: Mapping[str, FigurePart],
    theory: tuple[TablePart, FigurePart] | None,
) -> list[dict[str, Any]]:
    """Return the papers that the study has something of, each with its tables and figures.

    What theory says stands first among our own questions.
    """
    sections = []
    for paper, title in PAPERS.items():
        own: dict[str, list[Any]] = {
            "tables": [tables[name] for name in tables if _of(study, "tables", name) == paper],
            "figures": [figures[name] for name in figures if _of(study, "figures", name) == paper],
        }
        if theory and paper == "ours":
            own = {"tables": [theory[0], *own["tables"]], "figures": [theory[1], *own["figures"]]}
        if own["tables"] or own["figures"]:
            heading = "Our own questions" if paper == "ours" else paper
            sections.append({"id": paper.lower(), "heading": heading, "title": title, **own})
    return sections


def _of(study: Mapping[str, Any], kind: str, name: str) -> str:
    return study[kind][name]["paper"]


def _table(
    name: str, artefact: Mapping[str, Any], results: Path, metrics: pd.DataFrame, facts: Facts
) -> TablePart:
    path = results / "tables" / f"{name}.csv"
    if not path.is_file():
        raise InputError(f"{path}: missing; make it with 'python -m biqa table'")
    cells = pd.read_csv(path, dtype=dict.fromkeys(GROUP, str))
    if list(cells.columns) != list(COLUMNS):
        raise InputError(f"{path}: its columns are not those of a table; make it again")
    for column in (*GROUP, "mark", "inside", "runs"):  # words, of which '' is one
        cells[column] = cells[column].astype(object).where(cells[column].notna(), "")
    caption = table_caption(artefact, cells, metrics, facts)
    return TablePart(
        **{"name": name, "title": artefact["title"], "caption": caption},
        blocks=blocks(artefact, cells, facts),
        command=of_records.making_of(results, f"tables/{name}.csv"),
        why=f"python -m biqa why --study {results.name} {name}",
        files=f"tables/{name}",
    )


def _figure(
    name: str, artefact: Mapping[str, Any], results: Path, planned: Runs, facts: Facts
) -> FigurePart:
    path = results / "figures" / f"{name}.svg"
    if not path.is_file():
        raise InputError(f"{path}: missing; make it with 'python -m biqa figure'")
    found = evidence(artefact, results, planned, f"figures.{name}")
    caption = figure_caption(artefact, KINDS[artefact["kind"]](artefact), found, facts)
    return FigurePart(
        **{"name": name, "title": artefact["title"], "caption": caption, "source": _data(path)},
        runs=tuple(dict.fromkeys(found["run"])),
        command=of_records.making_of(results, f"figures/{name}.pdf"),
        files=f"figures/{name}",
    )


def _data(path: Path) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _theory(
    study: Mapping[str, Any], results: Path, facts: Facts
) -> tuple[TablePart, FigurePart] | None:
    """Return what the step ``theory`` made; None where the study does not ask for it."""
    if "theory" not in study:
        return None
    folder = results / "theory"
    for file in ("measures.csv", "theory.csv", "theory.svg"):
        if not (folder / file).is_file():
            raise InputError(f"{folder / file}: missing; make it with 'python -m biqa theory'")
    numbers = {key: [""] for key in ("setting", "computed", "bound")}  # elsewhere '' is a word
    judged = pd.read_csv(folder / "theory.csv", keep_default_na=False, na_values=numbers)
    title, command = ARTEFACT["title"], of_records.making_of(results, "theory/theory.csv")
    caption = theory_caption(study["theory"], judged, facts[study["theory"]["dataset"]])
    table = TablePart(
        **{"name": "theory", "title": title, "caption": caption},
        blocks=theory_blocks(judged, pd.read_csv(folder / "measures.csv"), meaning=True),
        **{"command": command, "why": "", "files": "theory/theory"},
    )
    figure = FigurePart(
        **{"name": "theory", "title": "Gradients and minima of the losses", "caption": DRAWN},
        source=_data(folder / "theory.svg"),
        runs=(),
        **{"command": command, "files": "theory/theory"},
    )
    return table, figure
