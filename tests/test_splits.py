"""Splits: sizes, leakage, and what they may depend on."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from biqa.__main__ import main
from biqa.errors import InputError
from biqa.protocols import PARTS, Protocol, protocol_from
from biqa.splits import split

EIGHTY_TWENTY = Protocol("random", train=0.8, validation=0.0, test=0.2, choose="best_test")
SIXTY_TWENTY = replace(EIGHTY_TWENTY, name="three", train=0.6, validation=0.2)
OFFICIAL = Protocol(
    "official", by="official", train=0.7, validation=0.1, test=0.2, choose="best_validation"
)
RAW = {
    "name": "random",
    "by": "reference_or_picture",
    "train": 0.8,
    "validation": 0,
    "test": 0.2,
    "choose": "last",
}


def pictures(n_references, n_each=3):
    """Return names, references and empty official parts."""
    groups = [f"ref{r:02d}" for r in range(n_references) for _ in range(n_each)]
    return [f"picture{i:04d}.png" for i in range(len(groups))], groups, [""] * len(groups)


def contents(parts, names, groups):
    """Return the references of each part."""
    group_of = dict(zip(names, groups, strict=True))
    return {
        part: set(rows["name"].map(group_of)) for part, rows in parts.groupby("part", observed=True)
    }


@pytest.mark.parametrize(
    ("dataset", "n_references", "n_train", "n_test"),
    [
        ("TID2013", 25, 20, 5),
        ("LIVE", 29, 23, 6),
        ("CSIQ", 30, 24, 6),
        ("KADID-10k", 81, 65, 16),
        ("VCL", 23, 18, 5),
        ("the smallest", 3, 2, 1),
    ],
)
def test_references_are_divided_in_the_numbers_of_the_field(dataset, n_references, n_train, n_test):
    names, groups, none = pictures(n_references)
    parts = contents(
        split(names, groups, none, protocol=EIGHTY_TWENTY, seed=7, index=0), names, groups
    )
    assert {part: len(found) for part, found in parts.items()} == {"train": n_train, "test": n_test}


@pytest.mark.parametrize("protocol", [EIGHTY_TWENTY, SIXTY_TWENTY], ids=lambda p: p.name)
@pytest.mark.parametrize("index", range(5))
def test_parts_share_no_reference_and_hold_every_picture(protocol, index):
    names, groups, none = pictures(29)
    table = split(names, groups, none, protocol=protocol, seed=7, index=index)
    assert table["name"].tolist() == sorted(names)
    found = list(contents(table, names, groups).values())
    assert sum(len(part) for part in found) == 29


def test_pictures_without_references_are_divided_one_by_one():
    names, _, none = pictures(1162, n_each=1)
    table = split(names, none, none, protocol=SIXTY_TWENTY, seed=7, index=0)
    assert table["part"].value_counts().to_dict() == {"train": 697, "validation": 233, "test": 232}


def test_split_does_not_depend_on_file_order(rng):
    names, groups, none = pictures(25)
    order = rng.permutation(len(names))
    assert order.tolist() != sorted(order)
    shuffled = [names[i] for i in order], [groups[i] for i in order], none
    pd.testing.assert_frame_equal(
        split(names, groups, none, protocol=SIXTY_TWENTY, seed=7, index=3),
        split(*shuffled, protocol=SIXTY_TWENTY, seed=7, index=3),
    )


def test_splits_of_other_indices_and_seeds_differ():
    names, groups, none = pictures(25)
    tests = {
        frozenset(
            contents(
                split(names, groups, none, protocol=EIGHTY_TWENTY, seed=seed, index=index),
                names,
                groups,
            )["test"]
        )
        for seed in (7, 8)
        for index in range(10)
    }
    assert len(tests) == 20


def test_protocols_of_one_test_fraction_share_their_test_pictures():
    names, groups, none = pictures(29)
    first, second = (
        split(names, groups, none, protocol=protocol, seed=7, index=4)
        for protocol in (EIGHTY_TWENTY, SIXTY_TWENTY)
    )
    assert (first["part"] == "test").equals(second["part"] == "test")


def test_every_reference_is_tested_about_as_often():
    names, groups, none = pictures(25, n_each=1)
    counts = pd.Series(0, index=groups)
    for index in range(200):
        table = split(names, groups, none, protocol=EIGHTY_TWENTY, seed=7, index=index)
        counts[list(contents(table, names, groups)["test"])] += 1
    assert counts.between(16, 64).all()  # expected 40, standard deviation 6


def test_a_known_split_stays_what_it_was():
    """Split files are kept beside results: another generator would part them."""
    names, groups, none = pictures(10, n_each=1)
    table = split(names, groups, none, protocol=EIGHTY_TWENTY, seed=7, index=0)
    assert contents(table, names, groups)["test"] == {"ref05", "ref09"}


def test_official_parts_are_taken_as_they_are():
    official = ["test", "train", "validation", "train"]
    table = split(list("dbca"), [""] * 4, official, protocol=OFFICIAL, seed=7, index=0)
    assert dict(zip(table["name"], table["part"], strict=True)) == {
        "d": "test",
        "b": "train",
        "c": "validation",
        "a": "train",
    }


def test_official_parts_are_ignored_by_other_protocols():
    names, groups, none = pictures(25)
    pd.testing.assert_frame_equal(
        split(names, groups, ["train"] * len(names), protocol=EIGHTY_TWENTY, seed=7, index=0),
        split(names, groups, none, protocol=EIGHTY_TWENTY, seed=7, index=0),
    )


@pytest.mark.parametrize(
    ("official", "message"),
    [
        (["train", "", "test", "validation"], "picture 'b' has no official part"),
        (["train", "val", "test", "validation"], "picture 'b' is in part 'val'"),
        (["train", "train", "test", "test"], "the official validation part is empty"),
        (["train", "train", "validation", "validation"], "the official test part is empty"),
    ],
)
def test_official_parts_that_do_not_fit_are_refused(official, message):
    with pytest.raises(InputError, match=message):
        split(list("abcd"), [""] * 4, official, protocol=OFFICIAL, seed=7, index=0)


@pytest.mark.parametrize(
    ("n", "protocol", "message"),
    [
        (2, EIGHTY_TWENTY, "the test part is empty: 0.2 of 2 contents"),
        (1, EIGHTY_TWENTY, "the test part is empty"),
        (2, SIXTY_TWENTY, "part is empty"),
        (0, EIGHTY_TWENTY, "no pictures to split"),
    ],
)
def test_an_empty_part_is_refused(n, protocol, message):
    names, groups, none = pictures(n)
    with pytest.raises(InputError, match=message):
        split(names, groups, none, protocol=protocol, seed=7, index=0)


def test_a_picture_that_is_there_twice_is_refused():
    with pytest.raises(InputError, match="picture 'a' is there twice"):
        split(list("aba"), [""] * 3, [""] * 3, protocol=EIGHTY_TWENTY, seed=7, index=0)


def test_references_of_only_some_pictures_are_refused():
    with pytest.raises(InputError, match="1 of 3 pictures have no reference, the first is 'b'"):
        split(list("abc"), ["x", "", "y"], [""] * 3, protocol=EIGHTY_TWENTY, seed=7, index=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"by": "picture"},
            "by is 'picture', expected reference_or_picture or official or official_test or subset",
        ),
        ({"together": "same"}, "together is 'same', expected nothing or near_duplicates"),
        ({"together": "near_duplicates", "by": "distortion"}, "but by is distortion, which leaves"),
        ({"together": "near_duplicates", "by": "official"}, "but by is official, which leaves"),
        ({"distortions": ["blur"]}, "distortions are listed, but by is reference_or_picture"),
        ({"distortions": ["blur", "blur"], "by": "distortion"}, "'blur' is listed twice"),
        ({"choose": "best"}, "choose is 'best', expected last or best_validation or best_test"),
        ({"test": 0.3}, "sum to 1.1, expected 1"),
        ({"train": 1, "test": 0}, "test is 0, expected a fraction above 0"),
        ({"train": 1.2, "test": -0.2}, "train is 1.2"),
        ({"train": True}, "train is True, expected a number"),
        ({"choose": "best_validation"}, "choose is best_validation, but validation is 0"),
        ({"tests": 1}, "study: unknown key 'tests'; did you mean 'test'"),
    ],
)
def test_protocols_that_make_no_sense_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        protocol_from(RAW | change, "study")


def test_a_list_of_distortions_is_frozen_in_its_order():
    raw = RAW | {"by": "distortion", "distortions": ["noise", "blur"]}
    assert protocol_from(raw, "study").distortions == ("noise", "blur")


@pytest.mark.parametrize("key", sorted(RAW.keys() - {"by"}))
def test_a_missing_key_is_named(key):
    raw = {other: value for other, value in RAW.items() if other != key}
    with pytest.raises(InputError, match=f"study: missing key '{key}'"):
        protocol_from(raw, "study")


def test_pictures_are_divided_by_reference_unless_a_protocol_says_otherwise():
    raw = {key: value for key, value in RAW.items() if key != "by"}
    assert protocol_from(raw, "study").by == "reference_or_picture"


@pytest.fixture
def prepared(tmp_path):
    """A pictures.csv with names that a careless reader would take for numbers or gaps."""
    names = ["001", "1", "NA", "nan", "1e3"]
    table = pd.DataFrame({"name": names, "mos": 0.5, "reference": "", "official_part": ""})
    table.to_csv(tmp_path / "pictures.csv", index=False)
    return tmp_path


def command(folder, protocol=RAW, seed="7"):
    words = ["split", "--pictures", str(folder / "pictures.csv"), "--seed", seed, "--index", "2"]
    text = protocol if isinstance(protocol, str) else json.dumps(protocol)
    return main([*words, "--protocol", text, "--output", str(folder / "out" / "split2.csv")])


def test_the_command_writes_names_and_parts_sorted_by_name(prepared):
    assert command(prepared) == 0
    lines = (prepared / "out" / "split2.csv").read_text().splitlines()
    names = [line.split(",")[0] for line in lines]
    assert names == ["name", "001", "1", "1e3", "NA", "nan"]
    parts = [line.split(",")[1] for line in lines]
    assert sorted(parts) == ["part", "test", "train", "train", "train", "train"]
    assert set(parts[1:]) <= set(PARTS)


def test_the_command_keeps_the_zeros_of_names_that_are_all_numbers(prepared):
    rows = "".join(f"{name},," + "\n" for name in ("003", "001", "002", "010", "005"))
    (prepared / "pictures.csv").write_text("name,reference,official_part\n" + rows)
    assert command(prepared) == 0
    lines = (prepared / "out" / "split2.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["001", "002", "003", "005", "010"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"protocol": "{name: a}"}, "--protocol: not JSON"),
        ({"protocol": "[1]"}, "expected a JSON object"),
        ({"protocol": RAW | {"by": "official"}}, "pictures.csv: protocol 'random': picture '001'"),
        ({"seed": "-1"}, "seed is -1"),
    ],
)
def test_the_command_says_what_is_wrong_in_one_line(prepared, words, message, capsys):
    assert command(prepared, **words) == 1
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not (prepared / "out").exists()


def test_the_command_names_a_missing_column(prepared, capsys):
    (prepared / "pictures.csv").write_text("name,mos\na,1\n")
    assert command(prepared) == 1
    assert "pictures.csv: no column 'reference'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"by": "subset"}, "group"),
        ({"by": "distortion"}, "distortion"),
        ({"together": "near_duplicates"}, "perceptual_hash"),
    ],
)
def test_the_command_names_the_column_that_a_protocol_needs(prepared, change, column, capsys):
    assert command(prepared, RAW | change) == 1
    assert f"no column '{column}', which protocol 'random' needs" in capsys.readouterr().err


@pytest.mark.parametrize(("index", "left_out"), [("0", "noise"), ("1", "blur")])
def test_the_command_leaves_out_the_distortion_of_its_index(tmp_path, index, left_out):
    distortions = ["blur", "blur", "noise", "noise", "jpeg", "jpeg"]
    table = pd.DataFrame({"name": list("abcdef"), "distortion": distortions, "official_part": ""})
    table.assign(reference=["x", "y"] * 3).to_csv(tmp_path / "pictures.csv", index=False)
    protocol = RAW | {"by": "distortion", "distortions": ["noise", "blur"]}
    words = ["--pictures", str(tmp_path / "pictures.csv"), "--protocol", json.dumps(protocol)]
    output = tmp_path / "split.csv"
    words += ["--seed", "7", "--index", index, "--output", str(output)]
    assert main(["split", *words]) == 0
    tested = pd.read_csv(output).query("part == 'test'")["name"]
    assert set(table.set_index("name")["distortion"][tested]) == {left_out}
    assert len(tested) == 2


def test_the_command_keeps_what_looks_the_same_in_one_part(tmp_path):
    """Of ten pictures, nine look the same: alone they would fall into both parts."""
    table = pd.DataFrame({"name": list("abcdefghij"), "reference": "", "official_part": ""})
    hashes = ["0" * 36] * 9 + ["f" * 36]
    table.assign(perceptual_hash=hashes).to_csv(tmp_path / "pictures.csv", index=False)
    protocol = RAW | {"train": 0.5, "test": 0.5, "together": "near_duplicates"}
    words = ["--pictures", str(tmp_path / "pictures.csv"), "--protocol", json.dumps(protocol)]
    output = tmp_path / "split.csv"
    words += ["--seed", "7", "--index", "0", "--output", str(output)]
    assert main(["split", *words]) == 0
    part = pd.read_csv(output).set_index("name")["part"]
    assert len(set(part[list("abcdefghi")])) == 1
    assert part["j"] != part["a"]
