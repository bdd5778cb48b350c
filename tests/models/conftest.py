"""Numbers of the released codes' building blocks, for the tests of several models."""

import json

import pytest
import torch


@pytest.fixture
def block(references_folder):
    """Return a function that gives the inputs and outputs of a block, lists as float64 tensors."""

    def read(identifier: str) -> tuple[dict, dict]:
        blocks = json.loads((references_folder / "models.json").read_text())["blocks"]
        found = next(block for block in blocks if block["id"] == identifier)
        return _tensors(found["inputs"]), _tensors(found["outputs"])

    return read


def _tensors(values: dict) -> dict:
    return {name: _tensor(value) for name, value in values.items()}


def _tensor(value):
    try:
        return torch.tensor(value, dtype=torch.float64)
    except (ValueError, TypeError):  # ragged, or not numbers
        return value
