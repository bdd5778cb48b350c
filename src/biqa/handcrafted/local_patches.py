"""Small patches of gray levels, normalised and whitened, and codebooks of them."""

from collections.abc import Iterable

import numpy as np
from sklearn.cluster import KMeans

from biqa.errors import InputError
from biqa.handcrafted.gray_levels import luminance
from biqa.handcrafted.method import Basis, Numbers, Picture

SIDE = 7  # pixels
CONTRAST = 10.0  # added to the variance, on gray levels from 0 to 255
WHITENING = 0.1  # added to the variances along the principal components


def normalised_patches(picture: Picture, count: int) -> Numbers:
    """Return about ``count`` patches of 7x7 on an even grid, (n, 49), in single precision.

    Each less its mean, over the root of its variance + 10. Where the papers draw places at
    random, a grid needs no seed; a picture with fewer places gives all of them.
    """
    gray = luminance(picture).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(gray, (SIDE, SIDE))
    share = min(1.0, np.sqrt(count / (windows.shape[0] * windows.shape[1])))
    rows, columns = (_spread(places, share) for places in windows.shape[:2])
    patches = windows[rows[:, None], columns].reshape(-1, SIDE**2)
    patches = patches - patches.mean(axis=1, keepdims=True)
    return patches / np.sqrt(patches.var(axis=1, keepdims=True) + CONTRAST)


def whitening(patches: Numbers) -> Numbers:
    """Return the symmetric matrix (49, 49) that makes patches (n, 49) white, nearly."""
    variances, directions = np.linalg.eigh(np.cov(patches, rowvar=False))
    return ((directions / np.sqrt(variances + WHITENING)) @ directions.T).astype(np.float32)


def learn_codebook(
    pictures: Iterable[Picture],
    rng: np.random.Generator,
    *,
    codewords: int,
    samples: int,
    rounds: int,
) -> tuple[Basis, Numbers, Numbers]:
    """Return whitening and codewords, the whitened patches, and the codeword of each.

    ``samples`` patches of each picture are drawn, and grouped by ``rounds`` of k-means.
    """
    drawn = []
    for picture in pictures:
        found = normalised_patches(picture, 4 * samples)
        drawn.append(found[rng.permutation(len(found))[:samples]])
    patches = np.concatenate(drawn)
    if len(patches) < codewords:
        raise InputError(
            f"{len(patches)} patches for {codewords} codewords; draw more samples of a picture or "
            "learn fewer codewords"
        )
    white = whitening(patches)
    patches = patches @ white
    groups = KMeans(
        codewords, init="random", n_init=1, max_iter=rounds, tol=0, random_state=_seed(rng)
    ).fit(patches)
    basis = {"whitening": white, "codewords": groups.cluster_centers_.astype(np.float32)}
    return basis, patches, groups.labels_


def _spread(places: int, share: float) -> Numbers:
    """Return evenly spread whole numbers below ``places``."""
    return np.linspace(0, places - 1, max(1, round(share * places))).round().astype(int)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
