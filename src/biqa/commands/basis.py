"""Learn what a hand-crafted method knows beforehand: a pristine model, or a codebook."""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the method, the pictures and the file."""
    parser.add_argument("--spec", required=True, help="JSON of the method and the seed")
    parser.add_argument("--code", default="", help="digest of the code, kept with the basis")
    parser.add_argument("--source", type=Path, help="prepared folder, or archive of pictures")
    parser.add_argument("--output", type=Path, required=True, help="npz file")


def run(arguments: argparse.Namespace) -> None:
    """Learn from pictures without labels and write one file."""
    import numpy as np

    from biqa.baselines.tables import write_arrays
    from biqa.handcrafted import create_method

    spec = json.loads(arguments.spec)
    method = create_method(spec["model"]["name"], **spec["model"]["options"])
    pictures, facts = _pictures(spec["model"]["basis"], arguments.source)
    learned = method.learn(pictures, np.random.default_rng(spec["seed"]))
    write_arrays(arguments.output, learned, {**facts, "spec": spec, "code": arguments.code})


def _pictures(source: str, path: Path | None) -> tuple[Iterable[Any], dict[str, Any]]:
    """Return the pictures to learn from, and what identifies them."""
    from biqa.baselines.pristine import kodak, scenes
    from biqa.files import sha256_of
    from biqa.pictures.store import PictureStore

    if source == "scenes":
        return scenes(), {"learned_from": source}
    assert path is not None, f"{source} was not handed to this step"
    if source == "kodak":
        return kodak(path), {"learned_from": source, "sha256": sha256_of(path)}
    store = PictureStore.open(path)
    facts = {"learned_from": source, "sha256": store.facts["pixels_sha256"]}
    return (store.picture(index) for index in range(len(store))), facts
