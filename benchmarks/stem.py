"""What a frozen stem saves: one pass of our loop, three ways to treat MobileNetV2's first stages.

They learn; they are held still and computed for every crop (``freeze``); they were computed once,
and crops are cut from their maps (``frozen_stem``). The pass that computes the maps of all
pictures and their mirror images is timed too: all runs of a study share it.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from timing import in_turn, processor, ratios, write
from training import MSE, make_pictures, recipe_for

from biqa.models import create_model
from biqa.pictures.store import PictureStore
from biqa.recipes import Recipe
from biqa.training.device import placed, prepared_device
from biqa.training.epoch import train_epoch
from biqa.training.learner import Learner
from biqa.training.optimisation import optimizer_of, schedule_of
from biqa.training.stem_maps import write_maps
from biqa.training.views import RandomViews

STEM = ("encoder.conv_stem", "encoder.bn1", *(f"encoder.blocks.{block}" for block in range(3)))
ENCODER = "timm/mobilenetv2_100"
OPTIONS = {"encoder_options": {"pad_type": "same"}}


def a_pass(store: PictureStore, recipe: Recipe, folder: Path | None) -> Callable[[], None]:
    """Return one pass over the pictures, or over the maps in ``folder``."""
    model = placed(create_model(ENCODER, weights="none", **OPTIONS), recipe.hardware)
    learner = Learner.of(model, store, recipe, folder)
    steps = learner.recipe
    indices = np.arange(len(store))
    mos = torch.tensor(store.labels["mos"].to_numpy(), dtype=torch.float32)
    optimizer = optimizer_of(learner.model, steps)
    schedule = schedule_of(optimizer, steps, len(store) // steps.batch_size)
    views = RandomViews(learner.store, steps.views.crop, steps.views.flip, 0, 1)
    return lambda: train_epoch(  # type: ignore[return-value]
        learner.model, views, indices, mos, MSE, optimizer, schedule, steps
    )


def main() -> None:
    """Time the three in turn and write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    learns = recipe_for("cpu", "float32", 1)
    prepared_device(learns.hardware)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        store = make_pictures(folder, args.pictures).store
        store.facts["pixels_sha256"] = ""
        model = create_model(ENCODER, weights="none", **OPTIONS)
        maps = folder / "maps"
        work = {
            "every layer learns": a_pass(store, learns, None),
            "freeze": a_pass(store, replace(learns, freeze=STEM), None),
            "computing the maps": lambda: write_maps(
                placed(model, learns.hardware), store, STEM, learns.hardware, maps, {}
            ),
        }
        work["computing the maps"]()
        work["frozen_stem"] = a_pass(store, replace(learns, frozen_stem=STEM), maps)
        seconds = in_turn(work, rounds=args.rounds)
    facts = {"pictures": args.pictures, "device": processor(), "threads": 1}
    rows = [
        {"pass": name, "seconds": statistics.median(each)}
        | ratios(seconds["every layer learns"], each)
        | facts
        for name, each in seconds.items()
    ]
    write("stem", rows)


if __name__ == "__main__":
    main()
