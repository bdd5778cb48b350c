"""One's own CSV becomes a dataset like all others; the list says what there is."""

import json

import pytest
from miniature_files import comma_separated, picture
from miniature_livec import write_zip

from biqa import datasets
from biqa.__main__ import main
from biqa.datasets import dataset, known, module_of
from biqa.datasets.archive import Archive
from biqa.verification import verify

HEAD = ("picture", "score", "reference", "distortion", "group")
ROWS = [
    ("a.png", 4.5, "one", "blur", "monday"),
    ("b/c.png", 1.5, "one", "noise", "monday"),
    ("d.png", 3.0, "two", "", "friday"),
]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a CSV, its pictures, and a place for definitions that biqa looks in."""
    definitions = tmp_path / "definitions"
    (tmp_path / "b").mkdir()
    definitions.mkdir()
    monkeypatch.setattr(datasets, "__path__", [*datasets.__path__, str(definitions)])
    monkeypatch.delenv("BIQA_ARCHIVES", raising=False)
    for seed, (name, *_) in enumerate(ROWS):
        (tmp_path / name).write_bytes(picture(seed))
    (tmp_path / "mine.csv").write_bytes(comma_separated(HEAD, ROWS))
    return tmp_path


@pytest.fixture
def name(request):
    """A name of its own for each test: a module once imported stays."""
    return "own_" + "".join(filter(str.isalnum, request.node.name.lower()))


def add(home, name, *words):
    csv = str(home / "mine.csv")
    return main(["datasets", "--data", str(home / "data"), "add", csv, "--name", name, *words])


def refusal(capsys, home, name, *words):
    assert add(home, name, *words) == 1
    assert not (home / "data" / "archives" / f"{name}.zip").exists()
    return capsys.readouterr().err.removeprefix("biqa datasets: ").rstrip("\n")


def test_a_csv_becomes_a_dataset_that_biqa_knows(home, name):
    assert add(home, name, "--score-range", "1", "5") == 0
    assert name in known()
    assert module_of(name) == f"biqa.datasets.{name}"
    with Archive(home / "data" / "archives" / f"{name}.zip") as archive:
        labels = dataset(name).labels(archive)
    assert labels.drop(columns="mos").to_dict("list") == {
        "name": ["a.png", "b/c.png", "d.png"],
        "member": ["pictures/a.png", "pictures/b/c.png", "pictures/d.png"],
        "score": [4.5, 1.5, 3.0],
        "reference": ["one", "one", "two"],
        "distortion": ["blur", "noise", ""],
        "level": [0, 0, 0],
        "group": ["monday", "monday", "friday"],
        "official_part": ["", "", ""],
    }
    assert labels["mos"].tolist() == [0.875, 0.125, 0.5]


def test_its_archive_is_verified_by_its_checksum(home, name):
    add(home, name)
    archive = home / "data" / "archives" / f"{name}.zip"
    assert verify(dataset(name), archive)["archive"]["sha256"] == dataset(name).sha256


def test_the_same_input_gives_the_same_archive(home, name):
    add(home, f"{name}_1")
    add(home, f"{name}_2")
    one, other = (home / "data" / "archives" / f"{name}_{i}.zip" for i in (1, 2))
    assert one.read_bytes() == other.read_bytes()


def test_the_scale_is_that_of_the_scores_unless_it_is_given(home, name, capsys):
    add(home, name)
    assert dataset(name).score_range == (1.5, 4.5)
    assert "3 pictures, scores on the scale 1.5 to 4.5" in capsys.readouterr().out


def test_lower_may_be_better(home, name):
    add(home, name, "--lower-is-better")
    assert (dataset(name).score_name, dataset(name).to_mos(1.5)) == ("DMOS", 1.0)


def test_the_definition_is_small_and_readable(home, name):
    licence = 'for "us" alone'
    add(home, name, "--licence", licence, "--citation", "cited " * 20)
    text = (home / "definitions" / f"{name}.py").read_text(encoding="utf-8")
    facts = dataset(name)
    assert text.splitlines() == [
        f'"""One\'s own dataset {name}, written by `python -m biqa datasets add`."""',
        "",
        "from biqa.datasets.own import own_dataset",
        "",
        "DATASET = own_dataset(",
        f'    name="{name}",',
        "    n_images=3,",
        "    n_references=2,",
        "    score_range=(1.5, 4.5),",
        "    distortions=(",
        '        "blur",',
        '        "noise",',
        "    ),",
        f'    title="{name}",',
        '    score_name="MOS",',
        "    higher_is_better=True,",
        "    licence='for \"us\" alone',",
        f'    citation="{"cited " * 20}",  # noqa: E501',
        f'    sha256="{facts.sha256}",',
        ")",
    ]
    assert (facts.licence, facts.citation) == (licence, "cited " * 20)


