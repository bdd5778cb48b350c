"""CORNIA of Ye, Kumar, Kang and Doermann (CVPR 2012): a codebook of patches, and linear SVR.

The codebook is learned without labels from another database, as in the paper (there CSIQ). A
feature is how well the best patch of the picture fits a codeword, and its opposite.
"""

from collections.abc import Iterable

import numpy as np

from biqa.handcrafted.local_patches import learn_codebook, normalised_patches
from biqa.handcrafted.method import Basis, Method, Numbers, Picture

NAMES = ("cornia",)
BASIS = "codebook"
KIND = "svr"

TOGETHER = 256  # patches compared at a time: their similarities stay in the processor's cache


class CORNIA(Method):
    """Two features a codeword."""

    def __init__(self, codewords: int, patches: int, samples: int, rounds: int) -> None:
        self.codewords, self.patches = codewords, patches
        self.samples, self.rounds = samples, rounds

    def learn(self, pictures: Iterable[Picture], rng: np.random.Generator) -> Basis:
        """Return whitening and codewords of length 1."""
        basis, _, _ = learn_codebook(
            pictures, rng, codewords=self.codewords, samples=self.samples, rounds=self.rounds
        )
        words = basis["codewords"]
        length = np.linalg.norm(words, axis=1, keepdims=True)
        return {**basis, "codewords": words / np.maximum(length, np.finfo(np.float32).tiny)}

    def features(self, picture: Picture, basis: Basis) -> Numbers:
        """Return max(s, 0) and max(-s, 0), the largest over patches, s = patch . codeword."""
        patches = normalised_patches(picture, self.patches) @ basis["whitening"]
        words = np.ascontiguousarray(basis["codewords"].T)
        best = np.zeros((2, words.shape[1]), dtype=np.float32)
        for start in range(0, len(patches), TOGETHER):
            similarity = patches[start : start + TOGETHER] @ words
            np.maximum(best[0], similarity.max(axis=0), out=best[0])
            np.maximum(best[1], -similarity.min(axis=0), out=best[1])
        return best.ravel()


def build(
    name: str,
    *,
    codewords: int = 10_000,
    patches: int = 10_000,
    samples: int = 100,
    rounds: int = 5,
) -> Method:
    """Return CORNIA with so many ``codewords``, compared with ``patches`` of each picture.

    The codebook is learned from ``samples`` patches of each picture in ``rounds`` of k-means.
    """
    return CORNIA(codewords, patches, samples, rounds)
