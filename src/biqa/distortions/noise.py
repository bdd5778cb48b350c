"""Noise of several colours, and what is left of it after denoising."""

import numpy as np
import numpy.typing as npt
from skimage import restoration

from biqa.distortions.colour_spaces import from_luma_chroma, to_luma_chroma
from biqa.distortions.definition import Distortion, Picture

WHITE = 255  # gray value 1.0 of the variances below


def white_noise(picture: Picture, variance: float, rng: np.random.Generator) -> npt.NDArray:
    """Add independent Gaussian noise to every pixel and channel."""
    return picture + rng.normal(scale=WHITE * np.sqrt(variance), size=picture.shape)


def colour_noise(picture: Picture, variance: float, rng: np.random.Generator) -> npt.NDArray:
    """Add independent Gaussian noise to Cb and Cr; luma keeps its values."""
    luma_chroma = to_luma_chroma(picture)
    noise = rng.normal(scale=WHITE * np.sqrt(variance), size=(*picture.shape[:2], 2))
    luma_chroma[..., 1:] += noise
    return from_luma_chroma(luma_chroma)


def impulse_noise(picture: Picture, share: float, rng: np.random.Generator) -> npt.NDArray:
    """Replace a share of the values by black or white, half of them each, per channel."""
    chance = rng.uniform(size=picture.shape)
    return np.where(chance < share / 2, 0, np.where(chance < share, WHITE, picture))


def multiplicative_noise(
    picture: Picture, variance: float, rng: np.random.Generator
) -> npt.NDArray:
    """Multiply every value by Gaussian noise of mean 1: speckle, strongest where it is bright."""
    return picture * rng.normal(loc=1, scale=np.sqrt(variance), size=picture.shape)


def pink_noise(picture: Picture, sd: float, rng: np.random.Generator) -> npt.NDArray:
    """Add noise, the same in all channels, whose amplitude falls as one over the frequency."""
    shape = picture.shape[:2]
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))
    frequency[0, 0] = np.inf
    noise = np.fft.irfft2(np.fft.rfft2(rng.normal(size=shape)) / frequency, s=shape)
    return picture + sd * (noise / noise.std())[..., None]


def denoised(picture: Picture, variance: float, rng: np.random.Generator) -> npt.NDArray:
    """Add white noise and remove it by total variation: detail goes with it, flats remain.

    Our own choice: the weight of the variation is the standard deviation of the noise, and
    12 iterations of Chambolle's algorithm (JMIV 2004).
    """
    noisy = np.clip(white_noise(picture, variance, rng), 0, WHITE) / WHITE
    smooth = restoration.denoise_tv_chambolle(
        noisy, weight=np.sqrt(variance), max_num_iter=12, channel_axis=2
    )
    return smooth * WHITE


DISTORTIONS = (
    Distortion(
        name="white_noise",
        parameter="variance of the noise, where white is 1",
        levels=(2**-10, 2**-8.5, 2**-7, 2**-5.5, 2**-4),
        source="range of DBCNN's generator (2^-10 to 2^-3.5) in even steps; its last level, "
        "variance 1, is left out: nothing of the picture remains",
        apply=white_noise,
    ),
    Distortion(
        name="colour_noise",
        parameter="variance of the noise in Cb and in Cr, where white is 1",
        levels=(0.0005, 0.0015, 0.004, 0.01, 0.03),
        source="own choice: KADID-10k's variances are 0.0001 to 0.003, but in luma too",
        apply=colour_noise,
    ),
    Distortion(
        name="impulse_noise",
        parameter="share of the values that are replaced",
        levels=(0.005, 0.01, 0.03, 0.06, 0.12),
        source="own choice: KADID-10k's shares are 0.001 to 0.03, too few of 128 x 128 pixels",
        apply=impulse_noise,
    ),
    Distortion(
        name="multiplicative_noise",
        parameter="variance of the factor",
        levels=(0.001, 0.005, 0.01, 0.02, 0.05),
        source="KADID-10k",
        apply=multiplicative_noise,
    ),
    Distortion(
        name="pink_noise",
        parameter="standard deviation of the noise, gray values",
        levels=(5, 10, 18, 30, 45),
        source="own choice: DBCNN's generator states factors (0.3 to 4) of noise without a unit",
        apply=pink_noise,
    ),
    Distortion(
        name="denoised",
        parameter="variance of the noise that was removed, where white is 1",
        levels=(0.001, 0.003, 0.008, 0.02, 0.05),
        source="own choice: KADID-10k's denoiser is a trained network, ours is total variation",
        apply=denoised,
    ),
)
