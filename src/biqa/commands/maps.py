"""Map which pixels of the lowest-rated test pictures a run's score depends on."""

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the run, the pictures and how many of them."""
    parser.add_argument("--run", type=Path, required=True, help="folder that 'train' wrote")
    parser.add_argument("--pictures", type=Path, required=True, help="its prepared folder")
    parser.add_argument("--split", type=Path, required=True, help="CSV of name and part")
    parser.add_argument("--count", type=int, default=4, help="pictures, default 4")
    parser.add_argument("--output", type=Path, required=True, help="gradients.npz")


def run(arguments: argparse.Namespace) -> None:
    """Choose the pictures, differentiate the score, write pictures and maps to one file."""
    import numpy as np

    from biqa.files import whole_file
    from biqa.pictures.store import PictureStore
    from biqa.recipes import training_recipe
    from biqa.training.device import placed, prepared_device
    from biqa.training.gradient_maps import gradient_maps, severe
    from biqa.training.parts import read_parts
    from biqa.training.setup import trained_model

    spec = json.loads((arguments.run / "record.json").read_text(encoding="utf-8"))["spec"]
    recipe = training_recipe(spec["recipe"])
    model = trained_model(spec["model"], arguments.run / "weights.safetensors")
    prepared_device(recipe.hardware)
    model = placed(model, recipe.hardware)
    store = PictureStore.open(arguments.pictures)
    chosen = severe(store, read_parts(arguments.split, store)["test"], arguments.count)
    pictures, maps = gradient_maps(model, store, chosen, recipe)
    names = store.labels.loc[chosen, "name"].to_numpy(dtype=str)
    with whole_file(arguments.output) as aside, aside.open("wb") as file:
        np.savez_compressed(file, names=names, pictures=pictures, gradients=maps)
