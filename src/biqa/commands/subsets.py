"""Judge every run of a study on each subset of the databases that have some."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study, the results folder and the table to write."""
    parser.add_argument("--study-file", type=Path, required=True)
    parser.add_argument("--results", type=Path, required=True, help="results/<study>")
    parser.add_argument("--output", type=Path, required=True, help="subsets.csv")


def run(arguments: argparse.Namespace) -> None:
    """Judge the protocol's choice of epoch of every run; write one table."""
    from biqa.evaluation.subsets import gather_subsets
    from biqa.files import write_table
    from biqa.workflow.runs import runs_of
    from biqa.workflow.study import load_study

    study = load_study(arguments.study_file)
    folders = [arguments.results / "runs" / path for path in runs_of(study)]
    write_table(arguments.output, gather_subsets(folders))
