"""What is odd about each database is handled, and stated."""

import io
import zipfile
from dataclasses import replace

import miniature_biq2021
import miniature_cid2013
import miniature_csiq
import miniature_kadid10k
import miniature_koniq10k
import miniature_live
import miniature_tid2013
import numpy as np
import pytest
from miniature_files import labels_of, refusal
from PIL import Image

from biqa.datasets import dataset, is_generated, known
from biqa.datasets.archive import Archive


def test_the_copies_of_references_in_live_are_left_out(tmp_path):
    labels = labels_of(dataset("live"), miniature_live.files(), tmp_path)
    counts = labels["distortion"].value_counts().to_dict()
    assert counts == {"jp2k": 169, "jpeg": 175, "wn": 145, "gblur": 145, "fastfading": 145}
    assert not set(labels["name"]) & {row.name for row in miniature_live.ROWS if row.is_copy}


def test_the_scores_of_live_are_the_realigned_ones(tmp_path):
    scores = labels_of(dataset("live"), miniature_live.files(), tmp_path)["score"]
    assert 50.0 not in scores.tolist()  # which dmos.mat has for all


def test_dmos_is_inverted_for_live_and_csiq_alone():
    lower = {name for name in known() if not dataset(name).higher_is_better}
    assert lower == {"live", "csiq"}
    assert dataset("csiq").to_mos(0.2) == pytest.approx(0.8)


def test_the_column_dmos_of_kadid_is_not_inverted(tmp_path):
    labels = labels_of(miniature_kadid10k.MINI, miniature_kadid10k.files(), tmp_path)
    best = labels.loc[labels["mos"].idxmax()]
    assert (best["name"], best["score"]) == ("I01_01_01.png", 4.57)


def test_csiq_is_read_from_its_plain_copy_where_the_sheet_is_not(tmp_path):
    files = miniature_csiq.files()
    from_sheet = labels_of(miniature_csiq.MINI, files, tmp_path)
    del files[miniature_csiq.LABELS]
    lines = "".join(f"{name}\t{score}\n" for name, score in miniature_csiq.ROWS)
    files["CSIQ/csiq_label.txt"] = lines.encode()
    assert labels_of(miniature_csiq.MINI, files, tmp_path).equals(from_sheet)


def test_a_reference_of_csiq_whose_name_is_a_number_stays_text(tmp_path):
    labels = labels_of(miniature_csiq.MINI, miniature_csiq.files(), tmp_path)
    assert labels["reference"].unique().tolist() == ["1600", "boston"]


def test_an_unknown_distortion_of_csiq_is_named(tmp_path):
    files = miniature_csiq.files([*miniature_csiq.ROWS, ("boston.haze.1.png", 0.2)])
    assert "has the dst_type 'haze', expected noise, jpeg, jpeg 2000" in refusal(
        miniature_csiq.MINI, files, tmp_path
    )


def test_pictures_of_tid2013_are_found_in_whatever_case(tmp_path):
    labels = labels_of(miniature_tid2013.MINI, miniature_tid2013.files(), tmp_path)
    found = dict(zip(labels["name"], labels["member"].str.rpartition("/")[2], strict=True))
    assert found == {
        "I01_01_1.bmp": "i01_01_1.bmp",
        "I01_24_5.bmp": "I01_24_5.bmp",
        "i25_21_3.bmp": "I25_21_3.BMP",
    }


def test_two_pictures_that_differ_in_case_alone_are_not_guessed_at(tmp_path):
    files = miniature_tid2013.files()
    files["tid2013/distorted_images/I01_01_1.BMP"] = b""
    assert "two pictures with one name in different case" in refusal(
        miniature_tid2013.MINI, files, tmp_path
    )


def test_types_21_and_24_of_tid2013_are_two(tmp_path):
    labels = labels_of(miniature_tid2013.MINI, miniature_tid2013.files(), tmp_path)
    assert labels["distortion"].tolist() == ["AGN", "SSR", "LCNI"]


def test_koniq_is_read_on_the_scale_to_100_from_either_label_file(tmp_path):
    mini = miniature_koniq10k
    one = labels_of(mini.MINI, mini.files(), tmp_path)
    other = labels_of(mini.MINI, mini.with_the_other_labels(), tmp_path)
    assert one["score"].tolist() == other["score"].tolist() == [77.38, 3.9, 50.0]
    assert one["official_part"].tolist() == ["train", "test", "validation"]
    assert other["official_part"].tolist() == ["", "", ""]


