"""The step `verify`: all that is wrong with an archive in one line, or a report."""

import hashlib
import json
from dataclasses import replace

import miniature_livec as mini
import numpy as np
import pytest

from biqa.__main__ import main
from biqa.datasets import livec


@pytest.fixture
def verify(tmp_path, monkeypatch, capsys):
    """Run the step on these files; give its status, its lines of error and the report's path."""

    def run(files, n_images=3):
        mini.expect_pictures(monkeypatch, n_images)
        path = tmp_path / "mini.zip"
        if files is not None:
            mini.write_zip(path, files)
        report = tmp_path / "out" / "livec.json"
        words = ["--dataset", "livec", "--archive", str(path), "--output", str(report)]
        return main(["verify", *words]), capsys.readouterr().err.splitlines(), report

    return run


def test_a_sound_archive_gives_a_report(verify, tmp_path):
    status, errors, report = verify(mini.members())
    content = (tmp_path / "mini.zip").read_bytes()
    assert (status, errors) == (0, [])
    assert json.loads(report.read_text(encoding="utf-8")) == {
        "dataset": "livec",
        "n_images": 3,
        "score": {"min": 3.5, "max": 92.25, "mean": pytest.approx((40 + 3.5 + 92.25) / 3)},
        "sizes": {"6x11": 1, "8x8": 1, "9x7": 1},
        "same_pictures": [],
        "known_defects": list(getattr(livec.DATASET, "known_defects", ())),
        "archive": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()},
    }


def test_the_report_groups_names_of_one_picture(verify):
    same = mini.png(mini.pixels_of("1.bmp"))
    _, _, report = verify(mini.members(pictures={"2.bmp": same}))
    assert json.loads(report.read_text(encoding="utf-8"))["same_pictures"] == [["1.bmp", "2.bmp"]]


def one_error(outcome) -> str:
    status, errors, report = outcome
    assert status == 1
    assert len(errors) == 1
    assert not report.exists()
    assert not report.parent.exists() or not list(report.parent.iterdir())
    return errors[0]


def test_a_missing_archive_is_one_error(verify):
    assert "mini.zip: there is no such file" in one_error(verify(None))


def test_a_truncated_archive_is_one_error(verify, tmp_path):
    content = mini.write_zip(tmp_path / "mini.zip", mini.members()).read_bytes()
    (tmp_path / "mini.zip").write_bytes(content[: len(content) // 2])
    assert "truncated or damaged" in one_error(verify(None))


def test_a_path_outside_the_folder_is_one_error(verify):
    error = one_error(verify(mini.members() | {"../../evil.sh": b""}))
    assert "'../../evil.sh' lies outside its folder" in error


def test_a_missing_picture_is_one_error(verify):
    files = mini.members()
    del files[f"{mini.IMAGES}/2.bmp"]
    assert "1 fault: label row 1 (2.bmp) has no picture" in one_error(verify(files))


def test_an_undecodable_picture_is_one_error(verify):
    error = one_error(verify(mini.members(pictures={"10.JPG": b"\xff\xd8\xff cut"})))
    assert f"1 fault: {mini.IMAGES}/10.JPG: cannot be decoded as a picture" in error


def test_a_damaged_picture_is_one_error(verify, tmp_path):
    path = mini.write_zip(tmp_path / "mini.zip", mini.members())
    content = bytearray(path.read_bytes())
    content[content.index(mini.png(mini.pixels_of("2.bmp"))) + 60] ^= 1
    path.write_bytes(content)
    error = one_error(verify(None))
    assert error.count("mini.zip") == 1
    assert f"1 fault: truncated or damaged ({mini.IMAGES}/2.bmp: Bad CRC-32" in error


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"3.bmp": 50.0}, "label row 5 (3.bmp) has no picture"),
        ({"2.bmp": 140.0}, "label row 1 (2.bmp) has the score 140, outside 0 to 100"),
        ({"2.bmp": np.nan}, "label row 1 (2.bmp) has the score nan"),
    ],
)
def test_a_wrong_row_is_one_error_that_names_it(rows, said, verify):
    scores = mini.SCORES | rows
    assert said in one_error(verify(mini.members(scores), n_images=len(scores) - 1))


def test_a_row_that_occurs_twice_is_one_error(verify):
    files = mini.members([*mini.SCORES.items(), ("1.bmp", 92.0)])
    error = one_error(verify(files, n_images=4))
    assert "label row 5 (1.bmp) names a picture a second time" in error


def test_a_picture_whose_name_is_there_in_another_case_is_one_error(verify):
    """Both are in the archive, one has a label: on some file systems it would be the other."""
    twin = mini.png(mini.pixels_of("1.bmp"))
    error = one_error(verify(mini.members(pictures={"10.jpg": twin})))
    path = f"{mini.IMAGES}/10"
    assert f"{path}.JPG and {path}.jpg differ in upper and lower case only" in error


def test_two_labels_whose_names_differ_in_case_only_are_one_error(verify):
    scores = mini.SCORES | {"10.jpg": 50.0}
    twin = mini.png(mini.pixels_of("1.bmp"))
    error = one_error(verify(mini.members(scores, {"10.jpg": twin}), n_images=4))
    path = f"{mini.IMAGES}/10"
    assert f"{path}.JPG and {path}.jpg differ in upper and lower case only" in error


def test_files_without_labels_may_differ_in_case(verify):
    """Elsewhere in the archive it harms nobody."""
    files = mini.members() | {
        "ChallengeDB_release/README.txt": b"",
        "ChallengeDB_release/readme.txt": b"",
    }
    assert verify(files)[0] == 0


def test_all_faults_are_in_the_one_error(verify):
    scores = mini.SCORES | {"3.bmp": 50.0, "2.bmp": -1.0}
    pictures = {"10.JPG": b"no picture", "4.bmp": b""}
    error = one_error(verify(mini.members(scores, pictures), n_images=1162))
    assert ": 5 faults: " in error
    for said in (
        "label row 5 (3.bmp) has no picture",
        "label row 1 (2.bmp) has the score -1, outside 0 to 100",
        "the picture ChallengeDB_release/Images/4.bmp has no label",
        "4 labelled pictures, expected 1162",
        "ChallengeDB_release/Images/10.JPG: cannot be decoded",
    ):
        assert said in error


def test_more_than_ten_faults_are_counted(verify):
    scores = mini.SCORES | {f"gone{i}.bmp": 50.0 for i in range(14)}
    error = one_error(verify(mini.members(scores), n_images=17))
    assert ": 14 faults: " in error
    assert error.endswith("; and 4 more")
    assert error.count("has no picture") == 10


def test_another_checksum_than_the_published_one_is_a_fault(verify, monkeypatch):
    monkeypatch.setattr(livec, "DATASET", replace(livec.DATASET, sha256="0" * 64))
    assert f"expected {'0' * 64}" in one_error(verify(mini.members()))
