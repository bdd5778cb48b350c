"""What datasets have in common that the repository computes: their plan, and their labels."""

import io
from dataclasses import dataclass

import pandas as pd

from biqa.datasets.archive import Archive

LABELS = "labels.csv"  # columns name, reference, distortion, level, score, steps
PICTURES = "pictures"  # folder inside the archive
LEVELS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, kw_only=True)
class Generated:
    """The pictures that ``python -m biqa generate`` makes.

    ``references`` are names known to ``biqa.scenes``, or of photographs in the archive
    ``pristine``; ``distortions`` are names known to ``biqa.distortions``. Without ``n_mixed``,
    every reference gets each distortion at each level; with it, every reference gets that many
    pictures of 2 or 3 random distortions, which follow each other in the order of
    ``distortions``.
    """

    seed: int
    size: int  # height and width, pixels; of photographs the shorter side, before distortion
    references: tuple[str, ...]
    distortions: tuple[str, ...]
    n_mixed: int = 0  # pictures a reference
    pristine: str = ""  # "kodak": its photographs are the references; "": scenes of biqa

    @property
    def n_images(self) -> int:
        """How many pictures there are, all distorted; references themselves are not among them."""
        return len(self.references) * (self.n_mixed or len(self.distortions) * len(LEVELS))


@dataclass(frozen=True, kw_only=True)
class GeneratedVideos:
    """The videos that ``python -m biqa generate`` makes: MPEG-4 codings of a moving camera's view.

    Every reference, a still scene, gets one video for each of ``quantisers``, the quantiser scale
    of all its frames, from 1 (finest) to 31.
    """

    seed: int
    size: int  # height and width, pixels
    references: tuple[str, ...]
    quantisers: tuple[int, ...]
    n_frames: int  # a video
    pristine: str = ""  # as of Generated; scenes of biqa are all that videos show

    @property
    def n_videos(self) -> int:
        """How many videos there are, all coded; uncoded ones are not among them."""
        return len(self.references) * len(self.quantisers)

    @property
    def n_images(self) -> int:
        """How many frames they have together."""
        return self.n_videos * self.n_frames


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the labels of a generated archive; its scores are proxies that nobody gave."""
    table = pd.read_csv(io.BytesIO(archive.read(LABELS)))
    return table.assign(member=PICTURES + "/" + table["name"]).drop(columns="steps")
