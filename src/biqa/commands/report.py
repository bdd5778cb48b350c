"""Write the report of a study: one HTML page with claims, tables, figures and runs."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study, the results, the claims and the page to write."""
    parser.add_argument("--study-file", type=Path, required=True)
    parser.add_argument("--results", type=Path, required=True, help="results/<study>")
    parser.add_argument("--claims-file", type=Path, default=Path("config/claims.yaml"))
    parser.add_argument("--output", type=Path, required=True)


def run(arguments: argparse.Namespace) -> None:
    """Gather the verdicts, tables and figures that are there; write the page."""
    from biqa.files import write_text
    from biqa.publishing.artefacts import facts_of
    from biqa.publishing.report import report
    from biqa.workflow.runs import declared_runs, splits_by_names
    from biqa.workflow.study import read_claims, read_study

    study = read_study(arguments.study_file)
    planned = splits_by_names(declared_runs(study, str(arguments.study_file)).values())
    claims = read_claims(arguments.claims_file)
    page = report(study, arguments.results, planned, facts_of(study), claims)
    write_text(arguments.output, page)
