"""Divide the pictures of a dataset into train, validation and test."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from biqa.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from biqa.protocols import Protocol

COLUMNS = ["name", "reference", "official_part"]
OF_WAY = {"subset": "group", "distortion": "distortion"}
OF_LOOKS = "perceptual_hash"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this step."""
    parser.add_argument(
        "--pictures", type=Path, required=True, help="pictures.csv of the prepared dataset"
    )
    parser.add_argument(
        "--protocol",
        required=True,
        help="JSON object with keys name, train, validation, test, choose; "
        "optional by, distortions, together",
    )
    parser.add_argument("--seed", type=int, required=True, help="of the splits, not of training")
    parser.add_argument("--index", type=int, required=True, help="number of the split, from 0")
    parser.add_argument("--output", type=Path, required=True, help="CSV with columns name and part")


def run(arguments: argparse.Namespace) -> None:
    """Read the pictures, split them, write the parts."""
    from biqa.files import write_table
    from biqa.pictures.look_alikes import look_alikes
    from biqa.splits import split

    protocol = _protocol(arguments.protocol)
    pictures = _pictures(arguments.pictures, protocol)
    names = pictures["name"].tolist()
    try:
        parts = split(
            *(pictures[column].tolist() for column in COLUMNS),
            protocol=protocol,
            seed=arguments.seed,
            index=arguments.index,
            subsets=pictures["group"].tolist() if protocol.by == "subset" else None,
            distortions=pictures["distortion"].tolist() if protocol.by == "distortion" else None,
            alike=look_alikes(names, pictures[OF_LOOKS].tolist()) if _looks(protocol) else None,
        )
    except InputError as error:
        raise InputError(f"{arguments.pictures}: {error}") from error
    write_table(arguments.output, parts)


def _protocol(text: str) -> "Protocol":
    from biqa.protocols import protocol_from

    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"--protocol: not JSON ({error}): {text}") from error
    if not isinstance(raw, dict):
        raise InputError(f"--protocol: {text}, expected a JSON object")
    return protocol_from(raw, "--protocol")


def _pictures(path: Path, protocol: "Protocol") -> "pd.DataFrame":
    """Read the table as text, with all columns that the protocol needs."""
    import pandas as pd

    pictures = pd.read_csv(path, dtype=str, keep_default_na=False)
    needed = [*COLUMNS, *filter(None, [OF_WAY.get(protocol.by)])]
    needed += [OF_LOOKS] if _looks(protocol) else []
    missing = [column for column in needed if column not in pictures]
    if missing:
        raise InputError(
            f"{path}: no column {missing[0]!r}, which protocol {protocol.name!r} needs; "
            "if the folder was prepared by an earlier version, run the step `prepare` again"
        )
    return pictures


def _looks(protocol: "Protocol") -> bool:
    return protocol.together == "near_duplicates"
