"""Every database but LIVE In the Wild (a module of its own) is read in its official layout."""

import importlib
import json
from dataclasses import replace

import pandas as pd
import pytest
from miniature_files import labels_of, refusal
from miniature_livec import write_zip

from biqa.datasets import dataset
from biqa.datasets.archive import Archive
from biqa.verification import verify

NAMES = (
    *("live", "csiq", "tid2013", "kadid10k", "vcl"),
    *("koniq10k", "cid2013", "biq2021", "spaq"),
)
KNOWN_BY = {  # in the table of facts and among the label tables
    "live": ("LIVE", "LIVE.csv"),
    "csiq": ("CSIQ", "CSIQ.csv"),
    "tid2013": ("TID2013", "TID2013.csv"),
    "kadid10k": ("KADID-10k", "KADID-10k.csv"),
    "vcl": ("VCL@FER", "VCLFER.csv"),
    "koniq10k": ("KonIQ-10k", "koniq10k_distributions_sets.csv"),
    "cid2013": ("CID2013", "CID2013.csv"),
}
FACTS_KNOWN_BY = KNOWN_BY | {"biq2021": ("BIQ2021", ""), "spaq": ("SPAQ", "")}
FIRST = {  # what the label file says of one picture
    "live": ("jp2k/img59.bmp", 5.9, "content01", "jp2k", 0, "", ""),
    "csiq": ("boston.fnoise.3.png", 0.5, "boston", "fnoise", 3, "", ""),
    "tid2013": ("i25_21_3.bmp", 0.24242, "I25", "LCNI", 3, "", ""),
    "kadid10k": ("I01_25_05.png", 1.0, "I01", "CC", 5, "", ""),
    "vcl": ("IMG_01_J2K_6.bmp", 1.6, "IMG_01", "JP2K", 6, "", ""),
    "koniq10k": ("10007357496.jpg", 3.9, "", "", 0, "", "test"),
    "cid2013": ("IS_IV_C06_D13.jpg", -9.5, "", "", 0, "IS4", ""),
    "biq2021": ("ss02 (7).jpg", 0.5, "", "", 0, "ss02", "test"),
    "spaq": ("00002.jpg", 2.0, "", "", 0, "", ""),
}
COLUMNS = ["name", "score", "reference", "distortion", "level", "group", "official_part"]


@pytest.fixture(params=NAMES)
def mini(request):
    return importlib.import_module(f"miniature_{request.param}")


def test_labels_are_those_of_the_official_file(mini, tmp_path):
    labels = labels_of(mini.MINI, mini.files(), tmp_path)
    expected = FIRST[mini.MINI.name]
    found = labels[labels["name"] == expected[0]]
    assert found[COLUMNS].to_numpy().tolist() == [list(expected)]


def test_every_picture_is_found_and_decodes(mini, tmp_path):
    report = verify(mini.MINI, write_zip(tmp_path / "mini.zip", mini.files()))
    assert report["sizes"] == {"6x8": report["n_images"]}


def test_a_folder_around_everything_and_the_copies_of_a_system_change_nothing(mini, tmp_path):
    files = mini.files()
    wrapped = {f"data/{path}": content for path, content in files.items()}
    wrapped |= {f"__MACOSX/{path}": b"" for path in files}
    found = labels_of(mini.MINI, wrapped, tmp_path).drop(columns="member")
    pd.testing.assert_frame_equal(
        found, labels_of(mini.MINI, files, tmp_path).drop(columns="member")
    )


def test_mos_is_in_0_to_1_and_falls_where_dmos_rises(mini, tmp_path):
    labels = labels_of(mini.MINI, mini.files(), tmp_path)
    assert labels["mos"].between(0, 1).all()
    is_dmos = mini.MINI.name in ("live", "csiq")
    assert labels["mos"].corr(labels["score"]) == pytest.approx(-1 if is_dmos else 1)


