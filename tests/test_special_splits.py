"""Splits that leave a distortion out, keep subsets whole, or keep look-alikes on one side."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from biqa.errors import InputError
from biqa.protocols import Protocol
from biqa.splits import split

DISTORTIONS = ("noise", "blur", "jpeg", "contrast")
LEAVE_ONE_OUT = Protocol(
    "lodo", train=0.6, validation=0.15, test=0.25, choose="best_validation", by="distortion"
)
SUBSETS = Protocol("subsets", train=2 / 3, validation=0.0, test=1 / 3, choose="last", by="subset")
TOGETHER = Protocol(
    "together", train=0.8, validation=0.0, test=0.2, choose="last", together="near_duplicates"
)


@pytest.fixture(params=[0, 1, 2])
def database(request):
    """20 references, each with every distortion at two levels; rows in a random order."""
    rows = [
        (f"{r:02d}_{d}_{level}.png", f"ref{r:02d}", d)
        for r in range(20)
        for d in DISTORTIONS
        for level in (1, 2)
    ]
    table = pd.DataFrame(rows, columns=["name", "reference", "distortion"])
    return table.sample(frac=1, random_state=request.param, ignore_index=True)


def leave_one_out(table, index, protocol=LEAVE_ONE_OUT, seed=7):
    parts = split(
        table["name"].tolist(),
        table["reference"].tolist(),
        [""] * len(table),
        protocol=protocol,
        seed=seed,
        index=index,
        distortions=table["distortion"].tolist(),
    )
    return parts.merge(table, on="name")


@pytest.mark.parametrize("index", range(4))
def test_the_test_part_is_one_distortion_and_all_of_it(index, database):
    parts = leave_one_out(database, index)
    assert len(parts) == len(database)
    tested = parts["part"] == "test"
    assert (tested == (parts["distortion"] == sorted(DISTORTIONS)[index])).all()


@pytest.mark.parametrize("index", range(4))
def test_the_rest_is_divided_by_reference_in_the_ratio_of_the_fractions(index, database):
    parts = leave_one_out(database, index).query("part != 'test'")
    references = parts.groupby("part")["reference"].agg(set)
    assert not references["train"] & references["validation"]
    # 0.15 of 0.15 + 0.6 is a fifth of 20 references
    assert {part: len(found) for part, found in references.items()} == {
        "train": 16,
        "validation": 4,
    }


def test_without_a_validation_part_the_whole_rest_is_learnt_from(database):
    protocol = replace(LEAVE_ONE_OUT, train=0.75, validation=0.0, choose="last")
    parts = leave_one_out(database, 0, protocol)
    assert parts["part"].value_counts().to_dict() == {"train": 120, "test": 40}


def test_a_given_list_decides_which_split_leaves_which_distortion_out(database):
    protocol = replace(LEAVE_ONE_OUT, distortions=("noise", "contrast"))
    for index, left_out in enumerate(protocol.distortions):
        parts = leave_one_out(database, index, protocol)
        assert set(parts.query("part == 'test'")["distortion"]) == {left_out}
        assert set(parts.query("part != 'test'")["distortion"]) == {*DISTORTIONS} - {left_out}


def test_pictures_without_references_are_left_out_all_the_same(database):
    parts = leave_one_out(database.assign(reference=""), 2)
    assert parts["part"].value_counts().to_dict() == {"train": 96, "test": 40, "validation": 24}


@pytest.mark.parametrize("seed", range(5))
def test_special_splits_do_not_depend_on_file_order(seed, database):
    ordered = database.sort_values("name", ignore_index=True)
    pd.testing.assert_frame_equal(
        leave_one_out(database, 1, seed=seed), leave_one_out(ordered, 1, seed=seed)
    )
    given = {"protocol": TOGETHER, "seed": seed, "index": 0}
    one, other = (
        split(table["name"], [""] * 160, [""] * 160, alike=table["reference"], **given)
        for table in (database, ordered)
    )
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("change", "index", "message"),
    [
        ({}, 4, "split 4 would leave out a distortion number 5, but there are 4"),
        ({"distortions": ("noise",)}, 1, "but there are 1; splits may be at most 1"),
        ({"distortions": ("nois",)}, 0, "has the distortion 'nois'; did you mean 'noise'"),
        ({}, -1, "index -1, expected whole numbers from 0"),
    ],
)
def test_a_distortion_that_is_not_there_is_refused(change, index, message, database):
    with pytest.raises(InputError, match=message):
        leave_one_out(database, index, replace(LEAVE_ONE_OUT, **change))


def test_a_dataset_without_distortions_cannot_leave_one_out(database):
    with pytest.raises(InputError, match="by is distortion, but no picture has one"):
        leave_one_out(database.assign(distortion=""), 0)


def test_the_only_distortion_cannot_be_left_out(database):
    with pytest.raises(InputError, match="all 160 pictures are tested, none is left to learn"):
        leave_one_out(database.assign(distortion="blur"), 0)


def around_the_official_test(index, official, seed=7):
    protocol = replace(LEAVE_ONE_OUT, by="official_test")
    names = [f"{i:02d}" for i in range(len(official))]
    parts = split(names, [""] * len(names), official, protocol=protocol, seed=seed, index=index)
    return parts["part"]


def test_the_official_test_part_stays_and_the_rest_is_drawn():
    """BIQ2021 publishes no validation part; KonIQ-10k's own is drawn anew."""
    official = ["train"] * 40 + ["validation"] * 10 + ["test"] * 20
    drawn = [around_the_official_test(index, official) for index in range(5)]
    for parts in drawn:
        assert (parts[50:] == "test").all()
        assert parts.value_counts().to_dict() == {"train": 40, "test": 20, "validation": 10}
    assert len({tuple(parts) for parts in drawn}) == 5


