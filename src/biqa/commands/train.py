"""Train one network on one split with one loss and recipe."""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is trained on what, and where the run's files go."""
    parser.add_argument("--spec", required=True, help="JSON, as the step 'spec' prints it")
    parser.add_argument("--code", default="", help="digest of the code, kept in the record")
    parser.add_argument("--pictures", type=Path, required=True, help="prepared folder")
    parser.add_argument("--split", type=Path, required=True, help="CSV of name and part")
    parser.add_argument("--weights", type=Path, help="safetensors file that the spec names")
    parser.add_argument("--prior", type=Path, help="safetensors file of the prior")
    parser.add_argument("--stem", type=Path, help="folder of the recipe's frozen_stem's maps")
    parser.add_argument("--state", type=Path, help="file that keeps finished epochs")
    parser.add_argument("--output", type=Path, required=True, help="folder of the run")


def run(arguments: argparse.Namespace) -> None:
    """Train, write the run's folder, forget the kept epochs."""
    from biqa.losses import loss
    from biqa.pictures.store import PictureStore
    from biqa.recipes import training_recipe
    from biqa.training.device import description, placed, prepared_device
    from biqa.training.learner import Learner
    from biqa.training.loop import train
    from biqa.training.parts import read_parts
    from biqa.training.records import made_of, provenance, starting_point, write_run
    from biqa.training.setup import starting_model

    started = time.time()
    spec = json.loads(arguments.spec)
    recipe = training_recipe(spec["recipe"])
    device = prepared_device(recipe.hardware)
    store = PictureStore.open(arguments.pictures)
    parts = read_parts(arguments.split, store)
    content = made_of(arguments.pictures, arguments.split)
    seed = run_seed(recipe.seed, spec["run"]["split"])
    model = starting_model(
        spec["model"], seed=seed, weights=arguments.weights, prior=arguments.prior
    )
    if not spec["model"]["prior"]:
        mos = store.labels["mos"].to_numpy()[parts["train"]]
        model.initial_bias(float(mos.mean()) * recipe.label_scale)
    model = placed(model, recipe.hardware)
    learner = Learner.of(model, store, recipe, arguments.stem)
    key = hashlib.sha256(f"{arguments.spec} {arguments.code}".encode()).hexdigest()
    progress = train(
        learner.model,
        learner.store,
        parts,
        loss(spec["loss"]["name"], **spec["loss"]["options"]),
        learner.recipe,
        seed=seed,
        state=(arguments.state, key) if arguments.state else None,
        report=_report(recipe.epochs, "/".join(map(str, spec["run"].values()))),
    )
    progress.chosen_weights = learner.whole_weights(progress.chosen_weights)
    record = {
        "run": spec["run"],
        "spec": spec,
        "code": arguments.code,
        "seed": seed,
        "epochs": recipe.epochs,
        "choose": recipe.protocol.choose,
        "epoch_chosen": progress.chosen_epoch,
        "seconds_training": round(progress.training_seconds, 1),
        "seconds_judging": round(progress.judging_seconds, 1),
        "made_of": content,
        **starting_point(model),
        **provenance(description(device), started),
    }
    write_run(arguments.output, progress, store, parts, record)
    if arguments.state:
        arguments.state.unlink(missing_ok=True)


def run_seed(seed: int, split: int) -> int:
    """Return the seed of a run: the recipe's, told apart by split, the same for every loss."""
    return seed * 1_000 + split


def _report(epochs: int, name: str):  # type: ignore[no-untyped-def]
    """Return what shows each epoch: a bar on a terminal, a line in a log."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        bar = tqdm(total=epochs, desc=name, unit="epoch")

        def show(row: dict[str, float]) -> None:
            bar.set_postfix(loss=f"{row['train_loss']:.4f}", srcc=f"{row['test_srcc']:.3f}")
            bar.update(row["epoch"] - bar.n)

        return show
    started = time.time()

    def line(row: dict[str, float]) -> None:
        cells = " ".join(f"{key} {value:.4g}" for key, value in row.items() if key != "epoch")
        print(f"{name} epoch {row['epoch']}/{epochs}: {cells} ({time.time() - started:.0f} s)")
        sys.stdout.flush()

    return line
