"""Which stage reads from which: paths, and folders that stand for all that lies in them."""

import pytest

from biqa.errors import InputError
from biqa.seam.stages import Stage, in_order, reads_from, under


def stage(name, deps, outs):
    return Stage(name, (), (), (), tuple(deps), tuple(outs))


def by_plain_loops(path, roots):
    return any(path == root or path.startswith(root + "/") for root in roots)


PATHS = ("a", "a/b", "a/bc", "a/b/c", "ab", "b/a", "/a/b")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("root", PATHS)
def test_a_path_lies_in_itself_and_in_the_folders_above_it(path, root):
    for roots in ({root}, {root, "elsewhere"}, {"elsewhere"}, set()):
        assert under(path, roots) == by_plain_loops(path, roots)


def test_a_stage_reads_from_those_whose_files_or_folders_it_names():
    makers = [
        stage("file", [], ["runs/one/weights"]),
        stage("folder", [], ["runs"]),
        stage("other", [], ["runs2"]),
    ]
    assert [one.name for one in reads_from(stage("s", ["runs/one"], []), makers)] == [
        *("file", "folder")
    ]
    assert reads_from(makers[0], makers) == []


def test_stages_follow_those_they_read_from_and_circles_are_refused():
    last, middle, first = (
        stage("last", ["b"], ["c"]),
        stage("middle", ["a/x"], ["b/y"]),
        stage("first", [], ["a"]),
    )
    assert in_order([last, middle, first]) == [first, middle, last]
    with pytest.raises(InputError, match="one, two form a circle"):
        in_order([stage("one", ["b"], ["a"]), stage("two", ["a"], ["b"])])
