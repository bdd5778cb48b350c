"""Pictures become 8-bit RGB, or are refused by name."""

import io
import warnings
from contextlib import suppress

import cv2
import numpy as np
import pytest
from PIL import Image

from biqa.errors import InputError
from biqa.pictures.decode import decode, resize


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture
def pixels(rng):
    return rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("kind", "options"), [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {"lossless": True})]
)
def test_pixels_come_back_from_a_lossless_file(kind, options, pixels):
    content = encoded(Image.fromarray(pixels), kind, **options)
    np.testing.assert_array_equal(decode(content, "x.jpg"), pixels)


def test_a_jpeg_has_the_pixels_that_another_decoder_gives():
    x, y = np.meshgrid(np.arange(64), np.arange(48))
    smooth = np.stack([4 * x, 5 * y, 2 * (x + y)], axis=-1).astype(np.uint8)
    content = encoded(Image.fromarray(smooth), "JPEG", quality=95, subsampling=0)
    other = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    # two builds of libjpeg may round differently
    np.testing.assert_allclose(decode(content, "x").astype(int), other.astype(int), atol=1)


def test_gray_becomes_three_equal_channels(pixels):
    gray = pixels[..., 0]
    expected = np.repeat(gray[..., None], 3, axis=-1)
    np.testing.assert_array_equal(decode(encoded(Image.fromarray(gray)), "x"), expected)


def test_black_and_white_become_0_and_255(pixels):
    bits = pixels[..., 0] > 127
    expected = np.repeat(bits[..., None], 3, axis=-1) * 255
    np.testing.assert_array_equal(decode(encoded(Image.fromarray(bits)), "x"), expected)


def test_a_palette_becomes_its_colours():
    indexed = Image.new("P", (2, 1))
    indexed.putpalette([10, 20, 30, 200, 100, 50])
    indexed.putpixel((1, 0), 1)
    assert decode(encoded(indexed), "x").tolist() == [[[10, 20, 30], [200, 100, 50]]]


def test_an_opaque_alpha_channel_is_dropped(pixels):
    opaque = np.dstack([pixels, np.full((5, 7), 255, np.uint8)])
    np.testing.assert_array_equal(decode(encoded(Image.fromarray(opaque)), "x"), pixels)


# What brings a picture stored with this EXIF orientation upright (EXIF 2.32, tag 274).
UPRIGHT = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.swapaxes(0, 1),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: p.swapaxes(0, 1)[::-1, ::-1],
    8: lambda p: np.rot90(p, 1),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_the_exif_orientation_is_applied(orientation, pixels):
    exif = Image.Exif()
    exif[274] = orientation
    content = encoded(Image.fromarray(pixels), exif=exif)
    np.testing.assert_array_equal(decode(content, "x"), UPRIGHT[orientation](pixels))


def by_opencv(content: bytes) -> np.ndarray:
    """What another decoder makes of a file, as RGB; it turns pictures upright as well."""
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def palette(image: Image.Image) -> Image.Image:
    return image.quantize(40, dither=Image.Dither.NONE)


def oriented(number: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = number
    return exif


VARIANTS = {
    "gray PNG": lambda image: encoded(image.convert("L")),
    "black and white PNG": lambda image: encoded(image.convert("1")),
    "palette PNG": lambda image: encoded(palette(image)),
    "two-bit palette PNG": lambda image: encoded(image.quantize(4), bits=2),
    "opaque RGBA PNG": lambda image: encoded(image.convert("RGBA")),
    "packed TIFF": lambda image: encoded(image, "TIFF", compression="tiff_lzw"),
    "gray TIFF": lambda image: encoded(image.convert("L"), "TIFF"),
    "palette BMP": lambda image: encoded(palette(image), "BMP"),
    "gray BMP": lambda image: encoded(image.convert("L"), "BMP"),
    "opaque 32-bit BMP": lambda image: encoded(image.convert("RGBA"), "BMP"),
    "lossless WebP": lambda image: encoded(image, "WEBP", lossless=True),
    **{
        f"PNG turned {number}": lambda image, number=number: encoded(image, exif=oriented(number))
        for number in range(1, 9)
    },
}


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (33, 2)], ids=str)
@pytest.mark.parametrize("variant", VARIANTS)
def test_another_decoder_sees_the_same_pixels(variant, shape, rng):
    image = Image.fromarray(rng.integers(0, 256, (*shape, 3), dtype=np.uint8))
    content = VARIANTS[variant](image)
    np.testing.assert_array_equal(decode(content, "x"), by_opencv(content))


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("number", range(1, 9))
def test_another_decoder_turns_a_jpeg_the_same_way(number, mode):
    x, y = np.meshgrid(np.arange(40), np.arange(24))
    smooth = np.stack([5 * x, 9 * y, 3 * (x + y)], axis=-1).astype(np.uint8)
    image = Image.fromarray(smooth).convert(mode)
    content = encoded(image, "JPEG", quality=95, subsampling=0, exif=oriented(number))
    found, other = decode(content, "x"), by_opencv(content)
    # two builds of libjpeg may round differently
    np.testing.assert_allclose(found.astype(int), other.astype(int), atol=1)


def test_a_single_frame_gif_is_its_palette():
    indexed = Image.new("P", (2, 1))
    indexed.putpalette([10, 20, 30, 200, 100, 50])
    indexed.putpixel((1, 0), 1)
    assert decode(encoded(indexed, "GIF"), "x").tolist() == [[[10, 20, 30], [200, 100, 50]]]


