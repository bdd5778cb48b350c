"""Computed datasets: the same bytes again, labels that fit the facts, scores worth having."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import ndimage, stats

from biqa.__main__ import main
from biqa.baselines.pristine import named_kodak
from biqa.datasets import demo, demo_mixed, kodak_distorted
from biqa.datasets._generated import LEVELS, Generated
from biqa.datasets.archive import Archive
from biqa.distortions import distortion
from biqa.distortions.definition import N_LEVELS
from biqa.distortions.seeding import generator
from biqa.generation import archive as drawing
from biqa.generation.plan import planned
from biqa.generation.proxy_score import N_RATERS, RATER_SD, proxy_score, similarity
from biqa.generation.reduction import reduced
from biqa.scenes import references

BOTH = [demo, demo_mixed]
ALL = [*BOTH, kodak_distorted]
SMALL = Generated(
    seed=4,
    size=32,
    references=("china_1", "leaves_1"),
    distortions=("white_noise", "jpeg", "motion_blur"),
)
SMALL_MIXED = replace(SMALL, n_mixed=5)


def write_archive(path: Path, generated: Generated, *, seed: int) -> None:
    scenes = references(generated.size, generated.references, seed=seed)
    drawing.write_archive(path, generated, scenes, seed=seed)


def labels_of(path: Path, generated: Generated) -> pd.DataFrame:
    """Read as the workflow does, with the facts of a small dataset."""
    facts = replace(
        demo.DATASET,
        n_images=generated.n_images,
        n_references=len(generated.references),
        distortions=("mixed",) if generated.n_mixed else generated.distortions,
    )
    with Archive(path) as archive:
        return facts.labels(archive)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("small") / "small.archive"
    write_archive(path, SMALL, seed=4)
    return path


@pytest.mark.parametrize("generated", [SMALL, SMALL_MIXED], ids=["levels", "mixed"])
def test_the_archive_has_the_same_bytes_again(generated, tmp_path):
    for name in ("once", "again"):
        write_archive(tmp_path / name, generated, seed=4)
    assert (tmp_path / "once").read_bytes() == (tmp_path / "again").read_bytes()


def test_another_seed_makes_other_noise_and_other_leaves(small, tmp_path):
    write_archive(tmp_path / "other", SMALL, seed=5)
    here, there = members(small), members(tmp_path / "other")
    assert here.keys() == there.keys()
    for name in ("china_1-white_noise-3", "leaves_1-jpeg-3"):
        assert here[f"pictures/{name}.png"] != there[f"pictures/{name}.png"]
    assert here["pictures/china_1-jpeg-3.png"] == there["pictures/china_1-jpeg-3.png"]


@pytest.mark.parametrize("generated", [SMALL, SMALL_MIXED], ids=["levels", "mixed"])
def test_a_picture_does_not_depend_on_what_else_is_made(generated, tmp_path):
    write_archive(tmp_path / "both", generated, seed=4)
    write_archive(tmp_path / "one", replace(generated, references=("leaves_1",)), seed=4)
    both, one = members(tmp_path / "both"), members(tmp_path / "one")
    pictures = one.keys() - {"labels.csv"}
    assert len(pictures) == len(both) // 2
    assert all(both[name] == one[name] for name in pictures)


def test_entries_are_stored_and_tell_no_date(small):
    with zipfile.ZipFile(small) as archive:
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)


def test_pictures_are_png_of_the_stated_size(small):
    pictures = [content for name, content in members(small).items() if name != "labels.csv"]
    assert len(pictures) == 2 * 3 * 5
    for content in pictures:
        picture = Image.open(io.BytesIO(content))
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (32, 32))


def test_labels_are_read_and_fit_the_plan(small):
    labels = labels_of(small, SMALL).set_index("name")
    assert len(labels) == 30
    row = labels.loc["leaves_1-jpeg-2.png"]
    assert (row["reference"], row["distortion"], row["level"]) == ("leaves_1", "jpeg", 2)
    assert row["member"] == "pictures/leaves_1-jpeg-2.png"
    assert row["mos"] == pytest.approx(row["score"] / 100)


def test_labels_of_mixed_pictures_tell_the_scene_and_no_level(tmp_path):
    write_archive(tmp_path / "mixed", SMALL_MIXED, seed=4)
    labels = labels_of(tmp_path / "mixed", SMALL_MIXED)
    assert set(labels["distortion"]) == {"mixed"}
    assert set(labels["level"]) == {0}
    assert labels["reference"].value_counts().to_dict() == {"china_1": 5, "leaves_1": 5}


def test_the_distorted_picture_is_the_reference_after_its_steps(small):
    reference = references(32, ["china_1"], seed=4)["china_1"]
    rng = generator(4, "china_1-white_noise-3.png", "white_noise", 3)
    expected = distortion("white_noise")(reference, 3, rng)
    stored = Image.open(io.BytesIO(members(small)["pictures/china_1-white_noise-3.png"]))
    np.testing.assert_array_equal(np.array(stored), expected)


def test_a_failure_leaves_the_former_archive(small, tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(b"former")
    with pytest.raises(ValueError, match="unknown distortion 'rain'"):
        write_archive(path, replace(SMALL, distortions=("jpeg", "rain")), seed=1)
    assert path.read_bytes() == b"former"
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]


def test_levels_of_datasets_are_those_of_distortions():
    assert tuple(range(1, N_LEVELS + 1)) == LEVELS


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.DATASET.name)
def test_the_plan_has_as_many_pictures_as_the_facts_say(module):
    plan = planned(module.GENERATED, seed=module.GENERATED.seed)
    assert len({entry.name for entry in plan}) == len(plan) == module.DATASET.n_images
    used = {entry.reference for entry in plan}
    assert len(used) == module.DATASET.n_references >= 16


def test_the_synthetic_dataset_has_the_stated_size():
    assert 1000 <= demo.DATASET.n_images <= 1200
    assert len(demo.GENERATED.distortions) >= 12


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.DATASET.name)
def test_no_text_takes_the_proxy_for_an_opinion(module):
    facts = module.DATASET
    assert facts.is_proxy
    assert facts.score_name == "proxy score"
    texts: Sequence[str] = (facts.title, facts.citation, facts.request, module.__doc__ or "")
    assert not any("MOS" in text or "opinion" in text for text in texts)


def test_mixed_pictures_have_two_or_three_distortions_in_the_order_of_a_camera():
    order = demo_mixed.GENERATED.distortions
    plan = planned(demo_mixed.GENERATED, seed=2026)
    assert {len(entry.steps) for entry in plan} == {2, 3}
    for entry in plan:
        places = [order.index(name) for name, _ in entry.steps]
        assert places == sorted(set(places))
    assert {name for entry in plan for name, _ in entry.steps} == set(order)
    assert {level for entry in plan for _, level in entry.steps} == {1, 2, 3, 4}


def ssim_by_its_equation(reference: np.ndarray, picture: np.ndarray) -> float:
    """Wang et al. (2004), equation 13, on each channel, away from the edges, in float64."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    steps = np.arange(-5, 6)
    window = np.exp(-(steps**2) / (2 * 1.5**2))
    window = np.outer(window, window) / window.sum() ** 2
    values = []
    for channel in range(3):
        x, y = (image[..., channel].astype(float) for image in (reference, picture))
        mean = {k: ndimage.convolve(v, window) for k, v in {"x": x, "y": y}.items()}
        var_x = ndimage.convolve(x * x, window) - mean["x"] ** 2
        var_y = ndimage.convolve(y * y, window) - mean["y"] ** 2
        cov = ndimage.convolve(x * y, window) - mean["x"] * mean["y"]
        luminance = (2 * mean["x"] * mean["y"] + c1) / (mean["x"] ** 2 + mean["y"] ** 2 + c1)
        values.append((luminance * (2 * cov + c2) / (var_x + var_y + c2))[5:-5, 5:-5].mean())
    return float(np.mean(values))


