"""Freed memory stays with the process, so that a next tensor finds its pages there."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import biqa

FAULTS = """
import resource, sys, torch
from biqa.training.memory import keep_freed_memory
if sys.argv[1] == "keep" and not keep_freed_memory():
    sys.exit(3)
def use():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(50_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(min(use() for _ in range(8)))
"""

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(biqa.__file__).parents[1])}


def page_faults(setting):
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, setting],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )
    if done.returncode == 3:
        pytest.skip("this C library has no mallopt")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_tensor_as_large_as_a_freed_one_costs_no_new_pages():
    pages = 50_000_000 * 4 // resource.getpagesize()
    assert page_faults("keep") < pages / 100
