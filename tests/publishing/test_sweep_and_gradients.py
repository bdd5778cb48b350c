"""Figures of sweeps and gradient maps draw what they are given."""

from pathlib import Path

import made_up
import numpy as np
import pandas as pd
import pytest

from biqa.errors import InputError
from biqa.publishing.gradients import Maps, gradients, read_maps, scaled
from biqa.publishing.style import styled
from biqa.publishing.sweep import sweep

SWEEPS = {
    "batch": {
        "recipe": "short",
        "values": {"batch_size": [8, 16]},
        "points": {"short.batch_size-8": {"batch_size": 8}, "short": {"batch_size": 16}},
    },
    "pq": {
        "loss": "norm_in_norm",
        "values": {"p": [1, 2], "q": [1, 2]},
        "points": {f"nin.p-{p}.q-{q}": {"p": p, "q": q} for p in (1, 2) for q in (1, 2)},
    },
}


def rows(**columns: list) -> pd.DataFrame:
    usual = {"dataset": "livec", "tested_on": "livec", "model": "m", "loss": "dcq"}
    return pd.DataFrame({**usual, "recipe": "short", "status": "ok", **columns})


def test_a_sweep_draws_the_median_at_each_value() -> None:
    found = rows(
        recipe=["short"] * 3 + ["short.batch_size-8"] * 3, srcc=[0.5, 0.9, 0.6, 0.1, 0.3, 0.2]
    )
    with styled():
        drawn = sweep({"sweeps": ["batch"]}, found, made_up.FACTS, SWEEPS, "here")
    (line,) = drawn.axes[0].get_lines()
    assert line.get_ydata().tolist() == [0.2, 0.6]  # 8 first, as in the study
    assert [text.get_text() for text in drawn.axes[0].get_xticklabels()] == ["8", "16"]


def test_a_sweep_of_two_values_has_a_line_for_each_of_the_second() -> None:
    losses = list(SWEEPS["pq"]["points"])
    found = rows(loss=losses, srcc=[0.11, 0.12, 0.21, 0.22])
    with styled():
        drawn = sweep({"sweeps": ["pq"]}, found, made_up.FACTS, SWEEPS, "here")
    lines = drawn.axes[0].get_lines()
    assert [line.get_ydata().tolist() for line in lines] == [[0.11, 0.21], [0.12, 0.22]]


def test_a_sweep_that_the_study_lacks_is_refused() -> None:
    with pytest.raises(InputError, match=r"here: sweeps: found 'rates', expected .*: batch, pq"):
        sweep({"sweeps": ["rates"]}, rows(srcc=[0.1]), made_up.FACTS, SWEEPS, "here")


def maps_of(*names: str) -> Maps:
    rng = np.random.default_rng(2)
    pictures = rng.integers(0, 256, (len(names), 6, 8, 3), dtype=np.uint8)
    return Maps(names, pictures, rng.random((len(names), 6, 8), dtype=np.float32))


def test_gradient_maps_stand_below_their_pictures() -> None:
    one, other = maps_of("a", "b"), maps_of("a", "b")
    with styled():
        drawn = gradients({"row_labels": {"m2": "Second"}}, {"m1": one, "m2": other})
    shown = [ax.get_images()[0].get_array() for ax in drawn.axes]
    assert len(shown) == 6
    np.testing.assert_array_equal(shown[1], one.pictures[1])
    assert drawn.axes[2].get_ylabel() == "Second"  # rows with a label come first
    np.testing.assert_allclose(shown[5], scaled(one.gradients[1]))


def test_maps_of_other_pictures_are_refused() -> None:
    with styled(), pytest.raises(InputError, match=r"m2: gradient maps of a, c, expected .* a, b"):
        gradients({}, {"m1": maps_of("a", "b"), "m2": maps_of("a", "c")})


def test_a_map_is_scaled_to_its_brightest_hundredth() -> None:
    gradient = np.arange(1000.0).reshape(10, 100)
    assert scaled(gradient).max() == 1
    assert (scaled(gradient) == 1).mean() == pytest.approx(0.01, abs=0.002)
    assert not scaled(np.zeros((3, 3))).any()


def test_missing_maps_say_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gradients.npz: missing; .*biqa maps"):
        read_maps(tmp_path, "runs/x")