@pytest.mark.parametrize("name", ["white_noise", "gaussian_blur", "darkened"])
def test_similarity_is_ssim_of_its_paper(name, rng):
    reference = references(64, ["china_1"], seed=1)["china_1"]
    picture = distortion(name)(reference, 3, rng)
    expected = ssim_by_its_equation(reference, picture)
    assert similarity(reference, picture) == pytest.approx(expected, abs=1e-6)


def test_proxy_score_scatters_around_the_metric_as_a_mean_of_raters():
    reference = references(64, ["china_1"], seed=1)["china_1"]
    picture = distortion("gaussian_blur")(reference, 4, np.random.default_rng(0))
    scores = [proxy_score(reference, picture, np.random.default_rng(seed)) for seed in range(300)]
    metric = 100 * similarity(reference, picture)
    assert 30 < metric < 70  # so that no rating meets the end of the scale
    spread = RATER_SD / np.sqrt(N_RATERS)
    assert np.mean(scores) == pytest.approx(metric, abs=4 * spread / np.sqrt(300))
    assert np.std(scores) == pytest.approx(spread, rel=0.15)


def test_proxy_score_stays_on_the_scale(rng):
    reference = references(64, ["china_1"], seed=1)["china_1"]
    for picture in (reference, 255 - reference):
        for seed in range(20):
            assert 0 <= proxy_score(reference, picture, np.random.default_rng(seed)) <= 100
    assert similarity(reference, 255 - reference) < 0


