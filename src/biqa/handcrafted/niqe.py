"""NIQE of Mittal, Soundararajan and Bovik (SPL 2013): the distance from pristine pictures.

It never sees a score. The predicted quality is minus the distance of Eq. 10.
"""

from collections.abc import Iterable

import numpy as np

from biqa.handcrafted.gaussian_models import distances, gaussian_model, own_covariance, sharpest
from biqa.handcrafted.gray_levels import blocks, halved, luminance
from biqa.handcrafted.method import Basis, Method, Numbers, Picture
from biqa.handcrafted.scene_statistics import normalised, statistics

NAMES = ("niqe",)
BASIS = "pristine"
KIND = "opinion_unaware"

SHARPEST = 0.75  # T of the paper: how sharp a pristine patch is, against the sharpest one


class NIQE(Method):
    """One number a picture, from the 36 statistics of each of its patches."""

    def __init__(self, side: int) -> None:
        self.side = side

    def learn(self, pictures: Iterable[Picture], rng: np.random.Generator) -> Basis:
        """Return the Gaussian of the sharp patches of pristine pictures."""
        chosen = []
        for picture in pictures:
            patches, sharpness = self.patches(picture)
            chosen.append(patches[sharpest(sharpness, SHARPEST)])
        return gaussian_model(chosen, "niqe")

    def features(self, picture: Picture, basis: Basis) -> Numbers:
        """Return minus the distance between the picture's Gaussian and the pristine one."""
        patches, _ = self.patches(picture)
        difference = patches.mean(axis=0) - basis["mean"]
        own = own_covariance(patches, "niqe")
        return -distances(difference[None], basis["covariance"], own)

    def patches(self, picture: Picture) -> tuple[Numbers, Numbers]:
        """Return 36 statistics of each patch (n, 36), and its sharpness, its mean deviation."""
        gray = luminance(picture)
        values, deviation = normalised(gray)
        sharpness = blocks(deviation, self.side).mean(axis=(1, 2))
        height, width = (length // self.side * self.side for length in gray.shape)
        small, _ = normalised(halved(gray[:height, :width]))
        parts = [blocks(values, self.side), blocks(small, self.side // 2)]
        return np.concatenate([statistics(part, scales=True) for part in parts], 1), sharpness


def build(name: str, *, side: int = 96) -> Method:
    """Return NIQE; ``side`` of a patch in pixels, even."""
    return NIQE(side)
