"""Compute once, for all pictures of a database, what a recipe holds still of a network."""

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the network, the pictures and the folder."""
    parser.add_argument(
        "--spec", required=True, help="JSON of the model, and what a recipe says of its stem"
    )
    parser.add_argument("--code", default="", help="digest of the code, kept with the maps")
    parser.add_argument("--pictures", type=Path, required=True, help="prepared folder")
    parser.add_argument("--weights", type=Path, help="safetensors file that the spec names")
    parser.add_argument("--output-folder", type=Path, required=True, help="of the maps")


def run(arguments: argparse.Namespace) -> None:
    """Write the maps of every picture and of its mirror image."""
    from biqa.pictures.store import PictureStore
    from biqa.recipes import Hardware
    from biqa.training.device import placed, prepared_device
    from biqa.training.setup import starting_model
    from biqa.training.stem_maps import write_maps

    spec = json.loads(arguments.spec)
    hardware = Hardware(**spec["recipe"]["hardware"])
    prepared_device(hardware)
    store = PictureStore.open(arguments.pictures)
    model = starting_model(spec["model"], seed=0, weights=arguments.weights, prior=None)
    model = placed(model, hardware)
    facts = {"spec": spec, "code": arguments.code}
    modules = tuple(spec["recipe"]["frozen_stem"])
    write_maps(model, store, modules, hardware, arguments.output_folder, facts)
