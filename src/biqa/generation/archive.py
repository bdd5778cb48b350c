"""The archive of a computed dataset: pictures and labels in one zip."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from PIL import Image

from biqa.datasets._generated import LABELS, PICTURES, Generated
from biqa.distortions.definition import Picture
from biqa.distortions.seeding import generator
from biqa.files import whole_file
from biqa.generation.plan import make, planned
from biqa.generation.proxy_score import proxy_score

DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell


def write_archive(
    path: Path, generated: Generated, references: Mapping[str, Picture], *, seed: int
) -> pd.DataFrame:
    """Compute all pictures and their scores, write them to ``path``, and return the labels.

    ``references`` are the undistorted pictures by name, uint8 (height, width, 3) sRGB.
    Same plan and seed, same bytes, as long as the same releases of numpy, scipy, Pillow and
    scikit-image compute them. Pictures are PNG files, stored as they are.
    """
    rows = []
    with whole_file(path) as aside, zipfile.ZipFile(aside, "w") as archive:
        for plan in planned(generated, seed=seed):
            reference = references[plan.reference]
            picture = make(plan, reference, seed=seed)
            score = proxy_score(reference, picture, generator(seed, plan.name, "raters"))
            add(archive, f"{PICTURES}/{plan.name}", png(picture))
            steps = " + ".join(f"{name} {level}" for name, level in plan.steps)
            rows.append((plan.name, plan.reference, plan.distortion, plan.level, score, steps))
        columns = ["name", "reference", "distortion", "level", "score", "steps"]
        labels = pd.DataFrame(rows, columns=columns)
        add(archive, LABELS, labels.to_csv(index=False, lineterminator="\n").encode())
    return labels


def add(archive: zipfile.ZipFile, member: str, content: bytes) -> None:
    """Store a file whose entry says nothing of when and where it was written."""
    entry = zipfile.ZipInfo(member, DATE)
    entry.create_system = 3  # Unix, everywhere
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def png(picture: Picture) -> bytes:
    """Return the picture as the content of a PNG file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG")
    return file.getvalue()
