"""Work that is killed again and again at random moments, for several test modules."""

import os
import random
import signal
import time
from collections.abc import Callable

# Of each of eleven things: four steps alone, four in a study, snakemake, restamp and seal.
N_KILLS = int(os.environ.get("BIQA_KILLS", "5"))  # 'make kills' asks for 50


def _started(work: Callable[[], object]) -> int:
    """Start work in a silent fork; return its number."""
    number = os.fork()
    if number == 0:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        try:
            work()
        finally:
            os._exit(0)
    return number


def kill_at_random(work: Callable[[], object]) -> None:
    """Do ``work`` in forks until ``N_KILLS`` of them were killed before they had ended.

    The moments are drawn from the time that the work takes undisturbed, measured first.
    """
    start = time.perf_counter()
    os.waitpid(_started(work), 0)
    seconds = time.perf_counter() - start
    rng = random.Random(20261121)
    n_killed = 0
    for _ in range(20 * N_KILLS):
        number = _started(work)
        time.sleep(rng.random() * seconds)
        os.kill(number, signal.SIGKILL)
        n_killed += os.WIFSIGNALED(os.waitpid(number, 0)[1])
        if n_killed == N_KILLS:
            return
    raise AssertionError(f"of {20 * N_KILLS} forks only {n_killed} were at work when killed")
