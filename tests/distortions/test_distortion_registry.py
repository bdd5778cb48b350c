"""What holds for every distortion, whichever it is."""

import numpy as np
import pytest

from biqa.distortions import distort, distortion, known
from biqa.distortions.definition import N_LEVELS
from biqa.distortions.seeding import generator
from biqa.errors import InputError
from biqa.scenes import references

SCENES = ("astronaut_1", "china_2", "flower_1", "leaves_1")
LEVELS = range(1, N_LEVELS + 1)
FIRST_DRAW = 897641  # of the generator named below, in the process where this was written


@pytest.fixture(scope="module")
def scenes() -> dict[str, np.ndarray]:
    return references(96, SCENES, seed=1)


def mean_squared_error(picture: np.ndarray, reference: np.ndarray) -> float:
    return float(((picture.astype(float) - reference.astype(float)) ** 2).mean())


def test_there_are_the_types_that_the_field_speaks_of():
    field = {"white_noise", "gaussian_blur", "jpeg", "jpeg2000", "contrast_lowered", "pixelated"}
    assert field <= set(known())
    assert len(known()) >= 14


@pytest.mark.parametrize("name", known())
def test_the_name_is_the_one_it_is_found_by(name):
    assert distortion(name).name == name
    assert distortion(name).source
    assert distortion(name).parameter


@pytest.mark.parametrize("name", known())
@pytest.mark.parametrize("shape", [(33, 47, 3), (64, 32, 3)])
def test_shape_and_dtype_are_kept(name, shape, rng):
    picture = rng.integers(256, size=shape, dtype=np.uint8)
    for level in LEVELS:
        distorted = distort(picture, name, level, np.random.default_rng(0))
        assert distorted.shape == shape
        assert distorted.dtype == np.uint8


@pytest.mark.parametrize("name", known())
def test_the_given_picture_is_left_alone(name, scenes):
    picture = scenes["china_2"].copy()
    distort(picture, name, 3, np.random.default_rng(0))
    np.testing.assert_array_equal(picture, scenes["china_2"])


@pytest.mark.parametrize("name", known())
def test_a_higher_level_lies_farther_from_the_reference(name, scenes):
    errors = [
        np.mean(
            [
                mean_squared_error(distort(scene, name, level, np.random.default_rng(7)), scene)
                for scene in scenes.values()
            ]
        )
        for level in LEVELS
    ]
    assert errors[0] > 0
    assert np.all(np.diff(errors) > 0), errors


@pytest.mark.parametrize("name", known())
def test_same_generator_same_pixels(name, scenes):
    once, again = (
        distort(scenes["leaves_1"], name, 4, generator(3, "leaves_1", name, 4)) for _ in range(2)
    )
    np.testing.assert_array_equal(once, again)


@pytest.mark.parametrize("level", [0, 6, -1, 2.5])
def test_a_level_out_of_one_to_five_is_refused(level, scenes):
    with pytest.raises(InputError, match=rf"white_noise: level {level}, expected one of 1 to 5"):
        distort(scenes["leaves_1"], "white_noise", level, np.random.default_rng(0))


def test_a_picture_of_floats_is_refused(scenes):
    with pytest.raises(InputError, match=r"jpeg: a picture of float64 and shape \(96, 96, 3\)"):
        distort(scenes["leaves_1"] / 255, "jpeg", 1, np.random.default_rng(0))


def test_a_gray_picture_is_refused(scenes):
    with pytest.raises(InputError, match=r"shape \(96, 96\), expected uint8"):
        distort(scenes["leaves_1"][..., 0], "jpeg", 1, np.random.default_rng(0))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match=r"unknown distortion 'jpg'.*jpeg, jpeg2000"):
        distortion("jpg")


def test_a_generator_depends_on_every_name_and_on_the_seed():
    keys = [(1, "a", "jpeg", 1), (2, "a", "jpeg", 1), (1, "b", "jpeg", 1), (1, "a", "jpeg", 2)]
    draws = {tuple(generator(*key).integers(2**60, size=2)) for key in keys}
    assert len(draws) == len(keys)


def test_a_generator_is_the_same_in_every_process():
    """Python salts ``hash`` anew in each process; a stated number shows that we do not use it."""
    assert generator(2026, "china_1", "jpeg", 3).integers(1_000_000) == FIRST_DRAW
