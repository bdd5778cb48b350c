"""Miniatures of the official archives that are large enough to be divided and learned from."""

import importlib
from dataclasses import replace
from itertools import cycle, product

import miniature_livec
import numpy as np
from miniature_files import picture
from miniature_livec import png

from biqa.datasets import dataset
from biqa.datasets.definition import Dataset

REFERENCES = range(1, 6)
LEVELS = range(1, 4)
N_ALONE = 20  # pictures of a database without references
BY_REFERENCE = {
    "csiq": [
        (f"{scene}.{word}.{level}.png", word)
        for scene, word, level in product(
            ("1600", "boston", "cactus", "elk", "foxy"), ("AWGN", "BLUR"), LEVELS
        )
    ],
    "tid2013": [
        (f"I{scene:02}_{kind}_{level}.bmp", kind)
        for scene, kind, level in product(REFERENCES, ("01", "24"), LEVELS)
    ],
    "kadid10k": [
        (f"I{scene:02}_{kind}_{level:02}.png", kind)
        for scene, kind, level in product(REFERENCES, ("01", "25"), LEVELS)
    ],
    "vcl": [
        (f"IMG_{scene:02}_{word}_{level}.bmp", word)
        for scene, word, level in product(REFERENCES, ("AWGN", "J2K"), LEVELS)
    ],
}
SETS = ("I", "II", "III", "IV", "V", "VI")
NAMES: dict[str, list[str]] = {
    **{name: [picture_name for picture_name, _ in rows] for name, rows in BY_REFERENCE.items()},
    "koniq10k": [f"{number:08}.jpg" for number in range(N_ALONE)],
    "cid2013": [f"IS_{number}_C0{scene}_D01" for number, scene in product(SETS, range(1, 5))],
    "biq2021": [f"ss0{1 + k % 3} ({100 + k}).jpg" for k in range(N_ALONE)],
    "spaq": [f"{number:05}.jpg" for number in range(N_ALONE)],
    "livec": [f"{number}.bmp" for number in range(N_ALONE)],
}
PARTS = {  # as the owners call them, in turn
    "koniq10k": ("training", "training", "training", "validation", "test"),
    "biq2021": ("train", "train", "train", "test"),
}
SIDE = 32  # pixels


def noisy_picture(seed: int) -> bytes:
    """Return one of 32 x 32 pixels, unlike all others."""
    pixels = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    return png(pixels)


def whole_miniature(name: str) -> tuple[Dataset, dict[str, bytes]]:
    """Return the definition of a miniature and the files of its archive, pictures all unlike."""
    facts, files = _files(name)
    same = picture()
    seeds = iter(range(len(files)))
    return facts, {
        path: noisy_picture(next(seeds)) if content == same else content
        for path, content in files.items()
    }


def _files(name: str) -> tuple[Dataset, dict[str, bytes]]:
    if name == "livec":
        return _livec()
    mini = importlib.import_module(f"miniature_{name}")
    if name == "live":  # all its 982 entries
        return mini.MINI, mini.files()
    low, high = dataset(name).score_range
    n = len(NAMES[name])
    scores = [round(low + (high - low) * (k + 0.5) / n, 3) for k in range(n)]
    columns = [NAMES[name], scores]
    if name in PARTS:
        columns.append([part for part, _ in zip(cycle(PARTS[name]), range(n), strict=False)])
    rows = list(zip(*columns, strict=True))
    n_references = len(REFERENCES) if name in BY_REFERENCE else 0
    facts = replace(dataset(name), n_images=n, n_references=n_references, sha256="")
    return facts, mini.files(rows)


def _livec() -> tuple[Dataset, dict[str, bytes]]:
    names = NAMES["livec"]
    scores = {name: 5.0 + 4 * k for k, name in enumerate(names)}
    files = miniature_livec.members(scores, dict.fromkeys(names, picture()))
    own = {f"{miniature_livec.IMAGES}/{name}" for name in miniature_livec.SHAPES} - {
        f"{miniature_livec.IMAGES}/{name}" for name in names
    }
    kept = {path: content for path, content in files.items() if path not in own}
    return replace(dataset("livec"), n_images=len(names)), kept
