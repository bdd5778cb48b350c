"""Dead leaves: pictures with the statistics of natural scenes, computed from a seed."""

import numpy as np

OVERSAMPLING = 2  # pixels of the model along one pixel of the picture: edges are not jagged
SMALLEST = 2.0  # radius, pixels of the model
HUE_AXES = np.array([[0.5, 0.5, -1.0], [1.0, -0.7, -0.3]])  # yellow to blue, red to green
HUE_SD = (30.0, 16.0)  # gray values
SURELY_COVERED = 1e-3  # expected number of pixels that no leaf covers


def dead_leaves(size: int, rng: np.random.Generator) -> np.ndarray:
    """Return a scene of occluding textured discs, (size, size, 3) uint8.

    Discs of random place, colour and texture fall on each other until they cover the picture.
    Radii have a density proportional to r^-3, which makes the scene look alike at all scales
    and its power spectrum fall with about the square of the frequency, as in photographs (Lee,
    Mumford and Huang, Occlusion models for natural images, IJCV 2001). Colours and textures are
    our own choice: leaves differ more in lightness than in hue, and each carries a piece of
    pink noise and a slow shade.
    """
    side = size * OVERSAMPLING
    n_leaves, owner = _cover(side, largest=side / 2, rng=rng)
    lightness = rng.beta(1.3, 1.5, size=n_leaves) * 230 + 10
    hue = rng.normal(scale=HUE_SD, size=(n_leaves, 2)) @ HUE_AXES
    scene = (lightness[:, None] + hue)[owner]
    scene += _texture(owner, n_leaves, rng)[..., None]
    means = scene.reshape(size, OVERSAMPLING, size, OVERSAMPLING, 3).mean(axis=(1, 3))
    return np.clip(np.rint(means), 0, 255).astype(np.uint8)


def _cover(side: int, *, largest: float, rng: np.random.Generator) -> tuple[int, np.ndarray]:
    """Return how many leaves fell, and for each pixel (side, side) the leaf that lies on top.

    Leaf 0 is the top one. As many fall as leave ``SURELY_COVERED`` bare pixels on average.
    """
    density = 2 / (SMALLEST**-2 - largest**-2)  # of r^-3, so that it integrates to 1
    mean_area = np.pi * density * np.log(largest / SMALLEST)
    field = (side + 2 * largest) ** 2  # centres may lie outside the picture
    n_leaves = int(np.ceil(np.log(side**2 / SURELY_COVERED) * field / mean_area))
    quantile = rng.uniform(size=n_leaves)
    radius = (SMALLEST**-2 - quantile * (SMALLEST**-2 - largest**-2)) ** -0.5
    centre = rng.uniform(-largest, side + largest, size=(n_leaves, 2))
    owner = np.full(side * side, n_leaves - 1, dtype=np.int32)  # the last leaf is the ground
    reach = np.ceil(radius).astype(int)
    for distance in np.unique(reach):
        leaves = np.flatnonzero(reach == distance).astype(np.int32)
        pixels, leaf = _discs(centre[leaves], radius[leaves], int(distance), side)
        np.minimum.at(owner, pixels, leaves[leaf])
    return n_leaves, owner.reshape(side, side)


def _discs(
    centre: np.ndarray, radius: np.ndarray, reach: int, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the flat pixels inside the discs, and for each of them the number of its disc."""
    steps = np.arange(-reach, reach + 1)
    base = np.rint(centre).astype(int)
    row = base[:, 0, None] + steps  # (leaves, steps)
    column = base[:, 1, None] + steps
    squared = ((row - centre[:, :1]) ** 2)[:, :, None] + ((column - centre[:, 1:]) ** 2)[:, None, :]
    inside = squared <= radius[:, None, None] ** 2
    inside &= ((row >= 0) & (row < side))[:, :, None] & ((column >= 0) & (column < side))[:, None]
    leaf, i, j = np.nonzero(inside)
    return row[leaf, i] * side + column[leaf, j], leaf


def _texture(owner: np.ndarray, n_leaves: int, rng: np.random.Generator) -> np.ndarray:
    """Return gray values (side, side) to add: each leaf shows another piece of one pattern."""
    side = len(owner)
    pattern = _pink_noise(side, rng)
    shift = rng.integers(side, size=(n_leaves, 2), dtype=np.int32)
    strength = rng.gamma(2.0, 5.0, size=n_leaves)
    slope = rng.normal(scale=40 / side, size=(n_leaves, 2))
    row, column = np.indices(owner.shape, dtype=np.int32)
    texture = pattern[(row + shift[owner, 0]) % side, (column + shift[owner, 1]) % side]
    shade = slope[owner, 0] * (row - side / 2) + slope[owner, 1] * (column - side / 2)
    return strength[owner] * texture + shade


def _pink_noise(side: int, rng: np.random.Generator) -> np.ndarray:
    """Return noise (side, side) of mean 0, variance 1 and amplitude one over the frequency."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side))
    frequency[0, 0] = np.inf
    noise = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(side, side))) / frequency, s=(side, side))
    return noise / noise.std()
