"""Codecs, palettes, colours, tone and places, against other ways to compute them."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from biqa.distortions import distort, distortion
from biqa.distortions.colour_spaces import to_luma_chroma
from biqa.scenes import references

LEVELS = range(1, 6)


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return references(96, ["china_2"], seed=1)["china_2"]


def luma(picture: np.ndarray) -> np.ndarray:
    return picture @ np.array([0.299, 0.587, 0.114])


@pytest.mark.parametrize("level", LEVELS)
def test_jpeg_is_what_pillow_writes_at_the_stated_quality(level, scene, rng):
    file = io.BytesIO()
    quality = (43, 36, 24, 7, 4)[level - 1]
    Image.fromarray(scene).save(file, "JPEG", quality=quality, subsampling=2)
    np.testing.assert_array_equal(distort(scene, "jpeg", level, rng), np.array(Image.open(file)))


@pytest.mark.parametrize("level", LEVELS)
def test_jpeg2000_keeps_to_the_stated_ratio(level, scene, rng, monkeypatch):
    sizes = []
    save = Image.Image.save

    def spy(image, file, *args, **options):
        save(image, file, *args, **options)
        sizes.append(len(file.getvalue()))

    monkeypatch.setattr(Image.Image, "save", spy)
    distort(scene, "jpeg2000", level, rng)
    # the ratio is an upper bound of the code stream; the container adds 85 bytes
    allowed = scene.size / distortion("jpeg2000").levels[level - 1]
    assert 0.7 * allowed < sizes[0] < allowed + 100


@pytest.mark.parametrize("level", LEVELS)
def test_palette_has_no_more_colours_than_stated(level, scene, rng):
    few = distort(scene, "colour_quantised", level, rng).reshape(-1, 3)
    n_colours = len(np.unique(few, axis=0))
    allowed = distortion("colour_quantised").levels[level - 1]
    assert 0.7 * allowed <= n_colours <= allowed


@pytest.mark.parametrize("level", LEVELS)
def test_quantised_gray_values_are_even_steps_and_the_nearest(level, rng):
    ramp = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)
    few = distort(ramp, "quantised", level, rng).astype(int)
    n_values = distortion("quantised").levels[level - 1]
    values = np.unique(few)
    assert len(values) == n_values
    assert (values[0], values[-1]) == (0, 255)
    half_step = 255 / (n_values - 1) / 2
    assert np.abs(few - ramp).max() <= half_step + 0.5


@pytest.mark.parametrize("level", LEVELS)
def test_pixels_of_a_block_are_its_mean(level, rng):
    picture = rng.integers(256, size=(35, 41, 3), dtype=np.uint8)
    side = int(distortion("pixelated").levels[level - 1])
    blocks = distort(picture, "pixelated", level, rng)
    for top in range(0, 35, side):
        for left in range(0, 41, side):
            here = np.s_[top : top + side, left : left + side]
            mean = picture[here].mean(axis=(0, 1))
            assert np.abs(blocks[here] - mean).max() <= 0.5 + 1e-9


def test_saturation_zero_is_gray_of_the_largest_channel(scene, rng):
    gray = distort(scene, "desaturated", 5, rng)
    np.testing.assert_array_equal(gray, np.repeat(scene.max(axis=2, keepdims=True), 3, axis=2))


@pytest.mark.parametrize("level", LEVELS)
def test_saturation_of_hsv_is_multiplied(level, scene, rng):
    factor = distortion("desaturated").levels[level - 1]
    largest = scene.max(axis=2, keepdims=True).astype(float)
    expected = largest - factor * (largest - scene)  # HSV: hue and value stay
    pale = distort(scene, "desaturated", level, rng)
    np.testing.assert_allclose(pale, expected, atol=0.5 + 1e-6)


@pytest.mark.parametrize("name", ["oversaturated", "colour_diffusion"])
@pytest.mark.parametrize("level", LEVELS)
def test_luma_stays_where_only_chroma_is_wrong(name, level, scene, rng):
    wrong = distortion(name).apply(scene, distortion(name).levels[level - 1], rng)
    np.testing.assert_allclose(luma(wrong), luma(scene), atol=1e-9)


def test_chroma_is_multiplied_by_the_stated_factor(rng):
    pale = np.full((4, 4, 3), (120, 128, 135), dtype=np.uint8)
    factor = distortion("oversaturated").levels[1]
    strong = distort(pale, "oversaturated", 2, rng)[0, 0]
    expected = luma(pale)[0, 0] + factor * (pale[0, 0] - luma(pale)[0, 0])
    np.testing.assert_allclose(strong, expected, atol=0.5 + 1e-9)


def test_luma_and_chroma_are_those_of_jpeg_files(scene):
    pillow = np.array(Image.fromarray(scene).convert("YCbCr")).astype(float) - [0, 128, 128]
    # Pillow rounds to whole gray values
    np.testing.assert_allclose(to_luma_chroma(scene), pillow, atol=1.01)


def test_colour_shift_moves_red_right_and_blue_left(scene, rng):
    level, pixels = 3, 2
    assert distortion("colour_shift").levels[level - 1] == pixels
    moved = distort(scene, "colour_shift", level, rng)
    np.testing.assert_array_equal(moved[:, pixels:, 0], scene[:, :-pixels, 0])
    np.testing.assert_array_equal(moved[..., 1], scene[..., 1])
    np.testing.assert_array_equal(moved[:, :-pixels, 2], scene[:, pixels:, 2])


@pytest.mark.parametrize("level", LEVELS)
def test_contrast_is_lowered_around_the_mean(level, scene, rng):
    factor = distortion("contrast_lowered").levels[level - 1]
    low = distort(scene, "contrast_lowered", level, rng).astype(float)
    # few gray values are left, so their rounding does not average out to 0
    assert low.mean() == pytest.approx(scene.mean(), abs=0.1)
    assert low.std() == pytest.approx(factor * scene.std(), abs=0.05)


@pytest.mark.parametrize(("name", "sign"), [("brightened", 1), ("darkened", -1)])
@pytest.mark.parametrize("level", LEVELS)
def test_black_and_white_stay_and_middle_gray_moves(name, sign, level, rng):
    grays = np.repeat(np.array([0, 128, 255], dtype=np.uint8), 3).reshape(1, 3, 3)
    black, middle, white = distort(grays, name, level, rng)[0, :, 0].astype(int)
    assert (black, white) == (0, 255)
    strength = distortion(name).levels[level - 1]
    exponent = 1 + strength if name == "darkened" else 1 / (1 + strength)
    assert middle == round(255 * np.exp(exponent * np.log(128 / 255)))
    assert sign * (middle - 128) > 0


@pytest.mark.parametrize("level", LEVELS)
def test_mean_shift_goes_both_ways_by_the_stated_gray_values(level):
    gray = np.full((4, 4, 3), 128, dtype=np.uint8)
    shifts = {
        int(distort(gray, "mean_shifted", level, np.random.default_rng(seed)).mean()) - 128
        for seed in range(12)
    }
    stated = distortion("mean_shifted").levels[level - 1]
    assert shifts == {-stated, stated}


@pytest.mark.parametrize("level", LEVELS)
def test_blocks_cover_the_stated_area_at_most(level, scene, rng):
    changed = (distort(scene, "colour_blocks", level, rng) != scene).any(axis=2).sum()
    stated = distortion("colour_blocks").levels[level - 1]
    assert 0.4 * stated * 16**2 < changed <= stated * 16**2


def test_patches_come_from_eight_pixels_away_at_most(rng):
    """On a picture whose pixels tell their row and column, patches tell where they are from."""
    row, column = np.indices((96, 96))
    places = np.stack([row, column, np.zeros_like(row)], axis=-1).astype(np.uint8)
    moved = distort(places, "patches_moved", 3, rng).astype(int)
    steps = np.abs(moved - places)[..., :2]
    assert steps.max() == 8
    assert 0.2 < (steps.max(axis=2) > 0).mean() < 60 * 64 / 96**2


@pytest.mark.parametrize("level", LEVELS)
def test_jitter_displaces_by_the_stated_deviation(level, rng):
    """On a ramp, a displacement along it is a difference of gray values."""
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 256, axis=0).repeat(3, axis=2)
    sd = distortion("jittered").levels[level - 1]
    difference = distortion("jittered").apply(ramp, sd, rng)[:, 16:-16, 0] - ramp[:, 16:-16, 0]
    assert difference.std() == pytest.approx(sd, rel=0.02)
    assert difference.mean() == pytest.approx(0, abs=0.02 * sd)


@pytest.mark.parametrize("level", LEVELS)
def test_sharpening_is_unsharp_masking_as_pillow_does_it(level, rng):
    """Pillow blurs by boxes, so it agrees on the size of the halo beside an edge, not exactly."""
    edge = np.full((32, 32, 3), 120, dtype=np.uint8)
    edge[:, 16:] = 132
    amount = distortion("sharpened").levels[level - 1]
    ours = distort(edge, "sharpened", level, rng)[16, :, 0].astype(int) - edge[16, :, 0]
    mask = ImageFilter.UnsharpMask(radius=1, percent=int(100 * amount), threshold=0)
    pillow = np.array(Image.fromarray(edge).filter(mask))[16, :, 0].astype(int) - edge[16, :, 0]
    np.testing.assert_allclose(ours, pillow, atol=1 + amount)
    assert ours[16] > 0 > ours[15]
