"""Compute what theory says of the losses, and watch gradients along a training run."""

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is trained on what, and the table to write."""
    parser.add_argument("--spec", required=True, help="JSON: model, losses, recipe, every")
    parser.add_argument("--pictures", type=Path, required=True, help="prepared folder")
    parser.add_argument("--split", type=Path, required=True, help="CSV of name and part")
    parser.add_argument("--weights", type=Path, help="safetensors file that the model names")
    parser.add_argument("--output", type=Path, required=True, help="CSV of all numbers")


def run(arguments: argparse.Namespace) -> None:
    """Compute the properties, train once a loss, write one tidy table."""
    import pandas as pd

    from biqa.commands.train import run_seed
    from biqa.files import write_table
    from biqa.losses import loss
    from biqa.pictures.store import PictureStore
    from biqa.recipes import training_recipe
    from biqa.theory.predictiveness import watched_training
    from biqa.theory.properties import COLUMNS, properties
    from biqa.training.device import placed, prepared_device
    from biqa.training.parts import read_parts
    from biqa.training.setup import starting_model

    spec = json.loads(arguments.spec)
    recipe = training_recipe(spec["recipe"])
    prepared_device(recipe.hardware)
    store = PictureStore.open(arguments.pictures)
    train = read_parts(arguments.split, store)["train"]
    mos = store.labels["mos"].to_numpy()[train]
    found = [properties(recipe.batch_size, mos)]
    seed = run_seed(recipe.seed, 0)
    for label, entry in spec["losses"].items():
        model = starting_model(spec["model"], seed=seed, weights=arguments.weights, prior=None)
        model.initial_bias(float(mos.mean()) * recipe.label_scale)
        seen = watched_training(
            *(placed(model, recipe.hardware), store, train),
            *(loss(entry["name"], **entry["options"]), recipe),
            seed=seed,
            every=spec["every"],
        )
        table = pd.DataFrame(seen).rename(columns={"distance": "setting", "step": "at"})
        long = table.melt(["setting", "at"], var_name="quantity").assign(loss=label)
        found.append(long[list(COLUMNS)])
    write_table(arguments.output, pd.concat(found, ignore_index=True))
