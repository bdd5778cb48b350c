"""The recipe, not the machine, says how many threads compute and in which format."""

import pytest
import torch

from biqa.errors import InputError
from biqa.recipes import Hardware
from biqa.training.device import description, prepared_device


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_come_from_the_recipe(threads):
    torch.set_num_threads(3 - threads)
    device = prepared_device(Hardware(threads=threads))
    assert torch.get_num_threads() == threads
    assert description(device) == f"cpu, {threads} thread(s)"


def test_algorithms_are_deterministic_from_then_on():
    torch.use_deterministic_algorithms(False)
    prepared_device(Hardware())
    assert torch.are_deterministic_algorithms_enabled()


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match=r"asks for device 'cuda'.*set hardware\.device to 'cpu'"):
        prepared_device(Hardware(device="cuda"))
