"""Prepare a network on distortions of one database or several, before it meets another."""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from biqa.errors import InputError

if TYPE_CHECKING:
    from biqa.pictures.store import Pictures
    from biqa.training.views import Indices


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is learned on what, and where the files go."""
    parser.add_argument("--spec", required=True, help="JSON, as the step 'spec --prior' prints it")
    parser.add_argument("--code", default="", help="digest of the code, kept in the record")
    parser.add_argument(
        "--pictures", type=Path, nargs="+", required=True, help="prepared folder, or several"
    )
    parser.add_argument("--weights", type=Path, help="safetensors file that the spec names")
    parser.add_argument("--split", type=Path, help="learn from its training part alone")
    parser.add_argument("--output", type=Path, required=True, help="folder of the prior")


def run(arguments: argparse.Namespace) -> None:
    """Learn the prior and write its folder."""
    import pandas as pd

    from biqa.files import write_json, write_table
    from biqa.recipes import prior_recipe
    from biqa.training.device import description, prepared_device
    from biqa.training.priors import learn
    from biqa.training.records import provenance, write_weights

    started = time.time()
    spec = json.loads(arguments.spec)
    recipe = prior_recipe(spec["recipe"])
    device = prepared_device(recipe.hardware)
    store, databases = _pictures(arguments.pictures, arguments.split)
    history: list[dict[str, float]] = []

    def report(row: dict[str, float]) -> None:
        history.append(row)
        cells = " ".join(f"{key} {value:.4g}" for key, value in row.items() if key != "step")
        print(f"{spec['prior']} step {row['step']}/{recipe.steps}: {cells}", flush=True)

    model = learn(
        spec, store, recipe, databases, weights=arguments.weights, device=device, report=report
    )
    weights = {name: value.detach().cpu() for name, value in model.state_dict().items()}
    facts = {"spec": json.dumps(spec, sort_keys=True)}
    write_weights(arguments.output / "weights.safetensors", weights, facts)
    write_table(arguments.output / "history.csv", pd.DataFrame(history))
    record = {"prior": spec["prior"], "spec": spec, "code": arguments.code}
    record |= provenance(description(device), started)
    write_json(arguments.output / "record.json", record)


def _pictures(folders: Sequence[Path], split: Path | None) -> tuple["Pictures", list["Indices"]]:
    """Return the pictures, and of each database the positions of those to learn from."""
    from biqa.pictures.joined import joined
    from biqa.pictures.store import PictureStore
    from biqa.training.parts import read_parts

    stores = [PictureStore.open(folder) for folder in folders]
    if split is None:
        return joined(stores)
    if len(stores) > 1:
        raise InputError(f"--split {split} is of one database, and --pictures names {len(stores)}")
    return stores[0], [read_parts(split, stores[0])["train"]]
