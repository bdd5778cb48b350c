"""Pictures that look the same have hashes that are close; other pictures have not."""

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from biqa.datasets.archive import Archive
from biqa.datasets.livec import DATASET
from biqa.errors import InputError
from biqa.pictures.decode import decode, resize
from biqa.pictures.look_alikes import MOST_DIFFERENT, look_alikes, perceptual_hash
from biqa.pictures.prepare import prepare
from biqa.pictures.store import PictureStore


def apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    return data.astronaut()


def compressed(picture: np.ndarray) -> np.ndarray:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=20)
    return np.asarray(Image.open(stream))


CHANGES = {
    "half the size": lambda p: resize(p, p.shape[0] // 2, p.shape[1] // 2),
    "another aspect": lambda p: resize(p, 300, 500),
    "strongly compressed": compressed,
    "darker": lambda p: p // 2,
    "less contrast": lambda p: p // 4 + 96,
    "noisy": lambda p: np.clip(p + np.random.default_rng(0).normal(0, 15, p.shape), 0, 255).astype(
        np.uint8
    ),
    "gray": lambda p: np.repeat(np.asarray(Image.fromarray(p).convert("L"))[..., None], 3, axis=-1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_scene_is_close(change, photograph):
    changed = perceptual_hash(CHANGES[change](photograph))
    assert apart(perceptual_hash(photograph), changed) <= MOST_DIFFERENT / 2


@pytest.mark.parametrize("other", ["rocket", "chelsea", "coffee", "mirrored", "upside down"])
def test_another_picture_is_far(other, photograph):
    turned = {"mirrored": photograph[:, ::-1].copy(), "upside down": photograph[::-1].copy()}
    picture = turned[other] if other in turned else getattr(data, other)()
    assert apart(perceptual_hash(photograph), perceptual_hash(picture)) > 1.5 * MOST_DIFFERENT


def test_the_bits_are_the_signs_of_a_picture_made_of_waves():
    """Cosines are what the transform is made of: each strong wave sets its own bit alone."""
    x = (np.arange(48) + 0.5) * np.pi / 48
    waves = [(0, 3), (5, 2), (11, 11), (7, 0)]  # cycles down, cycles across, in half turns
    gray = 128 + sum(25 * np.outer(np.cos(k * x), np.cos(m * x)) for k, m in waves)
    picture = np.repeat(gray.round().astype(np.uint8)[..., None], 3, axis=-1)
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(perceptual_hash(picture)), np.uint8))[:143]
    places = [12 * k + m - 1 for k, m in waves]
    assert bits[places].all()
    negative = np.unpackbits(
        np.frombuffer(bytes.fromhex(perceptual_hash(255 - picture)), np.uint8)
    )[:143]
    assert not negative[places].any()


@pytest.mark.parametrize("value", [0, 17, 255])
def test_an_empty_picture_has_no_bits_of_chance(value):
    assert set(perceptual_hash(np.full((33, 71, 3), value, np.uint8))) == {"0"}


def test_waves_that_are_not_there_have_no_bits_of_chance(rng):
    """A row plus a column of values: but for rounding, no wave runs both across and down."""
    gray = rng.integers(0, 128, (48, 1)) + rng.integers(0, 128, (1, 48))
    text = perceptual_hash(np.repeat(gray.astype(np.uint8)[..., None], 3, axis=-1))
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(text), np.uint8))[:143]
    waves = np.concatenate([[0], bits]).reshape(12, 12)
    assert waves[0].any()
    assert waves[:, 0].any()
    assert not waves[1:, 1:].any()


def test_groups_are_chains_of_close_hashes_by_their_first_name():
    bits = np.zeros((5, 18), np.uint8)
    bits[1, :3] = 255  # 24 bits from 0
    bits[2, :6] = 255  # 24 bits from 1, 48 from 0
    bits[3, 10:14] = 255  # 32 bits from 0
    bits[4, :4] = 255  # 32 bits from 0, 8 from 1
    names = ["d", "c", "b", "a", "e"]
    hashes = [row.tobytes().hex() for row in bits]
    assert look_alikes(names, hashes) == ["b", "b", "b", "a", "b"]


@pytest.mark.parametrize(("n_bits", "expected"), [(28, ["a", "a"]), (29, ["a", "b"])])
def test_the_last_bit_counts(n_bits, expected):
    hashes = [f"{0:036x}", f"{2**n_bits - 1:036x}"]
    assert look_alikes(["a", "b"], hashes) == expected


def test_groups_do_not_depend_on_the_order(rng):
    hashes = [f"{int(number):036x}" for number in rng.integers(0, 2**20, 40) * 2**20]
    names = [f"{i:02d}" for i in range(40)]
    order = rng.permutation(40)
    again = look_alikes([names[i] for i in order], [hashes[i] for i in order])
    assert dict(zip([names[i] for i in order], again, strict=True)) == dict(
        zip(names, look_alikes(names, hashes), strict=True)
    )


def test_one_picture_is_alone():
    assert look_alikes(["a"], ["0" * 36]) == ["a"]


@pytest.mark.parametrize("text", ["", "12", "x" * 36, "0" * 37])
def test_what_is_no_hash_is_refused(text):
    with pytest.raises(InputError, match=r"picture 'b': .* is no perceptual hash"):
        look_alikes(["a", "b"], ["0" * 36, text])


@pytest.mark.data
@pytest.mark.slow
def test_the_scenes_that_live_challenge_shows_twice_are_found(archives_folder, tmp_path):
    """246 and 333 are one file; the others are series of one scene, as the eye sees."""
    path = archives_folder / DATASET.archive
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    with Archive(path) as archive:
        prepare(DATASET, archive, "32x32", tmp_path)
    labels = PictureStore.open(tmp_path).labels
    alike = groups_of_several(labels["name"].tolist(), labels["perceptual_hash"].tolist())
    assert alike == [
        {"246.bmp", "333.bmp"},
        {"672.JPG", "694.JPG"},
        {"824.JPG", "825.JPG"},
        {"896.JPG", "897.JPG"},
    ]


# Pairs of BIQ2021 with different bytes, names and scores, seen to be one picture each.
TWICE = [(1003, 5230), (5581, 6960), (5627, 7173), (5726, 7624), (5734, 7668), (5749, 7827)]


@pytest.mark.data
def test_pictures_that_biq2021_holds_twice_are_found(archives_folder):
    path = archives_folder / "BIQ2021-main.zip"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    names = [f"BIQ2021-main/Images/ss03 ({number}).jpg" for pair in TWICE for number in pair]
    with Archive(path) as archive:
        hashes = [perceptual_hash(decode(archive.read(name), name)) for name in names]
    pairs = [set(names[i : i + 2]) for i in range(0, len(names), 2)]
    assert groups_of_several(names, hashes) == pairs


def groups_of_several(names: list[str], hashes: list[str]) -> list[set[str]]:
    groups: dict[str, set[str]] = {}
    for name, first in zip(names, look_alikes(names, hashes), strict=True):
        groups.setdefault(first, set()).add(name)
    return [groups[first] for first in sorted(groups) if len(groups[first]) > 1]
