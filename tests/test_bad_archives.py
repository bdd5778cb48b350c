"""What may be wrong with the archive of any database is one line of error, and no report."""

import importlib
from pathlib import Path

import pytest
from miniature_livec import write_zip
from rule_commands import run_rule
from whole_miniatures import NAMES, noisy_picture, whole_miniature

from biqa.datasets import dataset
from biqa.datasets.archive import Archive

DATABASES = ("live", *NAMES)
LISTED = [name for name in DATABASES if dataset(name).picture_folder]  # no picture without label
WHOLE = [name for name in DATABASES if not dataset(name).may_be_a_part]


class Case:
    """The miniature of one database, for a test to spoil, and the step that must refuse it."""

    def __init__(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.name, self.capsys = name, capsys
        self.facts, self.files = whole_miniature(name)
        with Archive(write_zip(Path("sound.zip"), self.files)) as archive:
            self.members = self.facts.labels(archive)["member"].tolist()

    def refusal(self, archive: str = "") -> str:
        archive = archive or str(write_zip(Path("spoilt.zip"), self.files))
        wildcards = {"dataset": self.name}
        assert run_rule("verify", wildcards=wildcards, input=archive, output="report.json") == 1
        assert not Path("report.json").exists()
        (line,) = self.capsys.readouterr().err.splitlines()
        return line


@pytest.fixture
def case(request, tmp_path, monkeypatch, capsys) -> Case:
    monkeypatch.chdir(tmp_path)
    made = Case(request.param, capsys)
    monkeypatch.setattr(f"biqa.datasets.{request.param}.DATASET", made.facts)
    return made


def of(names):
    return pytest.mark.parametrize("case", names, indirect=True)


@of(DATABASES)
def test_a_picture_that_cannot_be_decoded(case):
    spoilt = case.members[-1]
    case.files[spoilt] = case.files[spoilt][:100]
    assert f"1 fault: {spoilt}: cannot be decoded as a picture" in case.refusal()


@of(WHOLE)
def test_a_label_without_its_picture(case):
    gone = case.members[-1]
    del case.files[gone]
    error = case.refusal()
    assert "1 fault: label row " in error
    assert f"has no picture '{gone}' in the archive" in error


@of(LISTED)
def test_a_picture_without_a_label(case):
    extra = f"{case.members[0].rpartition('/')[0]}/another.jpg"
    case.files[extra] = noisy_picture(0)
    assert f"1 fault: the picture {extra} has no label" in case.refusal()


@of([name for name in LISTED if name in WHOLE])
def test_pictures_of_another_release(case):
    """All are there under other names: each name is a fault on either side."""
    for member in case.members:
        folder, _, name = member.rpartition("/")
        case.files[f"{folder}/new_{name}"] = case.files.pop(member)
    assert f": {2 * len(case.members)} faults: " in case.refusal()


@of(DATABASES)
def test_two_pictures_with_one_name_in_different_case(case):
    folder, _, name = case.members[0].rpartition("/")
    twin = f"{folder}/{name.swapcase()}"
    case.files[twin] = noisy_picture(0)
    error = case.refusal()
    assert twin in error
    assert "differ in upper and lower case only" in error or "in different case" in error


@of([name for name in DATABASES if name != "livec"])
def test_a_label_file_of_another_version(case):
    mini = importlib.import_module(f"miniature_{case.name}")
    changed, said = mini.of_another_version()
    case.files[mini.LABELS] = changed[mini.LABELS]
    assert said.partition(":")[2] in case.refusal()


@of(DATABASES)
def test_a_truncated_archive(case):
    content = Path("sound.zip").read_bytes()
    Path("cut.zip").write_bytes(content[: len(content) // 2])
    assert "cut.zip: truncated or damaged" in case.refusal("cut.zip")


@of(DATABASES)
def test_a_hostile_archive(case):
    case.files["../../.profile"] = b""
    assert "refused, '../../.profile' lies outside its folder" in case.refusal()
