"""List the datasets with what is on disk and what is verified, or add one of your own."""

import argparse
import keyword
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biqa.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from biqa.datasets.definition import Dataset

HEAD = ("name", "pictures", "references", "score", "archive", "verified")
TO_THE_RIGHT = ("pictures", "references")
NOTHING = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the list, and the action ``add`` with its own."""
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder (default: data)")
    actions = parser.add_subparsers(dest="action", metavar="add")
    add = actions.add_parser(
        "add", help="pack a CSV and its pictures, and write a definition that biqa finds"
    )
    add.add_argument(
        "csv",
        type=Path,
        help="columns picture (or video) and score; optional reference, distortion, level, group",
    )
    add.add_argument(
        "--pictures",
        type=Path,
        help="their folder, zip or tar; of videos, their folder (default: the folder of the CSV)",
    )
    add.add_argument(
        "--every", type=int, default=1, help="of videos: take each so many-th frame (default: 1)"
    )
    add.add_argument("--name", help="of the dataset (default: that of the CSV)")
    add.add_argument(
        "--score-range",
        type=float,
        nargs=2,
        metavar=("LOW", "HIGH"),
        help="ends of the scale (default: the lowest and the highest score)",
    )
    add.add_argument("--lower-is-better", action="store_true", help="as with DMOS")
    add.add_argument("--proxy-scores", action="store_true", help="nobody gave them")
    add.add_argument("--title", help="as tables shall call it (default: the name)")
    add.add_argument("--licence", default="one's own", help="of the pictures")
    add.add_argument("--citation", default="none", help="of what is to be cited")


def run(arguments: argparse.Namespace) -> None:
    """Print the list, or add a dataset and say what was made of it."""
    if arguments.action == "add":
        _add(arguments)
        return
    from biqa.datasets import dataset, known

    rows = [HEAD, *(_row(dataset(name), arguments.data) for name in known())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        cells = [
            cell.rjust(width) if head in TO_THE_RIGHT else cell.ljust(width)
            for head, cell, width in zip(HEAD, row, widths, strict=True)
        ]
        print("  ".join(cells).rstrip())


def _row(definition: "Dataset", data: Path) -> tuple[str, ...]:
    low, high = definition.score_range
    direction = "" if definition.higher_is_better else ", lower is better"
    return (
        definition.name,
        f"{definition.n_images:,}",
        f"{definition.n_references:,}" if definition.n_references else NOTHING,
        f"{definition.score_name} {low:g} to {high:g}{direction}",
        _archive(definition, data),
        _verified(definition, data),
    )


def _archive(definition: "Dataset", data: Path) -> str:
    """Say where the archive is: in place, or in a folder where the step download will find it."""
    from biqa.commands.download import VARIABLE
    from biqa.datasets import is_generated

    if (data / "archives" / f"{definition.name}.archive").exists():
        return "on disk"
    named = os.environ.get(VARIABLE, "").split(os.pathsep)
    for folder in [*(Path(name) for name in named if name), data / "archives"]:
        if (folder / definition.archive).is_file():
            return f"in {folder}"
    return "drawn by biqa" if is_generated(definition.name) else NOTHING


def _verified(definition: "Dataset", data: Path) -> str:
    """Say how many pictures were verified, if the archive still has as many bytes as then."""
    import json

    try:
        text = (data / "verified" / f"{definition.name}.json").read_text(encoding="utf-8")
        report = json.loads(text)
        n_images, n_bytes = report["n_images"], report["archive"]["bytes"]
    except FileNotFoundError:
        return NOTHING
    except (ValueError, KeyError, TypeError):
        return "report is damaged"
    archive = data / "archives" / f"{definition.name}.archive"
    if archive.exists() and archive.stat().st_size != n_bytes:
        return "another archive"
    of_all = "" if n_images == definition.n_images else f" of {definition.n_images:,}"
    return f"{n_images:,}{of_all} pictures"


def _add(arguments: argparse.Namespace) -> None:
    import importlib

    from biqa import datasets
    from biqa.datasets.archive import Archive
    from biqa.datasets.own import definition_text, facts_of, has_videos, own_dataset, read_table
    from biqa.files import write_text
    from biqa.packing import pack, pack_frames
    from biqa.verification import fingerprint

    name = _new_name(arguments.name or arguments.csv.stem.lower())
    table = read_table(arguments.csv)
    score_range = tuple(arguments.score_range) if arguments.score_range else None
    facts: dict[str, Any] = {
        **facts_of(name, table, score_range),
        "title": arguments.title or name,
        "score_name": "DMOS" if arguments.lower_is_better else "MOS",
        "higher_is_better": not arguments.lower_is_better,
        "licence": arguments.licence,
        "citation": arguments.citation,
    }
    if arguments.proxy_scores:
        facts |= {"score_name": "proxy score", "is_proxy": True}

    def check(packed: Path, pictures: "pd.DataFrame") -> None:
        facts.update(facts_of(name, pictures, facts["score_range"]))
        with Archive(packed) as written:
            own_dataset(**facts).labels(written)

    archive = arguments.data / "archives" / own_dataset(**facts).archive
    folder = arguments.pictures or arguments.csv.parent
    if has_videos(arguments.csv):
        facts["n_videos"] = len(table)
        pack_frames(table, folder, archive, every=arguments.every, check=check)
    else:
        pack(table, folder, archive, check=check)
    facts["sha256"] = fingerprint(archive)["sha256"]
    module = Path(list(datasets.__path__)[-1]) / f"{name}.py"
    write_text(module, definition_text(facts))
    importlib.invalidate_caches()
    print(f"{archive}: {_content(facts)}")
    print(f"{module}: the definition; a study may name {name} from now on")


def _content(facts: dict[str, Any]) -> str:
    low, high = facts["score_range"]
    what = f"{facts['n_images']:,} pictures"
    if "n_videos" in facts:
        what = f"{facts['n_videos']:,} videos, {facts['n_images']:,} of their frames"
    return f"{what}, scores on the scale {low:g} to {high:g}"


def _new_name(name: str) -> str:
    from importlib.util import find_spec

    if not re.fullmatch("[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise InputError(
            f"dataset {name!r}: expected a lower-case name of letters, digits and _; use --name"
        )
    found = find_spec(f"biqa.datasets.{name}")
    if found is not None:
        raise InputError(f"dataset {name!r}: {found.origin} is there; delete it, or use --name")
    return name
