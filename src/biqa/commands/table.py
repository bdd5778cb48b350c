"""Write one table of a study: tidy numbers as CSV; Markdown, LaTeX and HTML to be read."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study, the artefact, the results and the four files to write."""
    parser.add_argument("--study-file", type=Path, required=True)
    parser.add_argument("--artefact", required=True, help="name of the table in the study")
    parser.add_argument("--results", type=Path, required=True, help="results/<study>")
    parser.add_argument(
        "--published", type=Path, default=Path("config/published"), help="printed numbers"
    )
    parser.add_argument("--output-csv", type=Path, required=True)
    parser.add_argument("--output-markdown", type=Path, required=True)
    parser.add_argument("--output-latex", type=Path, required=True)
    parser.add_argument("--output-html", type=Path, required=True)


def run(arguments: argparse.Namespace) -> None:
    """Summarise the runs that the table selects; write all files."""
    from biqa.files import write_table, write_text
    from biqa.publishing.artefacts import declared, facts_of
    from biqa.publishing.captions import table_caption
    from biqa.publishing.latex import latex
    from biqa.publishing.markdown import markdown
    from biqa.publishing.pages import table_page
    from biqa.publishing.provenance import cells_of
    from biqa.publishing.results import read_metrics
    from biqa.publishing.wide import blocks
    from biqa.workflow.runs import declared_runs, splits_by_names
    from biqa.workflow.study import read_study

    study = read_study(arguments.study_file)
    planned = splits_by_names(declared_runs(study, str(arguments.study_file)).values())
    artefact = declared(study, "tables", arguments.artefact, str(arguments.study_file))
    facts = facts_of(study)
    metrics = read_metrics(arguments.results)
    cells, _ = cells_of(
        artefact,
        arguments.results,
        planned,
        facts,
        published=arguments.published,
        where=f"{arguments.study_file}: tables.{arguments.artefact}",
    )
    caption = table_caption(artefact, cells, metrics, facts)
    shown = blocks(artefact, cells, facts)
    write_table(arguments.output_csv, cells)
    write_text(arguments.output_markdown, markdown(artefact, shown, caption))
    write_text(arguments.output_latex, latex(arguments.artefact, artefact, shown, caption))
    write_text(arguments.output_html, table_page(artefact, shown, caption))