def test_the_step_writes_the_archive_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "GENERATED", SMALL)
    path = tmp_path / "demo.archive"
    assert main(["generate", "--dataset", "demo", "--output", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: 30 pictures, seed 4\n"
    assert len(members(path)) == 31


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--dataset", "no_such"], "unknown dataset 'no_such'; the known ones are "),
        (["--dataset", "demo", "--seed", "-1"], "--seed -1: expected a whole number from 0"),
    ],
)
def test_wrong_words_are_one_line_on_stderr(words, message, tmp_path, capsys):
    path = tmp_path / "demo.archive"
    assert main(["generate", *words, "--output", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("biqa generate: ")
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert not path.exists()


def test_a_dataset_that_is_fetched_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.delattr(demo, "GENERATED")
    assert main(["generate", "--dataset", "demo", "--output", str(tmp_path / "x")]) == 1
    said = capsys.readouterr().err
    assert (
        "are fetched, not computed; those that can be computed are demo_mixed, demo_video, kodak"
        in said
    )


def stripes(height: int, width: int) -> np.ndarray:
    """One pixel white, one black, from left to right."""
    row = np.tile([255, 0], width // 2).astype(np.uint8)
    return np.broadcast_to(row[None, :, None], (height, width, 3)).copy()


@pytest.mark.parametrize(("shape", "expected"), [((8, 12), (4, 6)), ((12, 8), (6, 4))])
def test_a_reduced_photograph_keeps_its_proportion_and_does_not_alias(shape, expected):
    small = reduced(stripes(*shape), 4)
    assert (small.shape, small.dtype) == ((*expected, 3), np.uint8)
    inner = small[:, 1:-1].astype(int)
    assert np.abs(inner - 127).max() < 25  # gray, where taking every other pixel gives 0 or 255


def test_a_photograph_is_never_enlarged():
    message = "of 8x12 pixels cannot be reduced to a shorter side of 9"
    with pytest.raises(ValueError, match=message):
        reduced(stripes(8, 12), 9)


def photographs(path: Path, numbers: Sequence[int]) -> Path:
    """Write a zip as that of the Kodak photographs: 24 high, one brighter than the other."""
    with zipfile.ZipFile(path, "w") as packed:
        for number in numbers:
            file = io.BytesIO()
            Image.new("RGB", (36, 24), (number, 200, 100)).save(file, format="PNG")
            packed.writestr(f"kodak/{number}.png", file.getvalue())
    return path


def test_photographs_are_found_by_their_number_and_reduced_before_they_are_distorted(
    tmp_path, monkeypatch
):
    names = ("kodim02", "kodim10")  # by name of file, 10 comes before 2
    plan = replace(SMALL, size=16, references=names, distortions=("darkened",), pristine="kodak")
    monkeypatch.setattr(kodak_distorted, "GENERATED", plan)
    source, path = photographs(tmp_path / "kodak.zip", range(1, 25)), tmp_path / "made"
    words = ["generate", "--dataset", "kodak_distorted", "--pristine", str(source)]
    assert main([*words, "--output", str(path)]) == 0
    for number in (2, 10):
        name = f"kodim{number:02d}-darkened-3.png"
        stored = np.array(Image.open(io.BytesIO(members(path)[f"pictures/{name}"])))
        whole = np.broadcast_to(np.array([number, 200, 100], np.uint8), (16, 24, 3))
        expected = distortion("darkened")(whole, 3, generator(4, name, "darkened", 3))
        np.testing.assert_array_equal(stored, expected)


@pytest.mark.parametrize(
    ("dataset", "numbers", "message"),
    [
        ("kodak_distorted", None, "--pristine is None, expected an archive of kodak"),
        ("demo", range(1, 25), "kodak.zip, expected none"),
        ("kodak_distorted", range(2, 26), "no photograph kodim01 among kodim10, "),
        ("kodak_distorted", range(1, 3), "2 PNG files in it, expected 24"),
    ],
)
def test_wrong_photographs_are_refused(dataset, numbers, message, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(kodak_distorted, "GENERATED", replace(kodak_distorted.GENERATED, size=8))
    words = ["generate", "--dataset", dataset, "--output", str(tmp_path / "x")]
    if numbers is not None:
        words += ["--pristine", str(photographs(tmp_path / "kodak.zip", numbers))]
    assert main(words) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


@pytest.mark.data
def test_distorted_kodak_photographs_get_lower_scores_by_level(tmp_path, archives_folder):
    source, path = archives_folder / "kodak.zip", tmp_path / "made"
    plan = replace(kodak_distorted.GENERATED, references=("kodim05",))
    found = {"kodim05": reduced(dict(named_kodak(source))["kodim05"], plan.size)}
    labels = drawing.write_archive(path, plan, found, seed=plan.seed)
    for _, pictures in labels.groupby("distortion"):
        assert stats.spearmanr(pictures["level"], pictures["score"]).statistic < -0.7


@pytest.mark.slow
@pytest.mark.parametrize("module", BOTH, ids=lambda module: module.DATASET.name)
def test_the_whole_dataset_fits_its_facts_and_its_scores_spread(module, tmp_path):
    path = tmp_path / module.DATASET.archive
    assert main(["generate", "--dataset", module.DATASET.name, "--output", str(path)]) == 0
    with Archive(path) as archive:
        labels = module.DATASET.labels(archive)
    assert labels["score"].std() >= 15
    for _, pictures in labels[labels["level"] > 0].groupby(["distortion", "reference"]):
        assert stats.spearmanr(pictures["level"], pictures["score"]).statistic < 0
    for _, pictures in labels[labels["level"] > 0].groupby("distortion"):
        assert stats.spearmanr(pictures["level"], pictures["score"]).statistic < -0.7
