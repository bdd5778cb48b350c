"""Score all pictures of a run's database, and of others, with its chosen weights."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biqa.pictures.store import PictureStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the run and the pictures."""
    parser.add_argument("--run", type=Path, required=True, help="folder that 'train' wrote")
    parser.add_argument("--pictures", type=Path, required=True, help="its prepared folder")
    parser.add_argument("--split", type=Path, required=True, help="CSV of name and part")
    parser.add_argument("--stem", type=Path, help="folder of the recipe's frozen_stem's maps")
    parser.add_argument(
        "--also", type=Path, nargs="*", default=[], help="prepared folders of other databases"
    )
    parser.add_argument("--output", type=Path, required=True, help="predictions.csv.gz")


def run(arguments: argparse.Namespace) -> None:
    """Predict the MOS of every picture and write one table; a video has the mean of its frames.

    Validation and test are not computed again: the training has judged them with these weights.
    """
    import numpy as np
    import pandas as pd

    from biqa.files import write_table
    from biqa.pictures.store import PictureStore
    from biqa.recipes import training_recipe
    from biqa.training.device import placed, prepared_device
    from biqa.training.judged import JudgedScores
    from biqa.training.learner import Learner
    from biqa.training.parts import PARTS, read_parts
    from biqa.training.prediction import averaged_over_frames, predict
    from biqa.training.records import rounded
    from biqa.training.setup import trained_model

    record = json.loads((arguments.run / "record.json").read_text(encoding="utf-8"))
    judged = JudgedScores.of(arguments.run, record["epoch_chosen"])
    spec = record["spec"]
    recipe = training_recipe(spec["recipe"])
    model = trained_model(spec["model"], arguments.run / "weights.safetensors")
    prepared_device(recipe.hardware)
    model = placed(model, recipe.hardware)
    own = PictureStore.open(arguments.pictures)
    on_own = Learner.of(model, own, recipe, arguments.stem)
    wanted = [(own, part, rows) for part, rows in read_parts(arguments.split, own).items()]
    for folder in arguments.also:
        other = PictureStore.open(folder)
        wanted.append((other, "cross", np.arange(len(other))))
    columns = _columns([store for store, _, _ in wanted])
    tables = []
    for store, part, rows in wanted:
        assert part in (*PARTS, "cross")
        table = store.labels.loc[rows, columns].reset_index(drop=True)
        table.insert(0, "dataset", store.facts["dataset"])
        table.insert(2, "part", part)
        if part in ("validation", "test"):
            table["predicted"] = judged.scores(part, table["name"])
        else:
            judge = on_own if store is own else Learner(model, store, recipe, model)
            seen = judge.model, judge.store, rows, judge.recipe
            table["predicted"] = predict(*seen) if len(rows) else []
        if store.holds_videos:
            table = averaged_over_frames(table)
        tables.append(table.assign(predicted=rounded(table["predicted"])))
    write_table(arguments.output, pd.concat([table for table in tables if len(table)]))


def _columns(stores: Sequence["PictureStore"]) -> list[str]:
    """Return which labels are written: ``group``, the subset, where some database has subsets."""
    has_subsets = any((store.labels["group"] != "").any() for store in stores)
    return ["name", "group", "mos"] if has_subsets else ["name", "mos"]
