"""Figures show the numbers of the results and are the same bytes every time."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import made_up
import numpy as np
import pandas as pd
import pytest
import yaml
from killed import kill_at_random
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from small_disk import fill, small_disk

from biqa.errors import InputError
from biqa.publishing.figures import KINDS as WORDS_OF
from biqa.publishing.figures import figure
from biqa.publishing.scatter import after_line
from biqa.publishing.style import MARKS, grid_of_panels, legend_above, marks, save, styled
from biqa.workflow.runs import declared_runs, splits_by_names

PUBLISHED = Path(__file__).parents[2] / "config" / "published"
KINDS = ("convergence", "speed", "spread", "plane", "scatter", "density", "choice", "size")


def draw(kind: str, results: Path, **change: object) -> Figure:
    study = made_up.study(("livec", "demo"))
    artefact = {**study["figures"][kind], **change}
    with styled():
        drawn = figure(
            artefact,
            results,
            splits_by_names(declared_runs(study, "here").values()),
            made_up.FACTS,
            published=PUBLISHED,
            where="here",
        )
        drawn.canvas.draw()
    return drawn


def labels(drawn: Figure) -> list[str]:
    return [text.get_text() for text in (drawn._supxlabel, drawn._supylabel) if text]


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_is_the_same_bytes_twice(results: Path, tmp_path: Path, kind: str) -> None:
    made = []
    for stem in ("first", "second"):
        files = [tmp_path / f"{stem}.{suffix}" for suffix in ("svg", "png", "pdf")]
        drawn = draw(kind, results, datasets=["livec"], models=["resnet18"], losses=["mse", "dcq"])
        with styled():
            save(drawn, *files)
        made.append([file.read_bytes() for file in files])
    assert made[0] == made[1]


def test_a_figure_is_the_same_bytes_on_another_day(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Matplotlib takes the day from SOURCE_DATE_EPOCH; a plain savefig differs here."""
    made, plain = [], []
    for day in (1, 2):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(86_400 * day))
        files = [tmp_path / f"day{day}.{suffix}" for suffix in ("svg", "png", "pdf")]
        drawn = draw("scatter", results, datasets=["livec"], models=["resnet18"], losses=["mse"])
        drawn.savefig(tmp_path / f"plain{day}.pdf")
        with styled():
            save(drawn, *files)
        made.append([file.read_bytes() for file in files])
        plain.append((tmp_path / f"plain{day}.pdf").read_bytes())
    assert made[0] == made[1]
    assert plain[0] != plain[1]


def test_a_figure_killed_at_random_moments_is_drawn_with_the_same_bytes(
    results: Path, tmp_path: Path
) -> None:
    def drawn_to(stem: str) -> list[Path]:
        files = [tmp_path / f"{stem}.{suffix}" for suffix in ("svg", "png", "pdf")]
        drawn = draw("scatter", results, datasets=["livec"], models=["resnet18"], losses=["mse"])
        with styled():
            save(drawn, *files)
        return files

    whole = [file.read_bytes() for file in drawn_to("whole")]
    kill_at_random(lambda: drawn_to("killed"))
    left = [tmp_path / f"killed.{suffix}" for suffix in ("svg", "png", "pdf")]
    for file, content in zip(left, whole, strict=True):
        assert not file.exists() or file.read_bytes() == content
    assert [file.read_bytes() for file in drawn_to("killed")] == whole


def test_a_full_disk_is_named_and_leaves_the_former_figure(results: Path, tmp_path: Path) -> None:
    drawn = draw("scatter", results, datasets=["livec"], models=["resnet18"], losses=["mse"])
    with small_disk(tmp_path / "disk", "1m") as disk:
        files = [disk / f"figure.{suffix}" for suffix in ("svg", "png", "pdf")]
        files[0].write_text("former")
        filler = fill(disk)
        with pytest.raises(InputError, match=r"figure\.svg: no space left on the device"), styled():
            save(drawn, *files)
        assert files[0].read_text() == "former"
        assert not list(disk.glob(".*.part"))
        filler.unlink()
        with styled():
            save(drawn, *files)
        assert all(file.stat().st_size > 1000 for file in files)


@pytest.mark.parametrize("kind", KINDS)
def test_the_axis_of_a_proxy_dataset_never_says_mos(results: Path, kind: str) -> None:
    said = " ".join(labels(draw(kind, results, datasets=["demo"], models=["resnet18"])))
    assert "proxy score" in said
    assert "MOS" not in said
    assert "MOS" in " ".join(labels(draw(kind, results, datasets=["livec"], models=["resnet18"])))


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_leaves_the_figure_or_the_next_panel(results: Path, kind: str) -> None:
    drawn = draw(kind, results)
    page = drawn.bbox
    for ax in drawn.axes:
        box = ax.get_tightbbox()
        assert box is not None
        assert box.x0 >= page.x0 - 1
        assert box.x1 <= page.x1 + 1
    titles = [ax._left_title.get_window_extent() for ax in drawn.axes]
    overlaps = [(a, b) for i, a in enumerate(titles) for b in titles[:i] if a.overlaps(b)]
    assert not overlaps


