"""A folder of pristine pictures becomes a dataset that S-CNN can learn from."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from biqa.__main__ import main
from biqa.datasets.own import facts_of, own_dataset, read_table
from biqa.distortions import distort
from biqa.distortions.seeding import generator
from biqa.generation.pristine import OF_SCNN


@pytest.fixture
def pristine(tmp_path, rng):
    folder = tmp_path / "pristine"
    folder.mkdir()
    for name in ("sea.png", "town.bmp"):
        Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)).save(folder / name)
    return folder


def made(pristine, output, *more):
    words = ["distort", "--pictures", pristine, "--output", output, *more]
    return main(list(map(str, words)))


def test_every_picture_has_every_distortion_at_every_level(pristine, tmp_path):
    assert made(pristine, tmp_path / "out", "--distortions", "jpeg", "white_noise") == 0
    table = read_table(tmp_path / "out" / "labels.csv")
    assert len(table) == 2 * 2 * 5
    counts = table.groupby(["reference", "distortion"]).size()
    assert counts.to_dict() == {
        (reference, name): 5 for reference in ("sea", "town") for name in ("jpeg", "white_noise")
    }
    assert sorted(set(table["level"])) == ["1", "2", "3", "4", "5"]
    facts = facts_of("mine", table, (0, 100))
    assert (facts["n_references"], facts["distortions"]) == (2, ("jpeg", "white_noise"))


def test_a_picture_is_its_pristine_one_distorted(pristine, tmp_path):
    assert made(pristine, tmp_path / "out", "--distortions", "white_noise", "--seed", "3") == 0
    name = "town-white_noise-4.png"
    reference = np.array(Image.open(pristine / "town.bmp"))
    expected = distort(reference, "white_noise", 4, generator(3, name, "white_noise", 4))
    np.testing.assert_array_equal(np.array(Image.open(tmp_path / "out" / name)), expected)


def test_one_picture_more_leaves_the_others_as_they_were(pristine, tmp_path):
    words = ("--distortions", "gaussian_blur")
    assert made(pristine, tmp_path / "one", *words) == 0
    Image.new("RGB", (32, 24), "red").save(pristine / "another.png")
    assert made(pristine, tmp_path / "two", *words) == 0
    one, two = (pd.read_csv(tmp_path / name / "labels.csv") for name in ("one", "two"))
    assert two[two["reference"] != "another"].reset_index(drop=True).equals(one)
    for name in one["picture"]:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_default_is_what_scnn_tells_apart(pristine, tmp_path, capsys):
    (pristine / "town.bmp").unlink()
    assert made(pristine, tmp_path / "out") == 0
    assert set(pd.read_csv(tmp_path / "out" / "labels.csv")["distortion"]) == set(OF_SCNN)
    assert "45 pictures of 9 distortions" in capsys.readouterr().out


def test_scores_that_nobody_gave_are_called_so():
    facts = {"name": "mine", "title": "Mine", "n_images": 1, "n_references": 0}
    facts |= {"score_range": (0, 1), "higher_is_better": True, "licence": "", "citation": ""}
    given = own_dataset(**facts, score_name="MOS")
    computed = own_dataset(**facts, score_name="proxy score", is_proxy=True)
    assert (given.is_proxy, computed.is_proxy) == (False, True)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--distortions", "blurr"], "unknown distortion 'blurr'"),
        (["--seed", "-1"], "--seed -1: expected a whole number from 0"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(
    pristine, tmp_path, capsys, more, message
):
    assert made(pristine, tmp_path / "out", *more) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_names_that_would_meet_are_refused(pristine, tmp_path, capsys):
    Image.new("RGB", (8, 8)).save(pristine / "sea.bmp")
    assert made(pristine, tmp_path / "out") == 1
    assert "sea.bmp and sea.png differ in suffix alone" in capsys.readouterr().err
    assert made(pristine / "gone", tmp_path / "out") == 1
    assert "gone: no such folder" in capsys.readouterr().err
