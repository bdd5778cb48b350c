"""The Kodak photographs with synthetic distortions, for priors to learn from.

Made here from the 24 photographs (kodak.zip), at half their size, so that the distortions are
seen in the scale in which networks meet other pictures. The scores are a proxy: a
full-reference metric, blurred as raters would. No person has seen the pictures, and no result
on them says anything about people.
"""

from biqa.datasets._generated import PICTURES, Generated, read_labels
from biqa.datasets.definition import Dataset

GENERATED = Generated(
    seed=2026,
    size=256,
    references=tuple(f"kodim{number:02d}" for number in range(1, 25)),
    distortions=(
        *("white_noise", "colour_noise", "denoised"),
        *("gaussian_blur", "lens_blur", "motion_blur"),
        *("jpeg", "jpeg2000"),
        *("contrast_lowered", "brightened", "darkened", "oversaturated"),
    ),
    pristine="kodak",
)

DATASET = Dataset(
    name="kodak_distorted",
    title="Kodak, single distortions",
    n_images=GENERATED.n_images,
    n_references=len(GENERATED.references),
    distortions=GENERATED.distortions,
    score_name="proxy score",
    score_range=(0.0, 100.0),
    higher_is_better=True,
    is_proxy=True,
    citation="photographs: Kodak; distortions and scores: computed by this repository",
    licence="the photographs may be used without restriction",
    homepage="https://r0k.us/graphics/kodak",
    archive="kodak_distorted.archive",
    request=(
        "python -m biqa generate --dataset kodak_distorted --pristine kodak.zip "
        "--output data/archives/kodak_distorted.archive"
    ),
    picture_folder=PICTURES,
    photographs="Kodak",
    read_labels=read_labels,
)
