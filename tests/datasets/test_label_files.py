"""Label files of each kind: what is wrong with them is said, with the place."""

import pytest
from miniature_files import cells, comma_separated, matlab, sheet
from miniature_livec import write_zip

from biqa.datasets.archive import Archive
from biqa.datasets.label_files import fields, read_csv, read_lines, read_matlab, read_sheet
from biqa.datasets.layout import beside, file_named, folder_named, spelled
from biqa.errors import InputError


@pytest.fixture
def archive_of(tmp_path):
    """A function that packs files and opens them."""
    opened = []

    def pack(files):
        opened.append(Archive(write_zip(tmp_path / "x.zip", files)))
        return opened[-1]

    yield pack
    for archive in opened:
        archive.close()


def test_a_file_is_found_in_any_folder_and_case(archive_of):
    archive = archive_of({"a/b/Labels.TXT": b"", "__MACOSX/a/b/labels.txt": b""})
    assert file_named(archive, "labels.txt") == "a/b/Labels.TXT"
    assert file_named(archive, "gone.txt", "labels.txt") == "a/b/Labels.TXT"


def test_a_file_that_is_there_twice_or_not_at_all_is_refused(archive_of):
    archive = archive_of({"a/x.txt": b"", "b/x.txt": b""})
    with pytest.raises(InputError, match=r"x\.txt is in it twice, as a/x\.txt and b/x\.txt"):
        file_named(archive, "x.txt")
    with pytest.raises(InputError, match=r"there is no y\.txt and no z\.txt in it"):
        file_named(archive, "y.txt", "z.txt")


def test_a_folder_is_found_by_its_name(archive_of):
    archive = archive_of({"a/Images/x/1.png": b"", "a/Images/2.png": b""})
    assert folder_named(archive, "images") == "a/Images"
    assert folder_named(archive, "x") == "a/Images/x"
    with pytest.raises(InputError, match="there is no folder Pictures in it"):
        folder_named(archive, "Pictures")


def test_two_folders_of_one_name_are_refused(archive_of):
    with pytest.raises(InputError, match="there is 2 folders p in it"):
        folder_named(archive_of({"a/p/1": b"", "b/p/1": b""}), "p")


def test_what_lies_beside_a_file_at_the_top_has_no_folder():
    assert beside("labels.txt", "a", "b.png") == "a/b.png"
    assert beside("x/labels.txt", "b.png") == "x/b.png"


def test_an_exact_spelling_is_preferred(archive_of):
    archive = archive_of({"p/A.png": b"", "p/a.png": b"", "p/B.png": b""})
    assert spelled(archive, ["p/a.png", "p/b.png", "p/c.png"]) == ["p/a.png", "p/B.png", "p/c.png"]


def test_columns_of_a_csv_are_text_whatever_stands_before_them(archive_of):
    content = "\ufeffname , MOS\r\n001.jpg, 1\r\n".encode()
    table = read_csv(archive_of({"x.csv": content}), "x.csv", ("name", "MOS"))
    assert table["name"].tolist() == ["001.jpg"]


@pytest.mark.parametrize("content", [b"", b'a,b\n"1,2\n3', b"\xff\xfe\x00\x01"])
def test_what_is_no_csv_is_refused(content, archive_of):
    with pytest.raises(InputError, match=r"x\.csv is not a table of comma-separated values"):
        read_csv(archive_of({"x.csv": content}), "x.csv", ("a",))


def test_a_line_with_another_number_of_words_is_named(archive_of):
    archive = archive_of({"x.txt": b"1 a\n\n2 b c\n"})
    with pytest.raises(InputError, match=r"x\.txt, line 3: '2 b c', expected score and name"):
        read_lines(archive, "x.txt", ("score", "name"))


def test_the_head_of_a_sheet_may_stand_lower_and_rows_may_be_empty(archive_of):
    rows = [("a", 1.5), (None, None), ("b", 2)]
    archive = archive_of({"x.xlsx": sheet("S", ("name", "MOS"), rows, before=2)})
    table = read_sheet(archive, "x.xlsx", ("name", "MOS"))
    assert table.to_numpy().tolist() == [["a", 1.5], ["b", 2]]


def test_what_is_no_sheet_is_refused(archive_of):
    with pytest.raises(InputError, match=r"x\.xlsx is not an \.xlsx file"):
        read_sheet(archive_of({"x.xlsx": comma_separated("ab", [])}), "x.xlsx", ("a",))


def test_texts_of_matlab_are_texts(archive_of):
    archive = archive_of({"x.mat": matlab(names=cells(["a.bmp", "b.bmp"]))})
    assert read_matlab(archive, "x.mat", "names").tolist() == ["a.bmp", "b.bmp"]


def test_a_name_of_another_kind_is_named(archive_of):
    import pandas as pd

    with pytest.raises(InputError, match=r"x\.txt, label row 2: 'b1' is not a name such as a1"):
        fields(archive_of({}), "x.txt", pd.Series(["a2", "b1"]), "a(?P<n>[0-9])", "a1")
