"""Turn the predictions of a study's runs into metrics and curves."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study and the results folder."""
    parser.add_argument("--study-file", type=Path, required=True)
    parser.add_argument("--results", type=Path, required=True, help="results/<study>")
    parser.add_argument("--jobs", type=int, default=1, help="processes that judge runs")


def run(arguments: argparse.Namespace) -> None:
    """Judge every run of the study; write metrics.csv and curves.csv."""
    from biqa.evaluation import gather
    from biqa.files import write_table
    from biqa.workflow.runs import runs_of
    from biqa.workflow.study import load_study

    study = load_study(arguments.study_file)
    folders = [arguments.results / "runs" / path for path in runs_of(study)]
    metrics, curves = gather(folders, jobs=arguments.jobs)
    write_table(arguments.results / "metrics.csv", metrics)
    write_table(arguments.results / "curves.csv", curves)
