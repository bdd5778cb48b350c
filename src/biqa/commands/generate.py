"""Compute a demonstration dataset: distorted pictures and proxy scores in one archive."""

import argparse
import importlib
from pathlib import Path

from biqa.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this step."""
    parser.add_argument("--dataset", required=True, help="one that is computed, such as demo")
    parser.add_argument("--seed", type=int, help="of everything random (default: the dataset's)")
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
        labels = write_archive(arguments.output, generated, seed=seed)
        made = f"{len(labels)} pictures"
    print(f"{arguments.output}: {made}, seed {seed}")
