"""How fast a network could train here if a step were nothing but its multiplications.

The processor's rate is that of the fastest of some convolutions, in each number format; the
network's multiplications are counted over a forward and backward pass. Beside this bound
stand the rates that ``training.py`` measured, and the largest ratio to (c) that it leaves.
"""

import argparse
import time

import pandas as pd
import torch
from timing import FOLDER, processor, write
from torch.utils.flop_counter import FlopCounterMode
from training import BATCH, CROP

from biqa.models import create_model

CONVOLUTIONS = ((64, 56), (128, 28), (256, 14), (512, 7))  # channels and side, as in a ResNet
FORMATS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def operations(name: str) -> float:
    """Return the operations of a training step a picture; a multiplication with its sum is two."""
    model = create_model(name, weights="none").train()
    with FlopCounterMode(display=False) as counted:
        model(torch.randn(2, 3, CROP, CROP)).sum().backward()
    return counted.get_total_flops() / 2


def operations_per_second(dtype: torch.dtype, rounds: int) -> float:
    """Return the best rate of a convolution: what disturbs it can only make it slower."""
    best = 0.0
    for channels, side in CONVOLUTIONS:
        layer = torch.nn.Conv2d(channels, channels, 3, padding=1, bias=False, dtype=dtype)
        layer = layer.to(memory_format=torch.channels_last)
        images = torch.randn(BATCH, channels, side, side, dtype=dtype)
        images = images.contiguous(memory_format=torch.channels_last)
        count = 2 * BATCH * side**2 * 9 * channels**2
        for _ in range(rounds):
            started = time.perf_counter()
            with torch.no_grad():
                layer(images)
            best = max(best, count / (time.perf_counter() - started))
    return best


def main() -> None:
    """Compare the measured rates with the bound; write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    measured = pd.read_csv(FOLDER / "training_cpu.csv")
    torch.set_num_threads(int(measured["threads"].iloc[0]))
    rates = {name: operations_per_second(dtype, args.rounds) for name, dtype in FORMATS.items()}
    work = {name: operations(name) for name in measured["model"].unique()}
    rows: list[dict[str, object]] = []
    for row in measured.to_dict("records"):
        bound = rates[row["dtype"]] / work[row["model"]]
        rows.append(
            {
                **{"model": row["model"], "dtype": row["dtype"]},
                "gigaoperations_per_picture": work[row["model"]] / 1e9,
                "gigaoperations_per_second": rates[row["dtype"]] / 1e9,
                "bound_per_second": bound,
                "ours_to_bound": row["ours_per_second"] / bound,
                "released_per_second": row["released_per_second"],
                "largest_ratio": bound / row["released_per_second"],
                **{"device": processor(), "threads": torch.get_num_threads()},
            }
        )
    write("bound", rows)


if __name__ == "__main__":
    main()
