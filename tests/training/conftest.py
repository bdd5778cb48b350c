"""Trainings change settings of torch for the whole process; each test gives them back."""

import pytest
import torch

DETERMINISTIC = torch.are_deterministic_algorithms_enabled()
FILLED = torch.utils.deterministic.fill_uninitialized_memory


@pytest.fixture(autouse=True)
def _torch_as_before():
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(DETERMINISTIC)
    torch.utils.deterministic.fill_uninitialized_memory = FILLED
