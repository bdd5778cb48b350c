"""A computed dataset of coded videos, to test on, in the place of benchmarks of videos.

A camera moves over still scenes and an MPEG-4 encoder codes what it sees; nothing in the scene
moves. The scores are proxies, as in ``biqa.datasets.demo``; no photograph and no scene is shared.
"""

from biqa.datasets._generated import GeneratedVideos, read_labels
from biqa.datasets.definition import Dataset

GENERATED = GeneratedVideos(
    seed=2026,
    size=128,
    references=(
        *("coffee_1", "coffee_3", "coffee_5", "flower_1", "flower_4", "rocket_1", "rocket_2"),
        *("leaves_7", "leaves_8", "leaves_9", "leaves_10", "leaves_11"),
    ),
    quantisers=(2, 8, 16, 31),
    n_frames=6,
)

DATASET = Dataset(
    name="demo_video",
    title="Demo, coded videos",
    n_images=GENERATED.n_images,
    n_videos=GENERATED.n_videos,
    n_references=len(GENERATED.references),
    distortions=("mpeg4",),
    score_name="proxy score",
    score_range=(0.0, 100.0),
    higher_is_better=True,
    is_proxy=True,
    citation="none: computed by this repository (biqa.generation)",
    licence="pictures as the photographs they are cut from (biqa.scenes.photographs)",
    homepage="",
    archive="demo_video.archive",
    request=(
        "python -m biqa generate --dataset demo_video --output data/archives/demo_video.archive"
    ),
    read_labels=read_labels,
)
