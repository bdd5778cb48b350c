"""Distorted versions of pristine pictures of one's own, as DBCNN's S-CNN learns from."""

from collections.abc import Iterator, Mapping, Sequence

from biqa.distortions.definition import Picture
from biqa.distortions.seeding import generator
from biqa.generation.plan import Planned, make, single
from biqa.generation.proxy_score import proxy_score

OF_SCNN = (
    *("gaussian_blur", "white_noise", "jpeg", "jpeg2000", "contrast_lowered"),
    *("pink_noise", "colour_quantised", "brightened", "darkened"),
)
"""The types that S-CNN learns to tell apart (Zhang et al., TCSVT 2020, section III-A), each at
our five levels: 45 classes. The authors' 39 are not all of five levels, and theirs are harsher.
"""


def distorted(
    pictures: Mapping[str, Picture], distortions: Sequence[str], *, seed: int
) -> Iterator[tuple[Planned, Picture, float]]:
    """Yield every picture (by name) with every distortion at every level, and its proxy score.

    Each depends on ``seed``, its reference's name and content, and its distortion alone; the
    pictures are asked for one by one. The score, in [0, 100], is of an algorithm: no person
    gave it.
    """
    for reference in pictures:
        pristine = pictures[reference]
        for plan in single([reference], distortions):
            picture = make(plan, pristine, seed=seed)
            rng = generator(seed, plan.name, "raters")
            yield plan, picture, proxy_score(pristine, picture, rng)
