"""A study of a few lines and its recipes, written to a folder, for tests of the workflow."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

RECIPE = {
    "protocol": {
        **{"name": "sixty", "train": 0.6, "validation": 0.2, "test": 0.2},
        "choose": "best_validation",
    },
    "views": {"crop": 32},
    "epochs": 2,
    "batch_size": 16,
    "lr": 0.001,
}
PRIOR_RECIPE = {"kind": "pooled", "views": {"crop": 32}, "steps": 2, "lr": 0.001, "batch_size": 4}
STUDY: dict[str, Any] = {
    "title": "Small",
    "seed": 5,
    "splits": 2,
    "datasets": {"demo": {"size": "64x64"}, "demo_mixed": {"size": "64x64"}},
    "models": {
        "tiny": {"name": "cnniqa", "options": {"kernels": 4, "hidden": [4, 4]}},
        "resnet18": {},
        "with_prior": {"name": "resnet18", "prior": "pooled"},
    },
    "losses": {"mse": {}, "norm_in_norm": {"options": {"p": 1}}},
    "priors": {"pooled": {"model": "resnet18", "dataset": "demo", "recipe": "prior"}},
    "runs": [
        {"datasets": ["demo"], "models": ["tiny"], "losses": "all", "recipes": ["short"]},
        {
            **{"datasets": "all", "models": ["with_prior"], "losses": ["mse"]},
            **{"recipes": ["short"], "splits": 1},
        },
    ],
}


def changed(**changes: Any) -> dict[str, Any]:
    """Return the study with other values at places written ``losses__mse__options``."""
    study = deepcopy(STUDY)
    for place, value in changes.items():
        *path, last = place.split("__")
        inner: Any = study
        for key in path:
            inner = inner[int(key)] if isinstance(inner, list) else inner[key]
        inner[int(last) if isinstance(inner, list) else last] = value
    return study


def write_study(
    folder: Path, study: dict[str, Any] | None = None, *, name: str = "small", **recipes: Any
) -> Path:
    """Write ``config`` below ``folder``; ``recipes`` are mappings or YAML text by name."""
    file = folder / "config" / "studies" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(study or STUDY, sort_keys=False), encoding="utf-8")
    for label, content in {"short": RECIPE, "prior": PRIOR_RECIPE, **recipes}.items():
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        recipe = folder / "config" / "recipes" / f"{label}.yaml"
        recipe.parent.mkdir(parents=True, exist_ok=True)
        recipe.write_text(text, encoding="utf-8")
    return file
