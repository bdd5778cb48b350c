"""LIVE In the Wild: labels from its MATLAB files, pictures by content."""

import json
from dataclasses import replace

import miniature_livec as mini
import pytest

from biqa.datasets.archive import Archive
from biqa.datasets.livec import DATASET
from biqa.errors import InputError
from biqa.pictures.decode import decode


def read(path, files, n_images=3):
    with Archive(mini.write_zip(path / "mini.zip", files)) as archive:
        return replace(DATASET, n_images=n_images).labels(archive)


def refusal(path, files, n_images=3):
    with pytest.raises(InputError) as caught:
        read(path, files, n_images)
    return str(caught.value).removeprefix(f"{path / 'mini.zip'}: ")


def test_labels_leave_out_the_pictures_that_trained_the_raters(tmp_path):
    labels = read(tmp_path, mini.members())
    assert labels["name"].tolist() == ["1.bmp", "10.JPG", "2.bmp"]
    assert labels["score"].tolist() == [92.25, 3.5, 40.0]
    assert labels["mos"].tolist() == pytest.approx([0.9225, 0.035, 0.4])
    assert labels["member"].tolist() == [f"{mini.IMAGES}/{name}" for name in labels["name"]]


def test_a_row_keeps_its_number_in_the_official_list(tmp_path):
    files = mini.members(mini.SCORES | {"10.JPG": 100.5})
    assert refusal(tmp_path, files) == (
        "1 fault: label row 3 (10.JPG) has the score 100.5, outside 0 to 100"
    )


def test_a_row_that_occurs_twice_is_named(tmp_path):
    files = mini.members([*mini.SCORES.items(), ("2.bmp", 41.0)])
    assert refusal(tmp_path, files, n_images=4) == (
        "1 fault: label row 5 (2.bmp) names a picture a second time"
    )


def test_a_row_without_a_picture_is_named(tmp_path):
    files = mini.members(mini.SCORES | {"3.bmp": 50.0})
    assert "label row 5 (3.bmp) has no picture" in refusal(tmp_path, files, n_images=4)


def test_a_picture_without_a_row_is_named(tmp_path):
    files = mini.members(pictures={"3.bmp": b""})
    assert refusal(tmp_path, files) == f"1 fault: the picture {mini.IMAGES}/3.bmp has no label"


def test_lists_of_different_lengths_are_refused(tmp_path):
    files = mini.members()
    member = "ChallengeDB_release/Data/AllMOS_release.mat"
    files[member] = mini.matlab("AllMOS_release", [[1.0, 2.0]])
    assert refusal(tmp_path, files).startswith(
        "4 names in Data/AllImages_release.mat, but 2 scores"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"not MATLAB" * 50, "is not a MATLAB file"), (mini.matlab("x", 1.0), "holds no variable")],
)
def test_a_label_file_that_is_something_else_is_refused(content, said, tmp_path):
    files = mini.members() | {"ChallengeDB_release/Data/AllMOS_release.mat": content}
    assert said in refusal(tmp_path, files)


def test_an_archive_of_another_layout_is_refused(tmp_path):
    assert "is it the right archive?" in refusal(tmp_path, {"Images/1.bmp": b""})


@pytest.fixture(scope="module")
def official(archives_folder):
    with Archive(archives_folder / DATASET.archive) as archive:
        yield archive


@pytest.mark.data
def test_the_official_labels_have_the_published_statistics(official, references_folder):
    stored = json.loads((references_folder / "datasets.json").read_text(encoding="utf-8"))
    facts = stored["datasets"]["CLIVE"]
    scores = DATASET.labels(official)["score"]
    found = {
        "min": scores.min(),
        "max": scores.max(),
        "mean": scores.mean(),
        "sd": scores.std(ddof=0),
        "median": scores.median(),
        "distinct_values": scores.nunique(),
    }
    assert len(scores) == facts["images"]
    assert found == pytest.approx({key: facts["score"][key] for key in found}, rel=1e-12)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "shape"),
    [("10.bmp", (500, 500, 3)), ("1000.JPG", (500, 500, 3)), ("999.JPG", (500, 500, 3))],
)
def test_official_pictures_decode_whatever_their_suffix(name, shape, official):
    assert decode(official.read(f"{mini.IMAGES}/{name}"), name).shape == shape


@pytest.mark.data
def test_the_official_archive_holds_one_picture_under_two_names(official):
    ((one, other),) = DATASET.same_pictures
    folder = DATASET.picture_folder
    assert official.read(f"{folder}/{one}") == official.read(f"{folder}/{other}")
