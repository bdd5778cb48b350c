"""Labels are checked against the facts, and every fault is named."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from miniature_livec import write_zip

from biqa.datasets import dataset, known
from biqa.datasets.archive import Archive
from biqa.datasets.definition import COLUMNS, Dataset
from biqa.errors import InputError

ROWS = pd.DataFrame({"name": ["b", "a"], "member": ["p/b", "p/a"], "score": [4.0, 1.5]})


@pytest.fixture
def archive(tmp_path):
    with Archive(write_zip(tmp_path / "x.zip", {"p/a": b"", "p/b": b"", "p/c/d": b""})) as opened:
        yield opened


def definition(table=ROWS, **facts) -> Dataset:
    return Dataset(
        **{
            "name": "made_up",
            "title": "Made up",
            "n_images": len(table),
            "n_references": 0,
            "score_name": "MOS",
            "score_range": (1.0, 5.0),
            "higher_is_better": True,
            "is_proxy": False,
            "citation": "",
            "licence": "",
            "homepage": "",
            "archive": "x.zip",
            "picture_folder": "p",
            "read_labels": lambda archive: table,
        }
        | facts
    )


def test_mos_is_the_place_on_the_nominal_scale():
    np.testing.assert_allclose(definition().to_mos(np.array([1, 2, 5])), [0, 0.25, 1])


def test_a_scale_whose_low_end_is_best_is_inverted():
    lower_is_better = definition(higher_is_better=False, score_range=(0.0, 100.0))
    np.testing.assert_allclose(lower_is_better.to_mos(np.array([0, 30, 100])), [1, 0.7, 0])


def test_labels_have_all_columns_and_are_in_the_order_of_names(archive):
    labels = definition().labels(archive)
    assert tuple(labels.columns) == COLUMNS
    assert labels.to_dict("list") == {
        "name": ["a", "b"],
        "member": ["p/a", "p/b"],
        "score": [1.5, 4.0],
        "mos": [0.125, 0.75],
        "reference": ["", ""],
        "distortion": ["", ""],
        "level": [0, 0],
        "group": ["", ""],
        "official_part": ["", ""],
    }


def test_labels_do_not_depend_on_the_order_of_the_official_list(archive):
    pd.testing.assert_frame_equal(
        definition(ROWS).labels(archive), definition(ROWS[::-1]).labels(archive)
    )


def refusal(faulty: Dataset, archive: Archive) -> str:
    with pytest.raises(InputError) as caught:
        faulty.labels(archive)
    return str(caught.value).removeprefix(f"{archive.path}: ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ["b", "b"]}, "label row 2 (b) names a picture a second time"),
        ({"score": [4.0, 5.5]}, "label row 2 (a) has the score 5.5, outside 1 to 5"),
        ({"score": [np.nan, 2.0]}, "label row 1 (b) has the score nan, outside 1 to 5"),
        (
            {"official_part": ["", "val"]},
            "label row 2 (a) belongs to 'val', which is none of train, validation, test",
        ),
        ({"reference": ["I01", ""]}, "1 references, expected 0"),
    ],
)
def test_a_fault_of_one_row_is_one_sentence(change, said, archive):
    assert refusal(definition(ROWS.assign(**change)), archive) == f"1 fault: {said}"


def test_a_distortion_that_the_database_does_not_have_is_named(archive):
    faulty = definition(ROWS.assign(distortion=["blur", "haze"]), distortions=("{}", "blur"))
    assert refusal(faulty, archive) == (
        "1 fault: label row 2 (a) has the distortion 'haze', which is none of {}, blur"
    )


def test_a_name_twice_in_different_case_is_named(archive):
    faulty = definition(ROWS.assign(name=["a", "A"]))
    assert refusal(faulty, archive) == (
        "1 fault: label row 2 (A) names a picture a second time, in another case"
    )


def test_a_label_without_its_picture_and_a_picture_without_its_label_are_named(archive):
    gone = definition(ROWS.assign(member=["p/b", "p/gone"]))
    assert refusal(gone, archive) == (
        "2 faults: label row 2 (a) has no picture 'p/gone' in the archive; "
        "the picture p/a has no label"
    )


def test_braces_in_a_name_are_not_filled_in(archive):
    faulty = definition(ROWS.assign(name=["{score}", "a"], score=[9.0, 1.0]))
    assert "label row 1 ({score}) has the score 9," in refusal(faulty, archive)


def test_another_number_of_pictures_is_refused(archive):
    faulty = replace(definition(), n_images=3)
    assert refusal(faulty, archive) == "1 fault: 2 labelled pictures, expected 3"


def test_ten_faults_are_listed_and_all_are_counted(archive):
    table = pd.DataFrame({"name": [f"{i:02}" for i in range(13)], "member": "p/a", "score": 9.0})
    message = refusal(definition(table, picture_folder=""), archive)
    assert message.startswith("13 faults: label row 1 (00) ")
    assert message.endswith("label row 10 (09) has the score 9, outside 1 to 5; and 3 more")


def test_an_unknown_dataset_is_answered_with_the_known_ones():
    with pytest.raises(InputError, match=r"unknown dataset 'koniq'; the known ones are .*livec"):
        dataset("koniq")


@pytest.mark.parametrize("module", ["definition", "archive", "livec.DATASET", "../livec", ""])
def test_a_module_that_defines_no_dataset_is_not_one(module):
    with pytest.raises(InputError, match="unknown dataset"):
        dataset(module)


@pytest.mark.parametrize("name", known())
def test_every_dataset_states_facts_that_make_sense(name):
    facts = dataset(name)
    low, high = facts.score_range
    assert low < high
    assert facts.n_images > facts.n_references >= 0
    assert facts.citation
    assert facts.licence
    assert facts.sources or facts.request, "nobody could get it"
