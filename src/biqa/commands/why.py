"""Tell what a cell of a table is made of: its runs, their numbers, and the commands."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study, the table, its row and its column."""
    parser.add_argument("--study", required=True, help="its name: config/studies/<study>.yaml")
    parser.add_argument("--studies", type=Path, default=Path("config/studies"))
    parser.add_argument("--results", type=Path, help="default: results/<study>")
    parser.add_argument(
        "--published", type=Path, default=Path("config/published"), help="printed numbers"
    )
    parser.add_argument("artefact", help="name of the table in the study")
    parser.add_argument("row", help="as the study names it or as the table prints it")
    parser.add_argument("column", help="a figure of merit, such as srcc")


def run(arguments: argparse.Namespace) -> None:
    """Find the cell's runs and print them."""
    from biqa.publishing.artefacts import declared
    from biqa.publishing.provenance import provenance
    from biqa.workflow.runs import declared_runs, splits_by_names
    from biqa.workflow.study import read_study

    file = arguments.studies / f"{arguments.study}.yaml"
    study = read_study(file)
    text = provenance(
        arguments.artefact,
        declared(study, "tables", arguments.artefact, str(file)),
        arguments.results or Path("results") / arguments.study,
        splits_by_names(declared_runs(study, str(file)).values()),
        study,
        row=arguments.row,
        column=arguments.column,
        published=arguments.published,
        where=f"{file}: tables.{arguments.artefact}",
    )
    print(text, end="")