def test_pictures_may_come_from_an_archive(home, name):
    packed = write_zip(home / "p.zip", {name: (home / name).read_bytes() for name, *_ in ROWS})
    assert add(home, name, "--pictures", str(packed)) == 0


@pytest.mark.parametrize(
    ("head", "rows", "said"),
    [
        (("picture", "distorsion"), [], "unknown column 'distorsion'; did you mean 'distortion'?"),
        (("picture", "level"), [], "no column 'score', expected picture, score"),
        (("picture", "score"), [], "no rows, expected one a picture"),
        (("picture", "score"), [("a.png", "good")], "has the score 'good', expected a number"),
        (("picture", "score"), [("a.png", "nan")], "has the score 'nan', expected a number"),
        (("picture", "score"), [("../a.png", 1)], "'../a.png', expected a path below the folder"),
        (("picture", "score"), [("/a.png", 1)], "'/a.png', expected a path below the folder"),
        (("picture", "score"), [("", 1)], "picture '', expected a path below the folder"),
        (("picture", "score"), [("a.png", 1), ("A.png", 2)], "'A.png' is there a second time"),
        (("picture", "score"), [("a.png", 1), ("d.png", 1)], "score range 1 to 1: expected"),
        (("picture", "score"), [("a.png", 1), ("e.png", 2)], "the first is 'e.png'"),
        (("picture", "score", "level"), [("a.png", 1, "high")], "has the level 'high', expected"),
    ],
)
def test_a_csv_with_a_fault_is_refused(head, rows, said, home, name, capsys):
    (home / "mine.csv").write_bytes(comma_separated(head, rows))
    assert said in refusal(capsys, home, name)


def test_a_score_outside_the_stated_scale_is_refused(home, name, capsys):
    assert refusal(capsys, home, name, "--score-range", "2", "5") == (
        "picture 'b/c.png' has the score 1.5, outside 2 to 5"
    )


@pytest.mark.parametrize("taken", ["livec", "archive"])
def test_a_name_that_is_taken_is_refused(taken, home, capsys):
    assert f"{taken}.py is there; delete it, or use --name" in refusal(capsys, home, taken)


@pytest.mark.parametrize("bad", ["My set", "../x", "1st", "class", "_x"])
def test_a_name_that_is_no_name_is_refused(bad, home, capsys):
    assert "expected a lower-case name" in refusal(capsys, home, bad)


def test_pictures_that_are_nowhere_are_said_so(home, name, capsys):
    said = refusal(capsys, home, name, "--pictures", str(home / "gone"))
    assert said == f"{home / 'gone'} does not exist, expected a folder, zip or tar of pictures"


def listed(capsys, home):
    assert main(["datasets", "--data", str(home / "data")]) == 0
    lines = capsys.readouterr().out.splitlines()
    return {line.split()[0]: line for line in lines[1:]}


def test_the_list_has_all_datasets_and_says_which_are_drawn(home, capsys):
    lines = listed(capsys, home)
    assert tuple(lines) == known()
    assert lines["demo"].split()[-4:] == ["drawn", "by", "biqa", "-"]
    assert lines["live"].endswith("lower is better  -              -")


def test_the_list_says_what_is_on_disk_and_what_is_verified(home, capsys, monkeypatch):
    found = home / "elsewhere"
    found.mkdir()
    (found / "CID2013.zip").write_bytes(b"")
    monkeypatch.setenv("BIQA_ARCHIVES", str(found))
    archives, verified = home / "data" / "archives", home / "data" / "verified"
    archives.mkdir(parents=True)
    verified.mkdir()
    reports = {
        "biq2021": {"n_images": 1250, "archive": {"bytes": 4}},
        "livec": {"n_images": 1162, "archive": {"bytes": 4}},
        "csiq": {"n_images": 866, "archive": {"bytes": 5}},
        "vcl": {},
    }
    for dataset_name, report in reports.items():
        (archives / f"{dataset_name}.archive").write_bytes(b"four")
        (verified / f"{dataset_name}.json").write_text(json.dumps(report), encoding="utf-8")
    lines = listed(capsys, home)
    assert lines["biq2021"].endswith("  1,250 of 12,000 pictures")
    assert lines["livec"].endswith("  1,162 pictures")
    assert "  on disk  " in lines["livec"]
    assert lines["csiq"].endswith("  another archive")
    assert lines["vcl"].endswith("  report is damaged")
    assert f"  in {found}  " in lines["cid2013"]
