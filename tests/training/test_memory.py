"""Freed memory stays with the process, so that a next tensor finds its pages there.

The first few of a size do not: aligning each leaves splinters, which the allocator's cache of
small pieces keeps until it is full, and which part freed tensors from free space beside them.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import biqa

FAULTS = """
import resource, sys, torch
ELEMENTS = int(sys.argv[2])
from biqa.training.memory import keep_freed_memory
if sys.argv[1] == "keep" and not keep_freed_memory():
    sys.exit(3)
def use():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(ELEMENTS)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(min(use() for _ in range(32)))
"""

ELEMENTS = 10_000_000  # of four bytes: above what the C library ever keeps by itself
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(biqa.__file__).parents[1])}


def page_faults(setting):
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, setting, str(ELEMENTS)],
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
    pages = ELEMENTS * 4 // resource.getpagesize()
    assert page_faults("keep") < pages / 100
