"""A computed dataset of synthetic distortions, so that all can be tried without a download.

Its scores are a proxy: a full-reference metric, blurred as raters would. No person has seen
the pictures, and no result on them says anything about people.
"""

from biqa.datasets._generated import PICTURES, Generated, read_labels
from biqa.datasets.definition import Dataset

GENERATED = Generated(
    seed=2026,
    size=128,
    references=(
        *("astronaut_1", "astronaut_2", "astronaut_3", "astronaut_4"),
        *("chelsea_1", "chelsea_2"),
        *("china_1", "china_2", "china_3", "china_4"),
        *("leaves_1", "leaves_2", "leaves_3", "leaves_4", "leaves_5", "leaves_6"),
    ),
    distortions=(
        *("white_noise", "colour_noise", "impulse_noise", "pink_noise", "denoised"),
        *("gaussian_blur", "lens_blur", "motion_blur"),
        *("jpeg", "jpeg2000", "colour_quantised"),
        *("contrast_lowered", "darkened", "pixelated"),
    ),
)

DATASET = Dataset(
    name="demo",
    title="Demo, single distortions",
    n_images=GENERATED.n_images,
    n_references=len(GENERATED.references),
    distortions=GENERATED.distortions,
    score_name="proxy score",
    score_range=(0.0, 100.0),
    higher_is_better=True,
    is_proxy=True,
    citation="none: computed by this repository (biqa.generation)",
    licence="pictures as the photographs they are cut from (biqa.scenes.photographs)",
    homepage="",
    archive="demo.archive",
    request="python -m biqa generate --dataset demo --output data/archives/demo.archive",
    picture_folder=PICTURES,
    read_labels=read_labels,
)
