"""A stand-in for opinions: a full-reference metric with the spread of a panel of raters."""

import numpy as np
from skimage.metrics import structural_similarity

from biqa.distortions.definition import Picture

N_RATERS = 15
RATER_SD = 10.0  # points of 100, of one rating around the metric; of their mean 2.6


def similarity(reference: Picture, picture: Picture) -> float:
    """Return SSIM, at most 1, which means equal (Wang et al., IEEE TIP 2004).

    With the authors' Gaussian window (standard deviation 1.5 pixels) and constants, as the mean
    of the channels R, G and B; the paper has luma only, which does not see wrong colours.
    """
    return float(
        structural_similarity(
            reference,
            picture,
            channel_axis=2,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def proxy_score(reference: Picture, picture: Picture, rng: np.random.Generator) -> float:
    """Return a score in [0, 100], higher is better, that no person gave a picture."""
    return rated(similarity(reference, picture), rng)


def rated(similar: float, rng: np.random.Generator) -> float:
    """Return the score in [0, 100] of what is so ``similar`` to its reference, at most 1.

    100 times that, 0 where it is negative, is what ``N_RATERS`` made-up raters agree on; each
    adds Gaussian noise and stays on the scale; the score is their mean, to two decimals.
    """
    agreed = 100 * max(similar, 0.0)
    ratings = np.clip(agreed + rng.normal(scale=RATER_SD, size=N_RATERS), 0, 100)
    return round(float(ratings.mean()), 2)
