"""A computed dataset of mixed distortions: takes the place of authentic pictures in trials.

Blur, light, noise, processing and file format act one after the other, as in a camera, but
this is a model and not a camera. The scores are proxies, as in ``biqa.datasets.demo``, and
the two share no photograph and no scene.
"""

from biqa.datasets._generated import PICTURES, Generated, read_labels
from biqa.datasets.definition import Dataset

GENERATED = Generated(
    seed=2026,
    size=128,
    references=(
        *("coffee_1", "coffee_2", "coffee_3", "coffee_4", "coffee_5", "coffee_6"),
        *("flower_1", "flower_2", "flower_3", "flower_4"),
        *("rocket_1", "rocket_2"),
        *("leaves_7", "leaves_8", "leaves_9", "leaves_10", "leaves_11", "leaves_12"),
    ),
    distortions=(
        *("lens_blur", "motion_blur", "colour_shift"),
        *("brightened", "darkened", "contrast_lowered"),
        *("white_noise", "colour_noise", "multiplicative_noise", "denoised"),
        *("desaturated", "oversaturated", "sharpened"),
        "jpeg",
    ),
    n_mixed=16,
)

DATASET = Dataset(
    name="demo_mixed",
    title="Demo, mixed distortions",
    n_images=GENERATED.n_images,
    n_references=len(GENERATED.references),
    score_name="proxy score",
    score_range=(0.0, 100.0),
    higher_is_better=True,
    is_proxy=True,
    citation="none: computed by this repository (biqa.generation)",
    licence="pictures as the photographs they are cut from (biqa.scenes.photographs)",
    homepage="",
    archive="demo_mixed.archive",
    request=(
        "python -m biqa generate --dataset demo_mixed --output data/archives/demo_mixed.archive"
    ),
    picture_folder=PICTURES,
    read_labels=read_labels,
)
