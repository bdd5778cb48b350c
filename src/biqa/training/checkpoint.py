"""The state of an unfinished training, so that a killed one goes on where it stopped."""

import io
from pathlib import Path
from typing import Any

import torch

from biqa.files import whole_file


def save_state(path: Path, key: str, state: dict[str, Any]) -> None:
    """Write the state of a training whose spec and code have the digest ``key``."""
    buffer = io.BytesIO()
    torch.save({"key": key, **state}, buffer)
    with whole_file(path) as aside:
        aside.write_bytes(buffer.getvalue())


def load_state(path: Path, key: str) -> dict[str, Any] | None:
    """Return the state of the same training, or None where there is none to go on from."""
    if not path.is_file():
        return None
    state = torch.load(path, map_location="cpu", weights_only=False)
    return state if state["key"] == key else None
