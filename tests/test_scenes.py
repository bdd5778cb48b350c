"""References: what they are, that they are ours to use, and how natural dead leaves are."""

import socket
import subprocess
import sys

import numpy as np
import pytest

from biqa.datasets.demo import GENERATED as DEMO
from biqa.datasets.demo_mixed import GENERATED as MIXED
from biqa.errors import InputError
from biqa.scenes import LEAVES, known, photographs, references
from biqa.scenes.dead_leaves import dead_leaves
from biqa.scenes.photographs import PHOTOGRAPHS


def spectrum_slope(picture: np.ndarray) -> float:
    """Exponent of power over frequency, rings of 3 to 42 cycles a picture, Hann window."""
    gray = picture.mean(axis=2)
    side = len(gray)
    window = np.outer(np.hanning(side), np.hanning(side))
    power = np.abs(np.fft.fft2((gray - gray.mean()) * window)) ** 2
    cycles = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)) * side
    ring = np.rint(cycles).astype(int).ravel()
    mean_power = np.bincount(ring, power.ravel()) / np.bincount(ring)
    rings = np.arange(3, side // 3)
    return float(np.polyfit(np.log(rings), np.log(mean_power[rings]), 1)[0])


@pytest.fixture(scope="module")
def scenes() -> dict[str, np.ndarray]:
    return references(128, known(), seed=2026)


def test_every_reference_is_a_picture_with_something_in_it(scenes):
    assert len(scenes) >= 32
    for name, picture in scenes.items():
        assert picture.shape == (128, 128, 3), name
        assert picture.dtype == np.uint8, name
        assert picture.std() > 20, name


def test_no_two_references_are_alike(scenes):
    small = np.array([picture[::4, ::4].ravel().astype(float) for picture in scenes.values()])
    alike = np.corrcoef(small) - np.eye(len(small))
    assert alike.max() < 0.9


def test_leaves_have_the_power_spectrum_of_natural_scenes(scenes):
    """Power falls with the square of the frequency; single scenes scatter, their mean does not."""
    slopes = [spectrum_slope(scenes[name]) for name in LEAVES]
    assert np.mean(slopes) == pytest.approx(-2.1, abs=0.25)
    assert min(slopes) > -2.7
    assert max(slopes) < -1.5


def test_photographs_have_a_like_spectrum(scenes):
    slopes = [spectrum_slope(scenes[name]) for name in scenes if name not in LEAVES]
    assert np.mean(slopes) == pytest.approx(-2.5, abs=0.5)


def test_noise_would_not_pass_for_a_natural_scene(rng):
    assert abs(spectrum_slope(rng.integers(256, size=(128, 128, 3), dtype=np.uint8))) < 0.2


def test_leaves_of_one_seed_are_one_scene_and_of_another_are_not():
    first, again, other = (dead_leaves(64, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.9


def test_a_reference_does_not_depend_on_what_else_is_asked_for():
    alone = references(64, ["leaves_3"], seed=5)["leaves_3"]
    among = references(64, ["china_1", "leaves_1", "leaves_3"], seed=5)["leaves_3"]
    np.testing.assert_array_equal(alone, among)


@pytest.mark.parametrize("size", [32, 200])
def test_size_is_free(size):
    for picture in references(size, ["leaves_1", "rocket_2"], seed=1).values():
        assert picture.shape == (size, size, 3)


def test_the_two_datasets_share_no_photograph_and_no_scene():
    def sources(names: tuple[str, ...]) -> set[str]:
        return {name if name in LEAVES else name.rpartition("_")[0] for name in names}

    assert sources(DEMO.references).isdisjoint(sources(MIXED.references))
    assert min(len(set(DEMO.references)), len(set(MIXED.references))) >= 16


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_crops_of_a_photograph_overlap_by_a_tenth_at_most(name):
    boxes = PHOTOGRAPHS[name].boxes
    for i, (top, left, side) in enumerate(boxes):
        for other_top, other_left, other_side in boxes[:i]:
            rows = min(top + side, other_top + other_side) - max(top, other_top)
            columns = min(left + side, other_left + other_side) - max(left, other_left)
            shared = max(rows, 0) * max(columns, 0)
            assert shared <= 0.1 * min(side, other_side) ** 2


def test_nothing_is_fetched_and_no_package_imported_for_its_photographs():
    """In a process of its own, where opening a socket raises."""
    program = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('a socket was opened')\n"
        "socket.socket = refuse\n"
        "from biqa.scenes import known, references\n"
        "references(32, known(), seed=1)\n"
        "print(sorted({'skimage', 'sklearn', 'pooch', 'torch'} & set(sys.modules)))\n"
    )
    assert socket.socket is not None
    path = photographs.__file__.split("/biqa/")[0]
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": path},
    )
    assert done.stderr == ""
    assert done.stdout.strip() == "[]"


def test_another_file_under_the_name_of_a_photograph_is_refused(monkeypatch):
    other = photographs.Photograph("skimage", "data/chelsea.png", "0" * 64, ((0, 0, 10),))
    monkeypatch.setitem(PHOTOGRAPHS, "coffee", other)
    with pytest.raises(InputError, match=r"chelsea.png: sha256 596aa1e.*expected 0000"):
        references(32, ["coffee_1"], seed=1)


def test_a_package_without_its_photograph_is_named(monkeypatch):
    gone = photographs.Photograph("skimage", "data/gone.png", "", ((0, 0, 10),))
    monkeypatch.setitem(PHOTOGRAPHS, "coffee", gone)
    with pytest.raises(InputError, match=r"gone.png: missing, although skimage ships it"):
        references(32, ["coffee_1"], seed=1)


def test_an_unknown_reference_lists_the_known_ones():
    with pytest.raises(InputError, match=r"unknown reference 'lena_1'.*china_1"):
        references(32, ["lena_1"], seed=1)