def test_an_archive_without_its_label_file_is_refused(mini, tmp_path):
    files = {path: content for path, content in mini.files().items() if path != mini.LABELS}
    assert refusal(mini.MINI, files, tmp_path).startswith("there is no ")


def test_a_label_file_of_another_version_is_refused(mini, tmp_path):
    files, said = mini.of_another_version()
    assert said in refusal(mini.MINI, files, tmp_path)


def test_a_score_outside_the_scale_is_refused(mini, tmp_path):
    low, high = mini.MINI.score_range
    outside = f"has the score {high + 1:g}, outside {low:g} to {high:g}"
    assert outside in refusal(mini.MINI, mini.scored(high + 1), tmp_path)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "live"])
def test_a_name_twice_in_different_case_is_refused(name, tmp_path):
    mini = importlib.import_module(f"miniature_{name}")
    said = "names a picture a second time, in another case"
    assert said in refusal(mini.MINI, mini.twice(), tmp_path)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "biq2021"])
def test_a_label_without_its_picture_is_refused(name, tmp_path):
    mini = importlib.import_module(f"miniature_{name}")
    files = mini.files()
    with Archive(write_zip(tmp_path / "whole.zip", files)) as archive:
        gone = mini.MINI.labels(archive)["member"].iloc[-1]
    files.pop(gone)
    assert refusal(mini.MINI, files, tmp_path).startswith("1 fault: label row ")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "biq2021"])
def test_another_number_of_pictures_is_refused(name, tmp_path):
    mini = importlib.import_module(f"miniature_{name}")
    one_more = replace(mini.MINI, n_images=mini.MINI.n_images + 1)
    n = mini.MINI.n_images
    assert refusal(one_more, mini.files(), tmp_path) == (
        f"1 fault: {n} labelled pictures, expected {n + 1}"
    )


@pytest.mark.data
@pytest.mark.parametrize("name", KNOWN_BY)
def test_the_published_labels_in_the_official_format_give_the_published_facts(
    name, archives_folder, references_folder, tmp_path
):
    key, file = KNOWN_BY[name]
    facts = json.loads((references_folder / "datasets.json").read_text("utf-8"))["datasets"][key]
    published = pd.read_csv(archives_folder / "labels" / file)
    mini = importlib.import_module(f"miniature_{name}")
    labels = labels_of(dataset(name), mini.published(published), tmp_path)
    scores = labels["score"]
    found = {
        "min": scores.min(),
        "max": scores.max(),
        "mean": scores.mean(),
        "sd": scores.std(ddof=0),
        "median": scores.median(),
        "distinct_values": scores.nunique(),
    }
    assert found == pytest.approx({key: facts["score"][key] for key in found}, rel=1e-12)
    if len(facts["types_in_order"]) > 1:
        counts = labels["distortion"].value_counts()
        assert [counts[one] for one in dataset(name).distortions] == [
            *facts["images_per_type"].values()
        ]
    if name == "cid2013":
        assert labels["group"].value_counts().to_dict() == facts["images_per_subset"]
    if name == "koniq10k":
        parts = labels["official_part"].value_counts().to_dict()
        assert parts == {"train": 7058, "validation": 1000, "test": 2015}


@pytest.mark.data
@pytest.mark.parametrize("name", NAMES)
def test_counts_direction_and_order_of_distortions_are_the_published_ones(name, references_folder):
    stored = json.loads((references_folder / "datasets.json").read_text("utf-8"))
    facts = stored["datasets"][FACTS_KNOWN_BY[name][0]]
    definition = dataset(name)
    assert (definition.n_images, definition.n_references) == (facts["images"], facts["references"])
    assert definition.higher_is_better == facts["direction"].startswith("higher")
    low, high = definition.score_range
    assert low <= facts["score"]["min"]
    assert facts["score"]["max"] <= high
    order = facts.get("folder_names_in_order", facts["types_in_order"])
    assert definition.distortions == (tuple(order) if len(order) > 1 else ())
