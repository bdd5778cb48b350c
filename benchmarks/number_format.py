"""A training step of MobileNetV2 on a CPU: number formats, their exceptions, and memory kept.

Memory is kept or handed back for a whole process, so each variant is a process of its own; they
take turns.
"""

import argparse
import statistics
import subprocess
import sys
import time

import torch
from timing import processor, ratios, write

from biqa.models import create_model
from biqa.recipes import Hardware
from biqa.training.memory import keep_freed_memory
from biqa.training.number_format import keep_in_float32, number_format

VARIANTS = {  # dtype, exceptions in float32, freed memory kept
    "float32": ("float32", False, False),
    "float32, memory kept": ("float32", False, True),
    "bfloat16 throughout": ("bfloat16", False, True),
    "bfloat16 as biqa has it": ("bfloat16", True, True),
}


def step_seconds(dtype: str, exceptions: bool, kept: bool, steps: int) -> float:
    """Return the median seconds of a step of 16 pictures of 224x224, one thread."""
    if kept:
        keep_freed_memory()
    torch.set_num_threads(1)
    hardware = Hardware(dtype=dtype)  # type: ignore[arg-type]
    model = create_model("timm/mobilenetv2_100", weights="none").train()
    model = model.to(memory_format=torch.channels_last)
    if exceptions:
        keep_in_float32(model, hardware)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-5, fused=True)
    images = torch.randn(16, 3, 224, 224).contiguous(memory_format=torch.channels_last)
    seconds = []
    for _ in range(steps):
        started = time.perf_counter()
        with number_format(hardware):
            predicted = model(images)
        optimizer.zero_grad()
        predicted.float().square().mean().backward()
        optimizer.step()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[steps // 3 :])


def main() -> None:
    """Run every variant as a process, in turn, and write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=18)
    parser.add_argument("--only", choices=VARIANTS, help="print one variant's seconds a step")
    args = parser.parse_args()
    if args.only:
        print(step_seconds(*VARIANTS[args.only], args.steps))
        return
    seconds: dict[str, list[float]] = {name: [] for name in VARIANTS}
    for _ in range(args.rounds):
        for name in VARIANTS:
            command = [sys.executable, __file__, "--only", name, "--steps", str(args.steps)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seconds[name].append(float(done.stdout))
    rows = [
        {"variant": name, "seconds": statistics.median(each), **ratios(seconds["float32"], each)}
        | {"device": processor(), "threads": 1}
        for name, each in seconds.items()
    ]
    write("number_format", rows)


if __name__ == "__main__":
    main()
