"""Random numbers that depend on names, not on the order of the work."""

import hashlib

import numpy as np


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return a generator for this seed and these names, such as reference, distortion, level."""
    key = "/".join([str(seed), *map(str, names)])
    digest = hashlib.sha256(key.encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
