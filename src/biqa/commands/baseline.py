"""Predict the scores of a database by a hand-crafted method on one split."""

import argparse
import json
import time
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare features, split and where the run's files go."""
    parser.add_argument("--spec", required=True, help="JSON of the run")
    parser.add_argument("--code", default="", help="digest of the code, kept in the record")
    parser.add_argument("--pictures", type=Path, required=True, help="prepared folder")
    parser.add_argument("--features", type=Path, required=True, help="npz file of its features")
    parser.add_argument("--split", type=Path, required=True, help="CSV of name and part")
    parser.add_argument(
        "--also", type=Path, nargs="*", default=[], help="prepared folders of other databases"
    )
    parser.add_argument(
        "--also-features", type=Path, nargs="*", default=[], help="their features, in that order"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the run")


def run(arguments: argparse.Namespace) -> None:
    """Learn the regression where there is one; write predictions, history and record."""
    from biqa.baselines.recipe import baseline_recipe
    from biqa.baselines.runs import epoch_table, history_row, learned_scores, predictions_table
    from biqa.baselines.tables import read_features
    from biqa.commands.train import run_seed
    from biqa.files import write_json, write_table
    from biqa.pictures.store import PictureStore
    from biqa.training.parts import read_parts
    from biqa.training.records import made_of, provenance

    started = time.time()
    spec = json.loads(arguments.spec)
    recipe = baseline_recipe(spec["recipe"])
    store = PictureStore.open(arguments.pictures)
    parts = read_parts(arguments.split, store)
    others = [PictureStore.open(folder) for folder in arguments.also]
    features = read_features(arguments.features, store)
    also = [read_features(*pair) for pair in zip(arguments.also_features, others, strict=True)]
    seed = run_seed(recipe.seed, spec["run"]["split"])
    scores, learned = learned_scores((store, features), also, parts, recipe, seed=seed)  # type: ignore[arg-type]
    predictions = predictions_table(store, others, parts, scores)  # type: ignore[arg-type]
    record = {
        "run": spec["run"],
        "spec": spec,
        "code": arguments.code,
        "seed": seed,
        "epochs": 1,
        "choose": recipe.protocol.choose,
        "epoch_chosen": 1,
        "weights": [],
        "made_of": made_of(arguments.pictures, arguments.split),
        "basis": features.facts["basis"],
        "features": features.values.shape[1],
        **learned,
        **provenance("cpu", started),
    }
    write_table(arguments.output / "epochs.csv.gz", epoch_table(predictions))
    write_table(arguments.output / "history.csv", history_row(predictions))
    write_table(arguments.output / "predictions.csv.gz", predictions)
    write_json(arguments.output / "record.json", record)
