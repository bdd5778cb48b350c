"""A folder of videos with scores becomes a database to test on, frame by frame."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small_pictures as small
from miniature_files import comma_separated
from rule_commands import run_rule
from scipy import stats

from biqa import datasets
from biqa.__main__ import main
from biqa.datasets import dataset
from biqa.evaluation import gather
from biqa.pictures.store import PictureStore
from biqa.recipes import plain, training_recipe
from biqa.training.prediction import predict
from biqa.training.setup import trained_model

av = pytest.importorskip("av", reason="videos take PyAV")

HEIGHT, WIDTH = 48, 64  # pixels
VIDEOS = {"a.mkv": 5, "far/b.mkv": 3, "c.mkv": 7, "d.mkv": 4}  # number of frames
SCORES = {"a.mkv": 2.0, "far/b.mkv": 4.5, "c.mkv": 1.0, "d.mkv": 3.0}


def pixels_of(name: str, number: int) -> np.ndarray:
    """Return a frame: noise around a gray that tells the video."""
    rng = np.random.default_rng([number, *name.encode()])
    spread = 10 + 25 * list(VIDEOS).index(name)
    return rng.integers(128 - spread, 128 + spread, (HEIGHT, WIDTH, 3)).astype(np.uint8)


def write_video(path, pictures, *, codec="ffv1", pix_fmt="bgr0"):
    """Write a video, without loss unless a codec says otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=5)
        stream.height, stream.width, stream.pix_fmt = HEIGHT, WIDTH, pix_fmt
        for pixels in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The current folder, with videos, their scores, and a place for definitions."""
    for name, n_frames in VIDEOS.items():
        pictures = (pixels_of(name, number) for number in range(n_frames))
        write_video(tmp_path / "clips" / name, pictures)
    (tmp_path / "clips" / "mine.csv").write_bytes(
        comma_separated(("video", "score"), SCORES.items())
    )
    (tmp_path / "definitions").mkdir()
    search = [*datasets.__path__, str(tmp_path / "definitions")]
    monkeypatch.setattr(datasets, "__path__", search)
    monkeypatch.delenv("BIQA_ARCHIVES", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def name(request):
    return "own_" + "".join(filter(str.isalnum, request.node.name.lower()))


def add(name, *words):
    return main(["datasets", "add", "clips/mine.csv", "--name", name, *words])


def prepare(name) -> PictureStore:
    """Take the database through the rules that every database goes through."""
    archive, verified = f"data/archives/{name}.archive", f"data/verified/{name}.json"
    folder = f"data/prepared/{name}/native"
    wildcards = {"dataset": name, "size": "native"}
    both = {"archive": archive, "verified": verified}
    done = [
        run_rule("download", wildcards=wildcards, params={"folders": ""}, output=archive),
        run_rule("verify", wildcards=wildcards, input=archive, output=verified),
        run_rule("prepare", wildcards=wildcards, input=both, params={"folder": folder}),
    ]
    assert done == [0, 0, 0]
    return PictureStore.open(Path(folder))


@pytest.mark.parametrize("every", [1, 3])
def test_frames_come_out_as_they_went_in(every, home, name):
    assert add(name, "--score-range", "1", "5", "--every", str(every)) == 0
    store = prepare(name)
    expected = [
        (f"{video}/{number:06}.png", SCORES[video], video)
        for video, n_frames in sorted(VIDEOS.items())
        for number in range(0, n_frames, every)
    ]
    assert store.labels[["name", "score", "reference"]].to_numpy().tolist() == [
        list(row) for row in sorted(expected)
    ]
    for index, frame in enumerate(store.labels["name"]):
        video, _, number = frame.removesuffix(".png").rpartition("/")
        assert (store.picture(index) == pixels_of(video, int(number))).all()
    assert (dataset(name).n_videos, dataset(name).n_images) == (len(VIDEOS), len(expected))


@pytest.fixture
def run(tmp_path):
    """A network of a few weights, trained for two epochs on made-up pictures."""
    pictures = small.write_pictures(tmp_path / "own", [(40, 44)] * 12)
    store = PictureStore.open(pictures)
    split = small.write_split(tmp_path / "split0.csv", store, small.thirds(store, 6, 2))
    spec = {
        "run": {"dataset": "made_up", "model": "m", "loss": "mse", "recipe": "r", "split": 0},
        "dataset": {"name": "made_up", "size": "native"},
        "model": {"name": "cnniqa", "weights": "none", "prior": None}
        | {"options": {"kernels": 3, "hidden": [8, 8]}},
        "loss": {"name": "mse", "options": {}},
        "recipe": plain(small.recipe(epochs=2, crop=32, choose="last")),
    }
    words = ["--spec", json.dumps(spec), "--pictures", pictures, "--split", split]
    assert main(list(map(str, ["train", *words, "--output", tmp_path / "run"]))) == 0
    return {"folder": tmp_path / "run", "pictures": pictures, "split": split, "spec": spec}


def test_a_video_is_judged_by_the_mean_of_its_frames(home, name, run):
    assert add(name, "--score-range", "1", "5") == 0
    videos = prepare(name)
    done = run_rule(
        "predict",
        input={"split": str(run["split"])},
        params={
            "stem": "",
            "folder": str(run["folder"]),
            "pictures": str(run["pictures"]),
            "also": str(videos.folder),
        },
        output=str(run["folder"] / "predictions.csv.gz"),
    )
    assert done == 0
    predictions = pd.read_csv(run["folder"] / "predictions.csv.gz")
    cross = predictions[predictions["part"] == "cross"].set_index("name")
    model = trained_model(run["spec"]["model"], run["folder"] / "weights.safetensors")
    recipe = training_recipe(run["spec"]["recipe"])
    scores = predict(model, videos, np.arange(len(videos)), recipe)
    assert sorted(cross.index) == sorted(VIDEOS)
    for video, row in cross.iterrows():
        own = videos.labels["reference"] == video
        assert row["predicted"] == pytest.approx(scores[own].mean(), rel=1e-6)
        assert row["mos"] == pytest.approx((SCORES[video] - 1) / 4)
    metrics, _ = gather([run["folder"]])
    (judged,) = metrics[metrics["tested_on"] == name].to_dict("records")
    both = cross["predicted"], cross["mos"]
    assert judged["n_pictures"] == len(VIDEOS)
    assert judged["plcc"] == pytest.approx(stats.pearsonr(*both)[0])
    assert judged["srcc"] == pytest.approx(stats.spearmanr(*both)[0])
    assert judged["krcc"] == pytest.approx(stats.kendalltau(*both)[0])


def test_videos_are_not_learned_from(home, name, run, capsys):
    assert add(name) == 0
    videos = prepare(name)
    capsys.readouterr()
    words = ["--spec", json.dumps(run["spec"]), "--split", run["split"]]
    words += ["--pictures", videos.folder, "--output", home / "never"]
    assert main(list(map(str, ["train", *words]))) == 1
    assert f"name {name} under also_test_on" in capsys.readouterr().err


def refusal(capsys, name, *words):
    assert add(name, *words) == 1
    assert not Path(f"data/archives/{name}.zip").exists()
    return capsys.readouterr().err


def test_what_is_no_video_is_refused(home, name, capsys):
    (home / "clips" / "c.mkv").write_bytes(b"no video" * 100)
    assert "clips/c.mkv: cannot be decoded as a video" in refusal(capsys, name)


def test_a_video_cut_within_a_frame_is_refused(home, name, capsys):
    """Matroska says how long it is, and not how many frames it has."""
    content = (home / "clips" / "c.mkv").read_bytes()
    (home / "clips" / "c.mkv").write_bytes(content[: len(content) // 2])
    said = "clips/c.mkv: truncated or damaged, only 3 frames can be decoded"
    assert said in refusal(capsys, name)


def test_a_video_cut_between_frames_is_refused(home, name, capsys):
    """An AVI says at its start how many frames there are."""
    path = write_video(home / "clips" / "c.avi", [pixels_of("c.mkv", k) for k in range(7)])
    start, *chunks = path.read_bytes().split(b"00dc")
    (home / "clips" / "c.mkv").write_bytes(b"00dc".join([start, *chunks[:5]]))
    said = "clips/c.mkv: truncated or damaged, only 4 of 7 frames can be decoded"
    assert said in refusal(capsys, name)


def test_a_missing_video_is_named(home, name, capsys):
    (home / "clips" / "c.mkv").unlink()
    assert "clips: 1 of 4 videos are not there, the first is 'c.mkv'" in refusal(capsys, name)


def test_more_than_8_bits_a_channel_are_refused(home, name, capsys):
    pictures = [pixels_of("c.mkv", 0)]
    write_video(home / "clips" / "c.mkv", pictures, pix_fmt="yuv420p10le")
    assert "clips/c.mkv: 10 bits a channel; expected an 8-bit video" in refusal(capsys, name)


def test_a_step_that_is_none_is_refused(home, name, capsys):
    assert "every is 0, expected 1 for all frames" in refusal(capsys, name, "--every", "0")


def test_without_pyav_videos_are_refused_with_what_to_do(home, name, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    assert "videos take PyAV to read: 'pip install av'" in refusal(capsys, name)