def test_every_kind_can_be_declared_and_has_words() -> None:
    text = files("biqa.workflow").joinpath("schemas", "study.schema.yaml").read_text("utf-8")
    kinds = yaml.safe_load(text)["$defs"]["figure"]["properties"]["kind"]["enum"]
    elsewhere = ("sweep", "gradients", "noise")  # drawn in tests of their own
    assert sorted(kinds) == sorted(WORDS_OF) == sorted((*KINDS, *elsewhere))
    for kind, words in WORDS_OF.items():
        assert words(made_up.study()["figures"].get(kind, {})).endswith("."), kind


def test_no_file_of_a_figure_has_a_date(
    biqa: Callable[..., int], study_file: Path, results: Path, tmp_path: Path
) -> None:
    words = ["--study-file", study_file, "--artefact", "spread", "--results", results]
    assert biqa("figure", *words, *made_up.outputs("figure", tmp_path)) == 0
    for suffix, forbidden in (("pdf", b"Date"), ("svg", b"<dc:date"), ("png", b"tIME")):
        assert forbidden not in (tmp_path / f"t.{suffix}").read_bytes()
    pdf = (tmp_path / "t.pdf").read_bytes()
    assert b"/FontFile2" in pdf  # TrueType, not Type 3
    assert b"/Type3" not in pdf


def test_convergence_draws_the_median_over_splits(results: Path) -> None:
    drawn = draw("convergence", results, datasets=["livec"], models=["resnet18"], losses=["dcq"])
    curves = pd.read_csv(results / "curves.csv")
    found = curves.query("dataset == 'livec' and model == 'resnet18' and loss == 'dcq'")
    expected = [np.median(group["test_plcc"]) for _, group in found.groupby("epoch")]
    (line,) = drawn.axes[0].get_lines()
    np.testing.assert_allclose(line.get_ydata(), expected, atol=1e-12)
    assert line.get_color() == MARKS["dcq"].colour


def test_convergence_draws_the_printed_curve_beside_ours(results: Path) -> None:
    printed = {
        "table": "norm_in_norm_curves",
        "label": "printed",
        "keys": {"artefact": "NiN_Fig1", "split": "test"},
        "rows": {"mse": "mse"},
        "datasets": {"livec": "KonIQ-10k"},
        "metrics": {"plcc": "PLCC"},
    }
    one = {"datasets": ["livec"], "models": ["resnet18"], "losses": ["mse"]}
    drawn = draw("convergence", results, **one, published=printed)
    ours, theirs = drawn.axes[0].get_lines()
    assert len(ours.get_xdata()) == made_up.EPOCHS
    assert len(theirs.get_xdata()) == 30
    assert round(theirs.get_ydata()[0], 3) == 0.724  # after the first epoch, as the authors log it


def test_spread_draws_each_split_and_names_the_collapsed(results: Path) -> None:
    drawn = draw("spread", results, datasets=["livec"], models=["resnet18"], losses=["dcq", "mono"])
    metrics = pd.read_csv(results / "metrics.csv").query("protocol_choice and dataset == 'livec'")
    for loss, dots in zip(("dcq", "mono"), drawn.axes[0].collections[::2], strict=True):
        found = metrics[(metrics["model"] == "resnet18") & (metrics["loss"] == loss)][
            "srcc"
        ].dropna()
        assert sorted(dots.get_offsets()[:, 0]) == pytest.approx(sorted(found))
    assert [text.get_text() for text in drawn.axes[0].texts] == ["1 collapsed"]


def test_choice_draws_the_median_of_each_choice(results: Path) -> None:
    drawn = draw("choice", results, datasets=["livec"], models=["resnet18"], losses=["mse"])
    metrics = pd.read_csv(results / "metrics.csv")
    found = metrics.query("dataset == 'livec' and model == 'resnet18' and loss == 'mse'")
    expected = [np.median(found.query("choice == @each")["srcc"]) for each in made_up.CHOICES]
    drawn_values = [line.get_xdata()[0] for line in drawn.axes[0].get_lines()]
    np.testing.assert_allclose(drawn_values, expected, atol=1e-12)


def test_the_line_of_a_scatter_is_fitted_on_the_training_part() -> None:
    run = pd.DataFrame(
        {
            "part": ["train"] * 3 + ["judged"] * 2,
            "predicted": [0.0, 1.0, 2.0, 4.0, 5.0],
            "mos": [0.1, 0.3, 0.5, 0.0, 0.2],
        }
    )
    mapped = after_line(run)
    assert mapped is not None
    assert mapped["predicted"].tolist() == pytest.approx([0.9, 1.1])
    assert after_line(run.assign(predicted=0.5)) is None


