"""Time of each loss with its gradient, at a batch of 16 and at a database of 10,000.

DCQ stands beside the form that its paper writes, a sum over all pairs as a matrix.
"""

import argparse
import statistics
import subprocess
import sys
from collections.abc import Callable

import torch
from timing import in_turn, processor, write
from torch import Tensor

from biqa.losses import known_losses, loss
from biqa.training.records import peak_memory_mb

NEEDED = {"linearity_induced": {"alpha": (1, 1)}}
BY_PAIRS = "dcq by pairs"


def dcq_by_pairs(predicted: Tensor, mos: Tensor) -> Tensor:
    """Return DCQ (MSE + QDC + QAC) from matrices of all pairs, O(n squared) time and memory."""
    n = len(mos)
    gaps, due = predicted[:, None] - predicted, mos[:, None] - mos
    signs = torch.sign(due)
    pairs = n * (n - 1)
    mse = (predicted - mos).square().mean()
    qdc = (gaps - due).square().sum() / pairs
    return mse + qdc - (signs * gaps).sum() / pairs


def function(name: str) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the loss of this name with options that it cannot do without."""
    return dcq_by_pairs if name == BY_PAIRS else loss(name, **NEEDED.get(name, {}))


def with_gradient(name: str, n: int, calls: int) -> Callable[[], None]:
    """Return work that computes a loss and its gradient ``calls`` times."""
    generator = torch.Generator().manual_seed(0)
    predicted = torch.rand(n, generator=generator, requires_grad=True)
    mos = torch.rand(n, generator=generator)
    compute = function(name)

    def work() -> None:
        for _ in range(calls):
            compute(predicted, mos).backward()

    return work


def peak_megabytes(name: str, n: int) -> float:
    """Return by how much one call of a loss and its gradient raises a process's peak memory."""
    command = [sys.executable, __file__, "--peak", name, "--n", str(n)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _peak(name: str, n: int) -> float:
    with_gradient(name, 16, 1)()
    before = peak_memory_mb()
    with_gradient(name, n, 1)()
    return peak_memory_mb() - before


def main() -> None:
    """Measure all losses in turn and write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peak", help="print the memory of one loss")
    parser.add_argument("--n", type=int, default=10_000)
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.peak:
        print(_peak(args.peak, args.n))
        return
    names = [*known_losses(), BY_PAIRS]
    rows: list[dict[str, object]] = []
    for n, calls in ((16, 200), (args.n, 1)):
        work = {name: with_gradient(name, n, calls) for name in names}
        seconds = in_turn(work, rounds=args.rounds)
        for name, each in seconds.items():
            row: dict[str, object] = {"loss": name, "n": n}
            row["milliseconds"] = 1000 * statistics.median(each) / calls
            row["to_mse"] = statistics.median(each) / statistics.median(seconds["mse"])
            row["peak_megabytes"] = peak_megabytes(name, n) if n == args.n else float("nan")
            rows.append(row | {"device": processor(), "threads": 1})
    write("losses", rows)


if __name__ == "__main__":
    main()
