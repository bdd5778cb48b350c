"""HOSA of Xu, Ye, Li, Du, Liu and Doermann (TIP 2016): how patches differ from few codewords.

100 codewords, learned without labels from another database (there CSIQ). For each, the picture's
patches that have it among their 5 nearest differ from those of the codebook in mean, variance
and skewness: 3 x 49 x 100 features, then linear SVR.
"""

from collections.abc import Iterable

import numpy as np

from biqa.handcrafted.local_patches import learn_codebook, normalised_patches
from biqa.handcrafted.method import Basis, Method, Numbers, Picture

NAMES = ("hosa",)
BASIS = "codebook"
KIND = "svr"

SHARPNESS = 0.05  # beta: a patch's weight for a codeword at distance d is exp(-beta d^2)
NEAREST = 5
TINY = 1e-8


class HOSA(Method):
    """147 features a codeword."""

    def __init__(self, codewords: int, patches: int, samples: int, rounds: int) -> None:
        self.codewords, self.patches = codewords, patches
        self.samples, self.rounds = samples, rounds

    def learn(self, pictures: Iterable[Picture], rng: np.random.Generator) -> Basis:
        """Return whitening, codewords, and the variance and skewness of each one's patches."""
        basis, patches, nearest = learn_codebook(
            pictures, rng, codewords=self.codewords, samples=self.samples, rounds=self.rounds
        )
        weights = (nearest[:, None] == np.arange(self.codewords)).astype(np.float32)
        _, variance, skewness = moments(patches, weights, basis["codewords"])
        return {**basis, "variance": variance, "skewness": skewness}

    def features(self, picture: Picture, basis: Basis) -> Numbers:
        """Return the differences, their signed roots, of length 1 (section III.D)."""
        patches = normalised_patches(picture, self.patches) @ basis["whitening"]
        words = basis["codewords"]
        weights = soft_weights(patches, words)
        found = moments(patches, weights, words)
        known = (words, basis["variance"], basis["skewness"])
        there = weights.sum(axis=0) > 0
        flat = np.concatenate(
            [((new - old) * there[:, None]).ravel() for new, old in zip(found, known, strict=True)]
        )
        flat = np.sign(flat) * np.sqrt(np.abs(flat))
        return (flat / max(np.linalg.norm(flat), TINY)).astype(np.float32)


def soft_weights(patches: Numbers, words: Numbers) -> Numbers:
    """Return the weight of each patch for each codeword (n, k): 0 but for its 5 nearest."""
    squares = np.square(patches).sum(axis=1)[:, None] + np.square(words).sum(axis=1)
    distance = np.maximum(squares - 2 * patches @ words.T, 0)
    nearest = min(NEAREST, len(words))
    limit = np.partition(distance, nearest - 1, axis=1)[:, nearest - 1, None]
    lowest = distance.min(axis=1, keepdims=True)
    weights = np.exp(-SHARPNESS * (distance - lowest)) * (distance <= limit)
    return weights / weights.sum(axis=1, keepdims=True)


def moments(patches: Numbers, weights: Numbers, words: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return mean, variance and skewness (k, d) of patches (n, d) under weights (n, k).

    A codeword that no patch comes near has its own mean and no spread.
    """
    total = weights.sum(axis=0)[:, None]
    first, second, third = (
        weights.T @ power / np.maximum(total, TINY) for power in (patches, patches**2, patches**3)
    )
    mean = np.where(total > 0, first, words)
    variance = np.where(total > 0, np.maximum(second - first**2, 0), 0)
    central = third - 3 * first * second + 2 * first**3
    skewness = np.where(variance > TINY, central / np.maximum(variance, TINY) ** 1.5, 0)
    return mean, variance, skewness


def build(
    name: str, *, codewords: int = 100, patches: int = 10_000, samples: int = 100, rounds: int = 50
) -> Method:
    """Return HOSA with so many ``codewords``, and ``patches`` of each picture.

    The codebook is learned from ``samples`` patches of each picture in ``rounds`` of k-means.
    """
    return HOSA(codewords, patches, samples, rounds)