def test_a_collapsed_run_has_no_dots_in_a_scatter(results: Path) -> None:
    drawn = draw("scatter", results, models=["cnniqa"], losses=["mono", "dcq"])
    assert [text.get_text() for text in drawn.axes[0].texts] == ["collapsed"]
    assert len(drawn.axes[0].collections) == 0
    assert len(drawn.axes[1].collections[0].get_offsets()) == made_up.N_TEST


def test_speed_draws_the_epoch_that_half_of_the_splits_need(results: Path) -> None:
    drawn = draw("speed", results, datasets=["livec"], models=["resnet18"], losses=["dcq"])
    curves = pd.read_csv(results / "curves.csv")
    found = curves.query("dataset == 'livec' and model == 'resnet18' and loss == 'dcq'")
    (line,) = drawn.axes[0].get_lines()
    for level, epoch in list(zip(*line.get_data(), strict=True))[:: made_up.EPOCHS]:
        needed = []
        for _, run in found.groupby("split"):
            there = [row["epoch"] for _, row in run.iterrows() if row["test_plcc"] >= level]
            needed.append(min(there, default=np.inf))
        expected = sorted(needed)[2]  # the third of five splits
        assert epoch == expected or (np.isnan(epoch) and np.isinf(expected))


def test_speed_draws_the_printed_epochs_beside_ours(results: Path) -> None:
    printed = {
        "table": "norm_in_norm_curves",
        "keys": {"artefact": "NiN_Fig1", "split": "test"},
        **{"rows": {"mse": "mse"}, "datasets": {"livec": "KonIQ-10k"}, "metrics": {"plcc": "PLCC"}},
    }
    one = {"datasets": ["livec"], "models": ["resnet18"], "losses": ["mse"]}
    theirs = draw("speed", results, **one, published=printed).axes[0].get_lines()[1]
    at = np.flatnonzero(theirs.get_xdata() <= 0.72)
    assert set(theirs.get_ydata()[at]) == {1.0}  # 0.724 after their first epoch


def test_plane_draws_the_medians(results: Path) -> None:
    drawn = draw("plane", results, datasets=["livec"], models=["resnet18"], losses=["dcq"])
    found = pd.read_csv(results / "metrics.csv").query(
        "dataset == 'livec' and model == 'resnet18' and loss == 'dcq' and protocol_choice"
    )
    (point,) = drawn.axes[0].get_lines()
    assert point.get_xdata() == pytest.approx([found["plcc"].median()])
    assert point.get_ydata() == pytest.approx([found["srcc"].median()])
    alone = draw("plane", results, datasets=["livec"], models=["cnniqa"], losses=["dcq", "mono"])
    assert [text.get_text() for text in alone.axes[0].texts] == ["collapsed: MONO"]


def test_density_has_an_area_of_one_and_names_the_collapsed(results: Path) -> None:
    drawn = draw("density", results, models=["resnet18"], losses=["dcq", "mse"])
    for line in drawn.axes[0].get_lines():
        x, y = line.get_data()
        assert np.trapezoid(y, x) == pytest.approx(1.0, abs=0.03)
    alone = draw("density", results, models=["cnniqa"], losses=["dcq", "mono"])
    words = [text.get_text() for text in alone.legends[0].get_texts()]
    assert words == ["MOS", "DCQ", "MONO: collapsed"]


@pytest.mark.parametrize("last", ["MSE", "bi-level (MetaIQA)", "a name too long for two columns"])
def test_a_legend_is_not_wider_than_its_figure(last: str) -> None:
    names = ("ImageNet alone", "pooled (baseline)", last)
    with styled():
        drawn, _ = grid_of_panels(1, columns=1, panel_height=2.0)
        legend_above(drawn, [Line2D([], [], marker="o", label=name) for name in names])
        drawn.canvas.draw()
    assert drawn.legends[0].get_window_extent().x1 <= drawn.bbox.x1


def test_size_draws_each_network_where_its_parameters_are(results: Path) -> None:
    drawn = draw("size", results, datasets=["livec"], losses=["mse"])
    found = pd.read_csv(results / "metrics.csv").query(
        "dataset == 'livec' and loss == 'mse' and protocol_choice"
    )
    (line,) = drawn.axes[0].get_lines()
    assert line.get_xdata().tolist() == sorted(made_up.PARAMETERS.values())
    expected = [found[found["model"] == model]["srcc"].median() for model in made_up.PARAMETERS]
    assert line.get_ydata() == pytest.approx(expected)
    assert {text.get_text() for text in drawn.axes[0].texts} == set(made_up.PARAMETERS)


def test_a_loss_has_the_same_colour_in_every_figure() -> None:
    assert marks(["dcq", "mse"])["mse"] == marks(["mse", "a_new_one"])["mse"]
    colours = {to_hex(mark.colour) for mark in MARKS.values()}
    assert len(colours) == len(MARKS)
    assert len({mark.marker for mark in MARKS.values()}) == len(MARKS)
