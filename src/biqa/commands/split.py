"""Divide the pictures of a dataset into train, validation and test."""

import argparse
import json
from pathlib import Path

from biqa.errors import InputError

COLUMNS = ["name", "reference", "official_part"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this step."""
    parser.add_argument(
        "--pictures", type=Path, required=True, help="pictures.csv of the prepared dataset"
    )
    parser.add_argument(
        "--protocol",
        required=True,
        help="JSON object with keys name, by, train, validation, test, choose",
    )
    parser.add_argument("--seed", type=int, required=True, help="of the splits, not of training")
    parser.add_argument("--index", type=int, required=True, help="number of the split, from 0")
    parser.add_argument("--output", type=Path, required=True, help="CSV with columns name and part")


def run(arguments: argparse.Namespace) -> None:
    """Read the pictures, split them, write the parts."""
    import pandas as pd

    from biqa.files import write_table
    from biqa.protocols import protocol_from
    from biqa.splits import split

    try:
        raw = json.loads(arguments.protocol)
    except json.JSONDecodeError as error:
        raise InputError(f"--protocol: not JSON ({error}): {arguments.protocol}") from error
    if not isinstance(raw, dict):
        raise InputError(f"--protocol: {arguments.protocol}, expected a JSON object")
    protocol = protocol_from(raw, "--protocol")
    pictures = pd.read_csv(arguments.pictures, dtype=str, keep_default_na=False)
    missing = [column for column in COLUMNS if column not in pictures]
    if missing:
        raise InputError(f"{arguments.pictures}: no column {missing[0]!r}, expected {COLUMNS}")
    try:
        parts = split(
            *(pictures[column].tolist() for column in COLUMNS),
            protocol=protocol,
            seed=arguments.seed,
            index=arguments.index,
        )
    except InputError as error:
        raise InputError(f"{arguments.pictures}: {error}") from error
    write_table(arguments.output, parts)
