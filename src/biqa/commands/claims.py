"""Judge the papers' claims by a study's runs: holds, does not hold, undecided, not run."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the claims, the results and the two files to write."""
    parser.add_argument("--claims-file", type=Path, default=Path("config/claims.yaml"))
    parser.add_argument("--results", type=Path, required=True, help="results/<study>")
    parser.add_argument("--output-csv", type=Path, required=True, help="one row a claim")
    parser.add_argument("--output-json", type=Path, required=True, help="with all evidence")


def run(arguments: argparse.Namespace) -> None:
    """Compare the runs that each claim means; write the verdicts and print them in short."""
    from functools import cache

    import pandas as pd

    from biqa.evaluation.claims import as_rows, judge
    from biqa.files import write_json, write_table
    from biqa.publishing.results import read_curves, read_metrics, read_predictions
    from biqa.workflow.study import read_claims

    @cache
    def predictions(run: str) -> pd.DataFrame:
        return read_predictions(arguments.results, run)

    claims = read_claims(arguments.claims_file)
    metrics, curves = read_metrics(arguments.results), read_curves(arguments.results)
    verdicts = judge(claims, metrics, curves, predictions)
    write_table(arguments.output_csv, as_rows(claims, verdicts))
    write_json(arguments.output_json, {one.claim: one.as_json() for one in verdicts})
    for one in verdicts:
        print(f"{one.verdict:<14} {one.claim}: {one.why}")
