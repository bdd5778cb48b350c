"""Prepared folders of made-up pictures and networks of a few weights, for tests of training."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from biqa.models.quality import QualityModel
from biqa.pictures.store import PictureStore
from biqa.protocols import Protocol
from biqa.recipes import Recipe, Views

DISTORTIONS = ("noise", "blur", "jpeg")
PARTS = ("train", "validation", "test")


def write_pictures(
    folder: Path,
    sizes: Sequence[tuple[int, int]],
    *,
    seed: int = 0,
    mos: Sequence[float] | None = None,
    n_references: int = 0,
    dataset: str = "made_up",
) -> Path:
    """Write a prepared folder byte by byte; picture i is (height, width) = ``sizes[i]``."""
    rng = np.random.default_rng(seed)
    pictures = [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]
    n = len(pictures)
    number = np.arange(n)
    table = pd.DataFrame(
        {
            "name": [f"{dataset}{i:03d}.png" for i in number],
            "score": 0.0,
            "mos": rng.random(n) if mos is None else mos,
            "reference": [f"scene{i % n_references}" if n_references else "" for i in number],
            "distortion": [
                DISTORTIONS[i // n_references % len(DISTORTIONS)] if n_references else ""
                for i in number
            ],
            "level": [
                1 + i // (n_references * len(DISTORTIONS)) if n_references else 0 for i in number
            ],
            "group": "",
            "official_part": "",
            "height": [height for height, _ in sizes],
            "width": [width for _, width in sizes],
            "offset": np.cumsum([0, *(picture.size for picture in pictures[:-1])]),
        }
    )
    folder.mkdir(parents=True)
    (folder / "pixels.bin").write_bytes(b"".join(picture.tobytes() for picture in pictures))
    table.to_csv(folder / "pictures.csv", index=False)
    facts = {"dataset": dataset, "n_images": n, "pixels_sha256": f"sha of {dataset}"}
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


def open_pictures(folder: Path, sizes: Sequence[tuple[int, int]], **options) -> PictureStore:
    return PictureStore.open(write_pictures(folder, sizes, **options))


def thirds(store: PictureStore, n_train: int, n_validation: int) -> dict[str, np.ndarray]:
    """Return the parts: the first pictures, the next, and the rest."""
    cuts = np.split(np.arange(len(store)), [n_train, n_train + n_validation])
    return dict(zip(PARTS, cuts, strict=True))


def write_split(file: Path, store: PictureStore, parts: dict[str, np.ndarray]) -> Path:
    names = store.labels["name"]
    rows = [(names[i], part) for part, indices in parts.items() for i in indices]
    pd.DataFrame(sorted(rows), columns=["name", "part"]).to_csv(file, index=False)
    return file


def recipe(*, choose: str = "best_validation", crop: int = 8, **changes) -> Recipe:
    usual = {"epochs": 4, "batch_size": 4, "lr": 0.01, "views": Views(crop=crop)}
    protocol = Protocol("thirds", 0.6, 0.2, 0.2, choose=choose)
    return Recipe(protocol, **{**usual, **changes})


class LinearModel(QualityModel):
    """Mean colour times three weights plus a bias: its gradient fits in a line."""

    mean = (0.5, 0.4, 0.3)
    std = (0.25, 0.5, 0.2)

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 1)

    def forward(self, images):
        return self.fc(images.mean(dim=(2, 3))).squeeze(-1)

    def last_layer(self):
        return self.fc


class SmallNetwork(QualityModel):
    """All that makes a training hard to resume: batch norm, dropout, two groups of weights."""

    backbone = ("encoder",)

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(4, 1)

    def forward(self, images):
        return self.fc(self.dropout(self.encoder(images).mean(dim=(2, 3)))).squeeze(-1)

    def last_layer(self):
        return self.fc


class OneNumber(QualityModel):
    """Gives every picture the same score, its only weight."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(start))

    def forward(self, images):
        return self.weight.expand(len(images))


def seeded(kind: type[QualityModel], seed: int = 3) -> QualityModel:
    torch.manual_seed(seed)
    return kind()


def weights_of(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def assert_same_bits(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert torch.equal(one[name], other[name]), f"{name} differs"
