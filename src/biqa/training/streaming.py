"""Batches on their way to a device: the next is cut and copied while the last one is used."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import cycle

import torch

from biqa.shapes import Pixels
from biqa.training.resident import ResidentPictures
from biqa.training.views import Indices

Batch = tuple[Indices, Pixels]  # which pictures, and their views


def delivered(
    batches: Iterable[Batch], device: torch.device, resident: ResidentPictures | None
) -> Iterable[Batch]:
    """Return batches that lie where ``device`` reads them: streamed to a GPU if not there yet.

    A CPU reads the mapped file where it lies; a thread of ours would take time from its own.
    """
    on_the_way = resident is None and device.type != "cpu"
    return streamed(batches, device) if on_the_way else batches


def streamed(batches: Iterable[Batch], device: torch.device) -> Iterator[Batch]:
    """Yield each batch on ``device``; the bytes are those of ``batches``.

    One thread takes batch n + 1 from ``batches`` and copies it while batch n is used. Two page-
    locked buffers take turns, so that a GPU copies from one while the other is filled. What
    ``batches`` raises is raised here, at the same batch.
    """
    waiting = iter(batches)
    slots = cycle((_Slot(device), _Slot(device)))
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures") as worker:
        ahead = worker.submit(_send_next, waiting, next(slots))
        while (sent := ahead.result()) is not None:
            indices, pixels, slot = sent
            ahead = worker.submit(_send_next, waiting, next(slots))
            yield indices, slot.received(pixels)


def _send_next(waiting: Iterator[Batch], slot: "_Slot") -> tuple[Indices, Pixels, "_Slot"] | None:
    batch = next(waiting, None)
    return None if batch is None else (batch[0], slot.send(batch[1]), slot)


class _Slot:
    """A buffer in host memory, and the queue on which the device copies from it."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.host = torch.empty(0, dtype=torch.uint8)
        self.queue = torch.cuda.Stream(device) if device.type == "cuda" else None
        self.copied: torch.cuda.Event | None = None

    def send(self, pixels: Pixels) -> Pixels:
        """Start the copy of ``pixels``; wait first until the buffer's last one is done."""
        if self.copied is not None:
            self.copied.synchronize()
        n_values, kind = pixels.numel(), pixels.dtype
        if self.host.numel() < n_values or self.host.dtype != kind:
            locked = self.queue is not None
            self.host = torch.empty(n_values, dtype=kind, pin_memory=locked)
        page = self.host[:n_values].view(pixels.shape).copy_(pixels)
        with nullcontext() if self.queue is None else torch.cuda.stream(self.queue):
            there = torch.empty(pixels.shape, dtype=kind, device=self.device)
            there.copy_(page, non_blocking=True)
            if self.queue is not None:
                self.copied = self.queue.record_event()
        return there

    def received(self, pixels: Pixels) -> Pixels:
        """Return ``pixels`` once what the device does next comes after their copy."""
        if self.copied is not None:
            now = torch.cuda.current_stream(self.device)
            now.wait_event(self.copied)
            pixels.record_stream(now)
        return pixels
