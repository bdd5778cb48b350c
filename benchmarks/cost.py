"""What all trainings of a study would take, from the rates that ``training.py`` measured.

Every run of the study is counted: pictures trained on and pictures judged, over all its epochs.
A run costs what its network's rate at its crop says; a network without a rate is named as missing,
with what it was asked to do, and its runs are in no sum. Judged pictures count by their area,
which is that of most pictures of the database. Priors, start-up and writing are left out.
"""

import argparse
from pathlib import Path

import pandas as pd
from timing import FOLDER, write

from biqa.datasets import dataset
from biqa.workflow.runs import Run, runs_of
from biqa.workflow.study import Study, load_study

AREAS = {  # pixels of most pictures, where the study keeps them as they are
    **{"live": 768 * 512, "csiq": 512 * 512, "tid2013": 512 * 384, "kadid10k": 512 * 384},
    **{"vcl": 683 * 512, "livec": 500 * 500, "koniq10k": 1024 * 768},
}
HOURS = ["training_hours", "judging_hours"]
KEYS = ["model", "crop", "dtype", "device"]


def area(study: Study, name: str) -> int:
    """Return the pixels of a picture of a database as the study prepares it."""
    size = study.raw["datasets"][name]["size"]
    if size == "native":
        return AREAS[name]
    height, width = size.split("x")
    return int(height) * int(width)


def work_of(study: Study, run: Run) -> dict[str, object]:
    """Return what a run asks of which network: pictures trained on, pixels judged."""
    recipe = study.recipes[run.recipe]
    n, protocol = dataset(run.dataset).n_images, recipe.protocol
    pixels = recipe.views.test_crop**2 or area(study, run.dataset)
    return {
        "model": study.raw["models"][run.model].get("name", run.model),
        "crop": recipe.views.crop,
        "dtype": recipe.hardware.dtype,
        "device": recipe.hardware.device,
        "runs": 1,
        "trained": round(recipe.epochs * protocol.train * n),
        "judged_pixels": recipe.epochs * (protocol.validation + protocol.test) * n * pixels,
    }


def priced(asked: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return one row a network and crop, with hours; NaN where no rate was measured."""
    table = asked.groupby(KEYS, as_index=False).sum()
    table = table.merge(rates.drop(columns="device"), on=["model", "crop", "dtype"], how="left")
    table["training_hours"] = table["trained"] / table["ours_per_second"] / 3600
    per_second = table["judged_per_second"] * table["judged_side"] ** 2
    table["judging_hours"] = table["judged_pixels"] / per_second / 3600
    table["judging_to_training"] = table["judging_hours"] / table["training_hours"]
    table["measured"] = table["ours_per_second"].notna().map({True: "yes", False: "missing"})
    return table[[*KEYS, "runs", "trained", "measured", *HOURS, "judging_to_training"]]


def main() -> None:
    """Price a study and write one table; the last row is the sum of what is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", default="paper")
    parser.add_argument("--rates", default="cpu", choices=("cpu", "cuda"), help="measured where")
    args = parser.parse_args()
    study = load_study(Path(f"config/studies/{args.study}.yaml"))
    asked = pd.DataFrame([work_of(study, run) for run in runs_of(study).values()])
    rates = pd.read_csv(FOLDER / f"training_{args.rates}.csv")
    table = priced(asked, rates)
    known = table[table["measured"] == "yes"]
    total = {"model": "all that is measured", **known[["runs", "trained"]].sum()}
    total |= known[HOURS].sum().to_dict()
    rows = [*table.to_dict("records"), total]
    where = {"study": args.study, "rates_of": rates["device"].iloc[0]}
    write(f"cost_{args.rates}", [row | where for row in rows])
    missing = table[table["measured"] == "missing"]
    for row in missing.to_dict("records"):
        print(f"missing: {row['model']} at crop {row['crop']} ({row['runs']} runs)")


if __name__ == "__main__":
    main()
