"""Prepared folders: the right bytes, the same bytes, whole or not at all."""

import hashlib
import json
from dataclasses import replace
from types import SimpleNamespace

import miniature_livec as mini
import numpy as np
import pandas as pd
import pytest
from killed import kill_at_random
from small_disk import small_disk

from biqa.__main__ import main
from biqa.datasets.archive import Archive
from biqa.datasets.livec import DATASET
from biqa.errors import InputError
from biqa.pictures.decode import resize
from biqa.pictures.look_alikes import perceptual_hash
from biqa.pictures.prepare import parse_size, prepare

NAMES = ["1.bmp", "10.JPG", "2.bmp"]  # as text is sorted


@pytest.fixture
def archive(tmp_path):
    return mini.write_zip(tmp_path / "mini.zip", mini.members())


def prepared(archive, folder, size="native"):
    with Archive(archive) as opened:
        prepare(replace(DATASET, n_images=3), opened, size, folder)
    return folder


def test_native_pixels_are_those_of_the_pictures_one_after_another(archive, tmp_path):
    folder = prepared(archive, tmp_path / "out")
    expected = b"".join(mini.pixels_of(name).tobytes() for name in NAMES)
    assert (folder / "pixels.bin").read_bytes() == expected


def test_the_table_says_where_each_picture_lies(archive, tmp_path):
    table = pd.read_csv(prepared(archive, tmp_path / "out") / "pictures.csv", keep_default_na=False)
    assert table.to_dict("list") == {
        "name": NAMES,
        "score": [92.25, 3.5, 40.0],
        "mos": [0.9225, 0.035, 0.4],
        "reference": [""] * 3,
        "distortion": [""] * 3,
        "level": [0] * 3,
        "group": [""] * 3,
        "official_part": [""] * 3,
        "height": [8, 6, 9],
        "width": [8, 11, 7],
        "offset": [0, 8 * 8 * 3, 8 * 8 * 3 + 6 * 11 * 3],
        "perceptual_hash": [perceptual_hash(mini.pixels_of(name)) for name in NAMES],
    }


def test_the_hash_of_a_picture_does_not_change_with_the_size(archive, tmp_path):
    """So that a split that keeps look-alikes together is the same at every size."""
    native, small = (
        pd.read_csv(prepared(archive, tmp_path / size, size) / "pictures.csv", dtype=str)
        for size in ("native", "4x6")
    )
    assert native["perceptual_hash"].equals(small["perceptual_hash"])


def test_a_size_is_height_by_width(archive, tmp_path):
    folder = prepared(archive, tmp_path / "out", "4x6")
    pixels = np.fromfile(folder / "pixels.bin", np.uint8).reshape(3, 4, 6, 3)
    for name, picture in zip(NAMES, pixels, strict=True):
        np.testing.assert_array_equal(picture, resize(mini.pixels_of(name), 4, 6))
    table = pd.read_csv(folder / "pictures.csv")
    assert table["height"].tolist() == [4] * 3
    assert table["width"].tolist() == [6] * 3


def test_facts_describe_the_dataset_and_the_pixels(archive, tmp_path):
    folder = prepared(archive, tmp_path / "out", "4x6")
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    content = (folder / "pixels.bin").read_bytes()
    expected = {
        "dataset": "livec",
        "title": "LIVE In the Wild",
        "score_name": "MOS",
        "is_proxy": False,
        "n_images": 3,
        "size": "4x6",
        "resampling": "bicubic, antialiased",
        "pixels_bytes": 3 * 4 * 6 * 3,
        "pixels_sha256": hashlib.sha256(content).hexdigest(),
    }
    assert {key: facts[key] for key in expected} == expected
    assert facts["pillow"]


def test_the_same_archive_gives_the_same_bytes(archive, tmp_path):
    one, other = (prepared(archive, tmp_path / name, "5x5") for name in ("one", "other"))
    names = sorted(path.name for path in one.iterdir())
    assert names == ["facts.json", "pictures.csv", "pixels.bin"]
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_a_failure_leaves_no_facts_of_an_earlier_run(archive, tmp_path):
    folder = prepared(archive, tmp_path / "out")
    broken = mini.members(pictures={"2.bmp": b"no picture"})
    with pytest.raises(InputError, match=r"2\.bmp: cannot be decoded"):
        prepared(mini.write_zip(tmp_path / "broken.zip", broken), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["pictures.csv", "pixels.bin"]


@pytest.mark.parametrize("size", ["256", "256x", "0x5", "5x-1", "256X256", " 5x5", "Native", ""])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(InputError, match="expected 'native' or height x width"):
        parse_size(size)


@pytest.fixture
def command(archive, tmp_path, monkeypatch):
    """Verify the miniature archive, and give the words that prepare it."""
    mini.expect_pictures(monkeypatch, 3)
    report = tmp_path / "livec.json"
    words = ["--dataset", "livec", "--archive", str(archive)]
    assert main(["verify", *words, "--output", str(report)]) == 0
    return ["prepare", *words, "--verified", str(report), "--size", "native"]


def test_the_step_prepares_a_verified_archive(command, tmp_path):
    assert main([*command, "--output-folder", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out/facts.json").is_file()


def test_an_archive_that_was_not_the_one_verified_is_refused(command, archive, tmp_path, capsys):
    mini.write_zip(archive, mini.members(mini.SCORES | {"2.bmp": 41.0}))
    assert main([*command, "--output-folder", str(tmp_path / "out")]) == 1
    assert "made from another archive" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"dataset": "livec"}'])
def test_a_report_that_is_none_is_refused(content, command, tmp_path, capsys):
    (tmp_path / "livec.json").write_text(content, encoding="utf-8")
    assert main([*command, "--output-folder", str(tmp_path / "out")]) == 1
    assert "run the step `verify` again" in capsys.readouterr().err


def test_a_full_disk_is_one_error_and_leaves_nothing(archive, tmp_path):
    with small_disk(tmp_path / "disk", "16k") as folder:
        with pytest.raises(InputError, match=r"pixels\.bin: no space left on the device"):
            prepared(archive, folder, "200x200")
        assert list(folder.iterdir()) == []


def test_pictures_killed_at_random_moments_are_prepared_with_the_same_bytes(archive, tmp_path):
    whole = prepared(archive, tmp_path / "whole", "200x200")
    folder = tmp_path / "killed"
    kill_at_random(lambda: prepared(archive, folder, "200x200"))
    prepared(archive, folder, "200x200")
    for name in ("pixels.bin", "pictures.csv", "facts.json"):
        assert (folder / name).read_bytes() == (whole / name).read_bytes(), name


N_BYTES = {"native": 3 * (8 * 8 + 6 * 11 + 9 * 7), "200x100": 3 * 3 * 200 * 100}


@pytest.mark.parametrize("size", N_BYTES)
def test_the_step_says_how_much_space_is_missing_before_it_starts(
    size, command, tmp_path, monkeypatch, capsys
):
    command[command.index("native")] = size
    out = tmp_path / "not" / "there" / "yet"
    n_bytes = N_BYTES[size]
    monkeypatch.setattr("shutil.disk_usage", lambda place: SimpleNamespace(free=n_bytes - 1))
    assert main([*command, "--output-folder", str(out)]) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert f"the pixels take {n_bytes:,} bytes at size {size}, {n_bytes - 1:,} are free" in error
    assert not out.parent.exists()
    monkeypatch.setattr("shutil.disk_usage", lambda place: SimpleNamespace(free=n_bytes))
    assert main([*command, "--output-folder", str(out)]) == 0
    assert (out / "pixels.bin").stat().st_size == n_bytes
