"""Files appear whole or not at all, and the same content gives the same bytes."""

import gzip
import json
import os

import numpy as np
import pandas as pd
import pytest
from small_disk import small_disk

from biqa.download import link
from biqa.errors import InputError
from biqa.files import whole_file, write_json, write_table, write_text


def test_a_writer_that_fails_leaves_the_former_file_and_nothing_else(tmp_path):
    path = tmp_path / "numbers.csv"
    write_text(path, "former")

    def fail():
        with whole_file(path) as aside:
            aside.write_text("new, but only a p", encoding="utf-8")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert path.read_text(encoding="utf-8") == "former"
    assert os.listdir(tmp_path) == ["numbers.csv"]


def test_a_reader_sees_the_former_file_while_a_new_one_is_written(tmp_path):
    path = tmp_path / "numbers.csv"
    write_text(path, "former")
    with whole_file(path) as aside:
        aside.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "former"
    assert path.read_text(encoding="utf-8") == "new"
    assert os.listdir(tmp_path) == ["numbers.csv"]


def test_folders_are_made(tmp_path):
    write_text(tmp_path / "a" / "b" / "c.txt", "text")
    assert (tmp_path / "a" / "b" / "c.txt").read_text(encoding="utf-8") == "text"


def test_a_full_disk_is_named_and_leaves_no_part(tmp_path):
    with small_disk(tmp_path / "small", "16k") as folder:
        with pytest.raises(InputError, match=r"big\.txt: no space left on the device"):
            write_text(folder / "big.txt", "x" * 100_000)
        assert os.listdir(folder) == []


def test_text_is_utf8(tmp_path):
    write_text(tmp_path / "t.txt", "ρ – β\n")
    assert (tmp_path / "t.txt").read_bytes() == "ρ – β\n".encode()


def test_json_has_sorted_keys_and_refuses_what_is_no_number(tmp_path):
    path = tmp_path / "facts.json"
    write_json(path, {"b": 1, "a": [0.1, None]})
    written = path.read_text(encoding="utf-8")
    assert json.loads(written) == {"a": [0.1, None], "b": 1}
    assert written.index('"a"') < written.index('"b"')
    assert written.endswith("}\n")
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, {"srcc": float("nan")})
    assert path.read_text(encoding="utf-8") == written


NUMBERS = [0.1, 1 / 3, 1e-300, 0.1 + 0.2, np.nan, 123456789.12345678]


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_numbers_of_a_table_come_back_to_the_bit(tmp_path, name):
    table = pd.DataFrame({"name": list("abcdef"), "value": NUMBERS})
    write_table(tmp_path / name, table)
    content = (tmp_path / name).read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
    cells = [line.split(",") for line in text.splitlines()]
    assert cells[0] == ["name", "value"]
    back = [float(value or "nan") for _, value in cells[1:]]
    np.testing.assert_array_equal(back, NUMBERS)


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_the_same_table_gives_the_same_bytes_on_another_day(tmp_path, name, monkeypatch):
    table = pd.DataFrame({"value": NUMBERS})
    write_table(tmp_path / "one" / name, table)
    monkeypatch.setattr("time.time", lambda: 4e9)
    write_table(tmp_path / "other" / name, table)
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_table_is_compressed_when_its_name_says_so(tmp_path):
    table = pd.DataFrame({"value": [1, 2]})
    write_table(tmp_path / "t.csv", table)
    write_table(tmp_path / "t.csv.gz", table)
    plain = (tmp_path / "t.csv").read_bytes()
    assert plain == b"value\n1\n2\n"
    assert gzip.decompress((tmp_path / "t.csv.gz").read_bytes()) == plain


def test_a_link_takes_the_place_of_what_was_there(tmp_path):
    for name in ("one", "other"):
        write_text(tmp_path / name, name)
    for name in ("one", "other", "other"):
        link(tmp_path / name, tmp_path / "links" / "it")
    assert (tmp_path / "links" / "it").is_symlink()
    assert (tmp_path / "links" / "it").read_text(encoding="utf-8") == "other"
    assert os.listdir(tmp_path / "links") == ["it"]
