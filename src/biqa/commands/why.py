"""Tell what a cell of a table or a figure is made of: runs, their numbers, and the commands."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study and the table with row and column, or the figure."""
    parser.add_argument("--study", required=True, help="its name: config/studies/<study>.yaml")
    parser.add_argument("--studies", type=Path, default=Path("config/studies"))
    parser.add_argument("--results", type=Path, help="default: results/<study>")
    parser.add_argument(
        "--published", type=Path, default=Path("config/published"), help="printed numbers"
    )
    parser.add_argument("artefact", help="name of the table or figure in the study")
    parser.add_argument(
        "row", nargs="?", help="of a table: as the study names it or as the table prints it"
    )
    parser.add_argument("column", nargs="?", help="of a table: a figure of merit, such as srcc")


def run(arguments: argparse.Namespace) -> None:
    """Find the runs and print them."""
    from biqa.errors import InputError
    from biqa.publishing.artefacts import declared, facts_of
    from biqa.publishing.provenance import provenance, provenance_of_figure
    from biqa.workflow.runs import declared_runs, splits_by_names
    from biqa.workflow.study import read_study

    file = arguments.studies / f"{arguments.study}.yaml"
    study = read_study(file)
    name, results = arguments.artefact, arguments.results or Path("results") / arguments.study
    planned = splits_by_names(declared_runs(study, str(file)).values())
    if arguments.row is None:
        where = f"{file}: figures.{name}"
        figure = declared(study, "figures", name, str(file))
        print(provenance_of_figure(name, figure, results, planned, where=where), end="")
        return
    if arguments.column is None:
        raise InputError(f"{name} {arguments.row}: name the column too, such as srcc")
    text = provenance(
        name,
        declared(study, "tables", name, str(file)),
        results,
        planned,
        facts_of(study),
        row=arguments.row,
        column=arguments.column,
        published=arguments.published,
        where=f"{file}: tables.{name}",
    )
    print(text, end="")
