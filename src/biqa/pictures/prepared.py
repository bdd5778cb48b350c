"""The files of prepared pictures, and what tells two sets of them apart."""

import json
from pathlib import Path

from biqa.files import sha256_of

PIXELS, PICTURES, FACTS = "pixels.bin", "pictures.csv", "facts.json"


def identity_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of the pixels and of the labels that ``prepare`` wrote in ``folder``."""
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    return {"pixels": facts["pixels_sha256"], "labels": sha256_of(folder / PICTURES)}
