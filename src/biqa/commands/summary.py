"""Write the medians of a study's metrics and curves for dvc metrics and dvc plots."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the metrics and curves of all runs, and where the medians go."""
    parser.add_argument("--metrics", type=Path, required=True, help="results/<study>/metrics.csv")
    parser.add_argument("--curves", type=Path, required=True, help="results/<study>/curves.csv")
    parser.add_argument("--output", type=Path, required=True, help="JSON of the median metrics")
    parser.add_argument("--output-folder", type=Path, required=True, help="for the median curves")


def run(arguments: argparse.Namespace) -> None:
    """Write one JSON file, and one CSV for each dataset, model, recipe and loss."""
    import pandas as pd

    from biqa.evaluation.medians import median_curves, medians
    from biqa.files import write_json, write_table

    write_json(arguments.output, medians(pd.read_csv(arguments.metrics)))
    for place, curve in median_curves(pd.read_csv(arguments.curves)):
        write_table(arguments.output_folder / place, curve)
