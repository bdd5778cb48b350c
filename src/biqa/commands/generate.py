"""Compute a dataset: distorted pictures and proxy scores in one archive."""

import argparse
import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from biqa.errors import InputError

if TYPE_CHECKING:
    from biqa.datasets._generated import Generated
    from biqa.distortions.definition import Picture


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this step."""
    parser.add_argument("--dataset", required=True, help="one that is computed, such as demo")
    parser.add_argument("--seed", type=int, help="of everything random (default: the dataset's)")
    parser.add_argument("--pristine", type=Path, help="archive of the photographs to distort")
    parser.add_argument("--output", type=Path, required=True, help="the archive to write")


def run(arguments: argparse.Namespace) -> None:
    """Write the archive and say how many pictures are in it."""
    from biqa.datasets import dataset, is_generated, known
    from biqa.datasets._generated import GeneratedVideos
    from biqa.generation.archive import write_archive

    definition = dataset(arguments.dataset)
    module = importlib.import_module(f"biqa.datasets.{definition.name}")
    generated = getattr(module, "GENERATED", None)
    if generated is None:
        raise InputError(
            f"--dataset {definition.name}: its pictures are fetched, not computed; "
            f"those that can be computed are {', '.join(filter(is_generated, known()))}"
        )
    seed = generated.seed if arguments.seed is None else arguments.seed
    if seed < 0:
        raise InputError(f"--seed {seed}: expected a whole number from 0")
    if isinstance(generated, GeneratedVideos):
        from biqa.generation.videos import write_videos  # PyAV is for videos alone

        labels = write_videos(arguments.output, generated, seed=seed)
        made = f"{len(labels)} frames of {generated.n_videos} videos"
    else:
        where = f"--dataset {definition.name}"
        references = _references(generated, arguments.pristine, seed, where)
        labels = write_archive(arguments.output, generated, references, seed=seed)
        made = f"{len(labels)} pictures"
    print(f"{arguments.output}: {made}, seed {seed}")


def _references(
    generated: "Generated", archive: Path | None, seed: int, where: str
) -> Mapping[str, "Picture"]:
    """Return the undistorted pictures by name: scenes, or photographs of an archive."""
    from biqa.baselines.pristine import named_kodak
    from biqa.generation.reduction import reduced
    from biqa.scenes import references

    if (archive is None) != (not generated.pristine):
        wanted = f"an archive of {generated.pristine}" if generated.pristine else "none"
        raise InputError(f"{where}: --pristine is {archive}, expected {wanted}")
    if archive is None:
        return references(generated.size, generated.references, seed=seed)
    found = {name: reduced(picture, generated.size) for name, picture in named_kodak(archive)}
    missing = [name for name in generated.references if name not in found]
    if missing:
        raise InputError(
            f"{archive}: no photograph {missing[0]} among {', '.join(found)}; expected kodim01.png "
            "to kodim24.png, or 1.png to 24.png"
        )
    return found
