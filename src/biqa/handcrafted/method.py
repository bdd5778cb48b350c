"""What every hand-crafted method offers, whatever it measures."""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]  # (height, width, 3), sRGB
Gray = npt.NDArray[np.float64]  # (height, width), 0 to 255
Numbers = npt.NDArray[np.floating]
Basis = Mapping[str, Numbers]  # what was learned beforehand, by name; empty where nothing is


class Method:
    """Turns a picture into numbers.

    Those of kind "svr" are features, which a regression maps to scores. Those of kind
    "opinion_unaware" are one number, the predicted quality itself: higher is better, on no
    scale of labels.
    """

    def learn(self, pictures: Iterable[Picture], rng: np.random.Generator) -> Basis:
        """Return what the method has to know beforehand, from pictures without labels."""
        return {}

    def features(self, picture: Picture, basis: Basis) -> Numbers:
        """Return the numbers of one picture, (n_features,), in single precision or better."""
        raise NotImplementedError
