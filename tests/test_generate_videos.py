"""Computed videos: frames as a decoder shows them, one score a video, the same bytes again."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import stats

from biqa.__main__ import main
from biqa.datasets import demo, demo_mixed, demo_video
from biqa.datasets._generated import GeneratedVideos
from biqa.datasets.archive import Archive
from biqa.generation.proxy_score import similarity
from biqa.generation.videos import STEP, coded, write_videos
from biqa.scenes import references

SMALL = GeneratedVideos(
    seed=4, size=32, references=("china_1", "leaves_1"), quantisers=(2, 31), n_frames=3
)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("small") / "small.archive"
    write_videos(path, SMALL, seed=4)
    return path


def frames_of(path: Path) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".png")]
        return {name: np.array(Image.open(io.BytesIO(archive.read(name)))) for name in names}


def labels_of(path: Path) -> pd.DataFrame:
    """Read as the workflow does, with the facts of a small dataset."""
    facts = replace(demo_video.DATASET, n_images=SMALL.n_images, n_references=2)
    with Archive(path) as archive:
        return facts.labels(archive)


def test_the_archive_has_the_same_bytes_again(small, tmp_path):
    write_videos(tmp_path / "again", SMALL, seed=4)
    assert (tmp_path / "again").read_bytes() == small.read_bytes()


def test_every_frame_of_a_video_has_its_score(small):
    labels = labels_of(small)
    assert labels["name"].tolist()[:3] == [f"china_1-mpeg4-1/{k:06}.png" for k in range(3)]
    videos = labels.assign(video=labels["name"].str.rpartition("/")[0])
    assert len(videos.drop_duplicates(["video", "score"])) == SMALL.n_videos == 4
    assert labels.groupby("level")["score"].mean().is_monotonic_decreasing


def test_the_camera_moves_over_the_scene(small):
    frames = frames_of(small)
    scene = references(32 + 2 * STEP, ["leaves_1"], seed=4)["leaves_1"]
    for number in range(3):
        at = STEP * number
        view = scene[at : at + 32, at : at + 32]
        shown = frames[f"pictures/leaves_1-mpeg4-1/{number:06}.png"]
        elsewhere = scene[:32, 8:] if number == 0 else scene[:32, :32]
        assert similarity(view, shown) > 0.85 > similarity(elsewhere, shown)


def test_frames_are_what_a_player_shows(tmp_path):
    """The same coding through a file: what FFmpeg writes to an AVI and reads back."""
    scene = references(64, ["china_1"], seed=4)["china_1"]
    pictures = [np.ascontiguousarray(scene[k : k + 48, k : k + 48]) for k in range(0, 16, 4)]
    with av.open(str(tmp_path / "video.avi"), "w") as container:
        stream = container.add_stream("mpeg4", rate=25, options={"qmin": "9", "qmax": "9"})
        stream.height, stream.width, stream.pix_fmt = 48, 48, "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    with av.open(str(tmp_path / "video.avi")) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    np.testing.assert_array_equal(list(coded(pictures, 9)), shown)


def test_the_facts_are_those_of_the_plan_and_no_scene_is_shared():
    plan, facts = demo_video.GENERATED, demo_video.DATASET
    assert (facts.n_videos, facts.n_images) == (48, 288)
    assert facts.is_proxy
    assert set(plan.references).isdisjoint(demo.GENERATED.references)
    assert set(plan.references) <= set(demo_mixed.GENERATED.references)


def test_the_step_writes_videos_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo_video, "GENERATED", SMALL)
    path = tmp_path / "demo_video.archive"
    assert main(["generate", "--dataset", "demo_video", "--output", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: 12 frames of 4 videos, seed 4\n"


@pytest.mark.slow
def test_the_whole_dataset_fits_its_facts_and_its_scores_spread(tmp_path):
    path = tmp_path / demo_video.DATASET.archive
    assert main(["generate", "--dataset", "demo_video", "--output", str(path)]) == 0
    with Archive(path) as archive:
        labels = demo_video.DATASET.labels(archive)
    assert labels["score"].std() >= 8
    assert stats.spearmanr(labels["level"], labels["score"]).statistic < -0.7
