"""Multivariate Gaussians of patches, and how far a picture is from the pristine one."""

from collections.abc import Iterable

import numpy as np

from biqa.errors import InputError
from biqa.handcrafted.method import Basis, Numbers


def sharpest(sharpness: Numbers, fraction: float) -> Numbers:
    """Return which patches of a picture are at least ``fraction`` as sharp as its sharpest."""
    return sharpness >= fraction * sharpness.max()


def gaussian_model(patches: Iterable[Numbers], name: str) -> Basis:
    """Return mean (d,) and covariance (d, d) of patches (n, d) of several pictures."""
    table = np.concatenate(list(patches))
    if len(table) <= table.shape[1]:
        raise InputError(
            f"{name}: {len(table)} pristine patches for {table.shape[1]} numbers each, expected "
            "more patches than numbers; take more or larger pristine pictures, or fewer components"
        )
    return {"mean": table.mean(axis=0), "covariance": np.cov(table, rowvar=False)}


def own_covariance(patches: Numbers, name: str) -> Numbers:
    """Return the covariance (d, d) of one picture's patches (n, d)."""
    if len(patches) < 2:
        raise InputError(
            f"{name}: a picture of one patch has no covariance; prepare the pictures at a larger "
            "size"
        )
    return np.cov(patches, rowvar=False)


def distances(differences: Numbers, one: Numbers, other: Numbers) -> Numbers:
    """Return sqrt(x' ((C1 + C2) / 2)^+ x) for each row x of ``differences`` (n, d)."""
    inverse = np.linalg.pinv((one + other) / 2, hermitian=True)
    return np.sqrt(np.maximum(np.einsum("ni,ij,nj->n", differences, inverse, differences), 0))