def test_the_label_file_of_koniq_with_the_official_parts_is_preferred(tmp_path):
    mini = miniature_koniq10k
    both = mini.with_the_other_labels() | mini.files()
    parts = labels_of(mini.MINI, both, tmp_path)["official_part"].tolist()
    assert parts == ["train", "test", "validation"]


def test_an_official_part_of_koniq_that_nobody_knows_is_refused(tmp_path):
    (name, score, _), *rest = miniature_koniq10k.ROWS
    files = miniature_koniq10k.files([(name, score, "hidden"), *rest])
    said = refusal(miniature_koniq10k.MINI, files, tmp_path)
    assert "belongs to 'hidden', which is none of train, validation, test" in said


def test_pictures_of_cid2013_without_a_score_are_left_out(tmp_path):
    labels = labels_of(miniature_cid2013.MINI, miniature_cid2013.files(), tmp_path)
    assert labels["name"].tolist() == ["IS_IV_C06_D13.jpg", "IS_I_C01_D01.jpg", "IS_VI_C08_D14.jpg"]
    assert labels["group"].tolist() == ["IS4", "IS1", "IS6"]


def test_a_part_of_biq2021_is_read_as_the_part_it_is(tmp_path):
    files = miniature_biq2021.files()
    del files["BIQ2021-main/Images/ss03 (12).jpg"]
    labels = labels_of(dataset("biq2021"), files, tmp_path)
    assert labels["name"].tolist() == ["ss01 (1001).jpg", "ss02 (7).jpg"]


def test_biq2021_without_any_picture_is_refused(tmp_path):
    files = {
        path: content
        for path, content in miniature_biq2021.files().items()
        if "Images/" not in path
    }
    assert refusal(dataset("biq2021"), files, tmp_path) == (
        "1 fault: 0 labelled pictures, expected 12000"
    )


def test_more_pictures_than_published_are_refused_of_a_database_given_in_parts(tmp_path):
    smaller = replace(dataset("biq2021"), n_images=2)
    assert refusal(smaller, miniature_biq2021.files(), tmp_path) == (
        "1 fault: 3 labelled pictures, expected 2"
    )


def test_a_picture_of_biq2021_in_another_case_is_found(tmp_path):
    labels = labels_of(dataset("biq2021"), miniature_biq2021.files(), tmp_path)
    of_test = labels[labels["official_part"] == "test"]
    assert of_test["name"].tolist() == ["ss02 (7).jpg"]
    assert of_test["member"].tolist() == ["BIQ2021-main/Images/SS02 (7).jpg"]


@pytest.fixture(scope="module")
def biq2021(archives_folder):
    with Archive(archives_folder / "BIQ2021-main.zip") as archive:
        yield archive


@pytest.mark.data
def test_what_there_is_of_biq2021_is_all_found(biq2021, archives_folder):
    with zipfile.ZipFile(archives_folder / "BIQ2021-main.zip") as plain:
        n_pictures = sum("/Images/" in name and name.endswith(".jpg") for name in plain.namelist())
    labels = dataset("biq2021").labels(biq2021)
    assert len(labels) == n_pictures
    assert set(labels["group"]) == {"ss01", "ss02", "ss03"}
    assert set(labels["official_part"]) == {"train", "test"}


@pytest.mark.data
def test_near_duplicates_of_biq2021_are_named_also_across_its_parts(biq2021):
    definition = dataset("biq2021")
    labels = definition.labels(biq2021).set_index("name")
    parts = []
    for pair in definition.same_pictures:
        small = [grey(biq2021.read(labels.loc[name, "member"])) for name in pair]
        assert np.corrcoef(*small)[0, 1] > 0.999
        parts.append(set(labels.loc[list(pair), "official_part"]))
    assert {"train", "test"} in parts


def grey(content):
    """The picture at 16 x 16 pixels."""
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("L").resize((16, 16)), float).ravel()


@pytest.mark.parametrize("name", [name for name in known() if not is_generated(name)])
def test_known_defects_are_sentences(name):
    for sentence in dataset(name).known_defects:
        assert sentence.endswith(".")
        assert not sentence[0].islower()


@pytest.mark.parametrize("name", [name for name in known() if not is_generated(name)])
def test_whatever_passes_that_does_not_hold_is_a_known_defect(name):
    facts = dataset(name)
    said = " ".join(facts.known_defects)
    if not facts.picture_folder:  # pictures without a label pass
        assert any(word in said for word in ("left out", "no labels", "have a score")), said
    if facts.may_be_a_part:
        assert "listed and not there are left out" in said
    if facts.same_pictures:
        assert "one picture" in said or "there twice" in said
