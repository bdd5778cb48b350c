"""Distort a folder of pristine pictures, for a prior that learns types and levels of distortion."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from biqa.errors import InputError

if TYPE_CHECKING:
    from biqa.distortions.definition import Picture

LABELS = "labels.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the pristine pictures, what is done to them, and where they go."""
    parser.add_argument("--pictures", type=Path, required=True, help="folder of pristine pictures")
    parser.add_argument("--distortions", nargs="+", help="default: the nine of DBCNN's S-CNN")
    parser.add_argument("--seed", type=int, default=0, help="of everything random")
    parser.add_argument(
        "--output", type=Path, required=True, help=f"folder of the distorted ones and {LABELS}"
    )


def run(arguments: argparse.Namespace) -> None:
    """Write the distorted pictures, and last the table that ``datasets add`` takes."""
    import pandas as pd
    from PIL import Image

    from biqa.distortions import distortion
    from biqa.files import whole_file, write_table
    from biqa.generation.pristine import OF_SCNN, distorted

    names = tuple(arguments.distortions or OF_SCNN)
    for name in names:
        distortion(name)  # an unknown one is refused before anything is written
    if arguments.seed < 0:
        raise InputError(f"--seed {arguments.seed}: expected a whole number from 0")
    rows = []
    for plan, picture, score in distorted(_Folder(arguments.pictures), names, seed=arguments.seed):
        with whole_file(arguments.output / plan.name) as aside:
            Image.fromarray(picture).save(aside, format="PNG")
        rows.append((plan.name, score, plan.reference, plan.distortion, plan.level))
    columns = ["picture", "score", "reference", "distortion", "level"]
    write_table(arguments.output / LABELS, pd.DataFrame(rows, columns=columns))
    print(f"{arguments.output / LABELS}: {len(rows):,} pictures of {len(names)} distortions")
    print(
        f"python -m biqa datasets add {arguments.output / LABELS} --name <name> --proxy-scores "
        "makes a dataset of them"
    )


class _Folder(Mapping[str, "Picture"]):
    """The pictures of a folder by name without suffix, decoded when they are asked for."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(f"--pictures {folder}: no such folder")
        self._files: dict[str, Path] = {}
        for file in sorted(one for one in folder.iterdir() if one.is_file()):
            other = self._files.setdefault(file.stem, file)
            if other != file:
                raise InputError(f"{folder}: {other.name} and {file.name} differ in suffix alone")
        if not self._files:
            raise InputError(f"--pictures {folder}: no pictures in it")

    def __getitem__(self, name: str) -> "Picture":
        from biqa.pictures.decode import decode

        return decode(self._files[name].read_bytes(), str(self._files[name]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
