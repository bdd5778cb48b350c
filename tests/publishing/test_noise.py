"""What losses differ by, and what seeds do, on numbers worked out by hand."""

import made_up
import numpy as np
import pandas as pd
import pytest

from biqa.publishing.noise import drawn, loss_differences, noise, seed_differences
from biqa.publishing.style import save, styled

SRCC = {  # by loss, recipe, split
    ("mse", "short"): (0.50, 0.60),
    ("mse", "short.seed1"): (0.53, 0.56),
    ("dcq", "short"): (0.55, 0.58),
    ("dcq", "short.seed1"): (0.60, np.nan),
}


@pytest.fixture
def found():
    rows = [
        {
            **{"dataset": "livec", "tested_on": "livec", "model": "cnniqa", "loss": loss},
            **{"recipe": recipe, "split": split, "srcc": value},
            "status": "collapsed" if np.isnan(value) else "ok",
        }
        for (loss, recipe), values in SRCC.items()
        for split, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_seeds_are_compared_within_a_loss_and_split(found):
    table = seed_differences(found, "srcc").set_index(["loss", "split"])["difference"]
    assert table.to_dict() == pytest.approx({("mse", 0): 0.03, ("mse", 1): -0.04, ("dcq", 0): 0.05})


def test_losses_are_compared_within_a_seed_and_split(found):
    table = loss_differences(found, "srcc", "mse").set_index(["recipe", "split"])["difference"]
    assert table.to_dict() == pytest.approx(
        {("short", 0): 0.05, ("short", 1): -0.02, ("short.seed1", 0): 0.07}
    )


def draw(found, paths=None):
    artefact = {"metric": "srcc", "row_labels": {"dcq": "DCQ"}}
    with styled():
        figure = noise({**artefact, "row_labels": {}}, found, made_up.FACTS)
        figure.canvas.draw()
        if paths:
            save(figure, *paths)
    return figure


def test_every_difference_is_a_dot_and_the_band_is_their_root_mean_square(found):
    figure = draw(found)
    (ax,) = figure.axes
    dots = np.concatenate([each.get_offsets() for each in ax.collections])
    expected = [0.03, -0.04, 0.05, 0.05, -0.02, 0.07]
    assert sorted(dots[:, 0]) == pytest.approx(sorted(expected))
    width = np.sqrt(np.mean([0.03**2, 0.04**2, 0.05**2]))
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words[0] == "loss minus MSE, same split and seed"
    assert words[2] == f"root mean square between seeds, {width:.3f}"
    assert "1 collapsed" in [text.get_text() for text in ax.texts]


def test_nothing_is_cut_off(found):
    figure = draw(found)
    legend = figure.legends[0].get_window_extent()
    assert legend.x0 >= 0
    assert legend.x1 <= figure.bbox.x1


def test_the_figure_is_the_same_bytes_twice(found, tmp_path):
    made = []
    for stem in ("first", "second"):
        paths = [tmp_path / f"{stem}.{suffix}" for suffix in ("svg", "png", "pdf")]
        draw(found, paths)
        made.append([path.read_bytes() for path in paths])
    assert made[0] == made[1]


def test_the_caption_says_what_the_marks_are():
    assert drawn({"metric": "plcc"}).startswith("Differences in PLCC on the test part.")