def test_the_first_picture_of_a_phone_s_jpeg_is_taken(rng):
    first, second = (Image.new("RGB", (16, 16), colour) for colour in ((200, 60, 30), (0, 0, 0)))
    content = encoded(first, "MPO", save_all=True, append_images=[second], quality=95)
    with Image.open(io.BytesIO(content)) as file:
        assert (file.format, file.n_frames) == ("MPO", 2)
    np.testing.assert_allclose(decode(content, "x").astype(int), by_opencv(content), atol=1)
    assert (abs(decode(content, "x").astype(int) - [200, 60, 30]) <= 2).all()


def refusal(content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        decode(content, "a.zip: 1.bmp")
    message = str(caught.value)
    assert message.startswith("a.zip: 1.bmp: ")
    assert "\n" not in message
    return message


def test_transparent_pixels_are_refused(pixels):
    alpha = np.full((5, 7), 255, np.uint8)
    alpha[2, 3] = 254
    assert "transparent" in refusal(encoded(Image.fromarray(np.dstack([pixels, alpha]))))


def test_a_transparent_palette_entry_is_refused():
    indexed = Image.new("P", (2, 1))
    indexed.putpalette([10, 20, 30, 200, 100, 50])
    assert "transparent" in refusal(encoded(indexed, transparency=0))


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)], ids=["gray", "colour"])
@pytest.mark.parametrize("kind", [".png", ".tiff"])
def test_sixteen_bits_a_channel_are_refused(shape, kind, rng):
    deep = rng.integers(0, 65536, shape, dtype=np.uint16)
    assert "more than 8 bits" in refusal(cv2.imencode(kind, deep)[1].tobytes())


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_refused(kind):
    assert "colour mode CMYK" in refusal(encoded(Image.new("CMYK", (4, 4)), kind))


@pytest.mark.parametrize(
    ("mode", "kind", "message"),
    [
        ("LAB", "TIFF", "colour mode LAB"),
        ("F", "TIFF", "more than 8 bits"),
        ("I", "TIFF", "more than 8 bits"),
        ("I;16", "PNG", "more than 8 bits"),
    ],
)
def test_colours_that_are_no_8_bit_rgb_are_refused(mode, kind, message):
    assert message in refusal(encoded(Image.new(mode, (4, 4)), kind))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "TIFF", "WEBP"])
def test_several_frames_or_pages_are_refused(kind):
    frames = [Image.new("RGB", (4, 5), (value, 0, 0)) for value in (0, 100, 200)]
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    assert "has 3 frames or pages; expected one picture" in refusal(content)


@pytest.mark.parametrize("kind", ["PPM", "TGA", "JPEG2000", "SGI", "ICO"])
def test_kinds_of_files_that_no_database_uses_are_refused(kind):
    """Some of them hold more than 8 bits a channel where it cannot be seen any more."""
    message = refusal(encoded(Image.new("RGB", (16, 16)), kind))
    assert "expected one of BMP, GIF, JPEG, PNG, TIFF, WEBP" in message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "GIF", "WEBP"])
def test_no_damage_is_worse_than_a_refusal(kind, rng):
    """Bytes turned at random: a picture of another content, or one error that we know."""
    noise = Image.fromarray(rng.integers(0, 256, (12, 17, 3), dtype=np.uint8))
    content = encoded(noise, kind)
    for _ in range(150):
        damaged = np.frombuffer(content, np.uint8).copy()
        damaged[rng.integers(0, len(damaged), 3)] = rng.integers(0, 256, 3)
        with warnings.catch_warnings(), suppress(InputError):
            warnings.simplefilter("ignore")
            assert decode(damaged.tobytes(), "x").dtype == np.uint8


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP"])
def test_a_truncated_picture_is_refused(kind, rng):
    noise = Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8))
    content = encoded(noise, kind)
    assert "cannot be decoded" in refusal(content[: len(content) // 2])


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xd8\xff\xe0" + b"x" * 100])
def test_what_is_no_picture_is_refused(content):
    assert "cannot be decoded" in refusal(content)


def cubic(x: np.ndarray) -> np.ndarray:
    """The cubic convolution of Keys (1981) with a = -0.5."""
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def weights(n_in: int, n_out: int) -> np.ndarray:
    """How much of each input sample is in each output sample; the kernel widens to shrink."""
    step = n_in / n_out
    centres = (np.arange(n_out) + 0.5) * step - 0.5
    matrix = cubic((np.arange(n_in) - centres[:, None]) / max(step, 1))
    return matrix / matrix.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("height", "width"), [(10, 12), (40, 12), (37, 50), (30, 41)])
def test_resizing_is_a_widened_cubic_convolution(height, width, rng):
    picture = rng.integers(60, 200, (30, 41, 3), dtype=np.uint8)
    vertical, horizontal = weights(30, height), weights(41, width)
    expected = np.einsum("hi,wj,ijc->hwc", vertical, horizontal, picture)
    # Pillow rounds to 8 bits after each of its two passes
    np.testing.assert_allclose(resize(picture, height, width), expected.clip(0, 255), atol=1.5)


def test_a_picture_of_the_wanted_size_is_not_touched(pixels):
    assert resize(pixels, 5, 7) is pixels