@pytest.mark.parametrize(
    ("part", "message"), [("train", "no picture is in an official test part"), ("test", "none is")]
)
def test_an_official_test_part_that_is_nothing_or_all_is_refused(part, message):
    with pytest.raises(InputError, match=message):
        around_the_official_test(0, [part] * 8)


# CID2013: the labelled pictures of each of its six subsets.
CID2013 = {"IS1": 84, "IS2": 78, "IS3": 78, "IS4": 78, "IS5": 72, "IS6": 84}


def by_subset(protocol, index):
    subsets = [name for name, count in CID2013.items() for _ in range(count)]
    names = [f"{i:03d}.jpg" for i in range(len(subsets))]
    parts = split(
        names, [""] * 474, [""] * 474, protocol=protocol, seed=7, index=index, subsets=subsets
    )
    return parts.assign(subset=subsets).groupby("part")["subset"].agg(set)


@pytest.mark.parametrize("index", range(10))
def test_four_of_the_six_subsets_of_cid2013_are_learnt_from(index):
    found = by_subset(SUBSETS, index)
    assert {part: len(subsets) for part, subsets in found.items()} == {"train": 4, "test": 2}
    assert found["train"] | found["test"] == set(CID2013)


def test_a_validation_part_is_a_subset_of_its_own():
    protocol = replace(SUBSETS, train=1 / 2, validation=1 / 6)
    found = by_subset(protocol, 0)
    assert {part: len(subsets) for part, subsets in found.items()} == {
        "train": 3,
        "validation": 1,
        "test": 2,
    }
    assert found["test"] == by_subset(SUBSETS, 0)["test"]


def test_a_picture_without_a_subset_is_refused():
    with pytest.raises(InputError, match=r"1 of 3 pictures have no subset, the first is 'b'"):
        split(
            list("abc"),
            [""] * 3,
            [""] * 3,
            protocol=SUBSETS,
            seed=7,
            index=0,
            subsets=["x", "", "y"],
        )


def flooded(names, references, alike):
    """Groups of pictures that must stay together, found by walking from picture to picture."""
    groups, left = [], set(names)
    by_name = dict(zip(names, zip(references, alike, strict=True), strict=True))
    while left:
        group, edge = set(), {min(left)}
        while edge:
            group |= edge
            edge = {
                other
                for other in left - group
                for one in edge
                if any(a == b for a, b in zip(by_name[one], by_name[other], strict=True))
            }
        groups.append(group)
        left -= group
    return groups


@pytest.mark.parametrize("seed", range(20))
def test_look_alikes_and_references_are_never_parted(seed):
    rng = np.random.default_rng(seed)
    names = [f"{i:02d}" for i in range(60)]
    references = [f"ref{r}" for r in rng.integers(0, 60, 60)]
    alike = [names[i] for i in rng.integers(0, 60, 60)]
    groups = flooded(names, references, alike)
    assert len(groups) >= 3, "or no test part would be left"
    protocol = replace(TOGETHER, train=0.5, test=0.5)
    parts = split(
        names, references, [""] * 60, protocol=protocol, seed=seed, index=0, alike=alike
    ).set_index("name")["part"]
    for group in groups:
        assert len(set(parts[sorted(group)])) == 1
    n_tested = sum(parts[min(group)] == "test" for group in groups)
    assert n_tested == len(groups) // 2


def test_nothing_alike_gives_the_split_of_the_protocol_without_it():
    names = [f"{i:04d}.jpg" for i in range(1162)]
    none = [""] * 1162
    for index in range(3):
        pd.testing.assert_frame_equal(
            split(names, none, none, protocol=TOGETHER, seed=7, index=index, alike=names),
            split(
                names,
                none,
                none,
                protocol=replace(TOGETHER, together="nothing"),
                seed=7,
                index=index,
            ),
        )


def test_look_alikes_are_ignored_by_protocols_that_do_not_ask():
    names = [f"{i:02d}" for i in range(20)]
    protocol = replace(TOGETHER, together="nothing")
    parts = split(
        names, [""] * 20, [""] * 20, protocol=protocol, seed=7, index=0, alike=["00"] * 20
    )
    assert set(parts["part"]) == {"train", "test"}
