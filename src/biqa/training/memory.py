"""Memory that one training step frees, kept for the next."""

import ctypes
import ctypes.util

# Parameters of mallopt(3), GNU C library.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
NEVER_TRIM = 2**31 - 1  # bytes at the heap's end that stay ours
GROW_BY = 2**28  # bytes


def keep_freed_memory() -> bool:
    """Tell the C library to hold on to freed memory; return whether it can be told.

    By default it hands every large tensor back to the system and asks for it again in the next
    step; the system then clears each page anew, which costs a MobileNetV2 step on a CPU an
    eighth of its time (``benchmarks/number_format.py``). No number changes. C libraries other
    than GNU's have no such switch and need none here.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return False
    settings = ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, NEVER_TRIM), (M_TOP_PAD, GROW_BY))
    return all(library.mallopt(parameter, value) == 1 for parameter, value in settings)
