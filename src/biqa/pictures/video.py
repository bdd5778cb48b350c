"""The frames of a video, as pictures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from biqa.errors import InputError

SECONDS_LACKING = 0.5  # by which a video may end before its container: the sound may be longer


def frames(path: Path, *, every: int = 1) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the number, from 0, and pixels of every ``every``-th frame, in the order shown.

    Pixels are uint8 RGB of shape (height, width, 3), converted from YUV by FFmpeg. Refused,
    because any conversion would be a guess at what the raters saw: more than 8 bits a channel,
    and videos to be turned when they are shown.
    """
    av = _library(path)
    n_frames, seconds = 0, 0.0
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise InputError(f"{path}: has no video stream")
            stream = container.streams.video[0]
            for frame in container.decode(stream):
                if n_frames == 0:
                    _check(frame, path)
                if n_frames % every == 0:
                    yield n_frames, frame.to_ndarray(format="rgb24")
                n_frames += 1
                seconds = frame.time or seconds
            promised = stream.frames  # 0 where the container does not say
            shown = 1 / float(stream.average_rate or 1)  # seconds a frame
            lacking = (container.duration or 0) / av.time_base - seconds - shown
    except av.FFmpegError as error:
        raise InputError(f"{path}: cannot be decoded as a video ({error.strerror})") from error
    if n_frames < max(promised, 1) or (not promised and lacking > SECONDS_LACKING):
        count = f"{n_frames} of {promised}" if promised else f"{n_frames}"
        raise InputError(
            f"{path}: truncated or damaged, only {count} frames can be decoded; fetch it again"
        )


def _check(frame: Any, path: Path) -> None:
    bits = max(component.bits for component in frame.format.components)
    if bits > 8:
        raise InputError(f"{path}: {bits} bits a channel; expected an 8-bit video")
    if frame.rotation:
        raise InputError(
            f"{path}: is to be turned by {frame.rotation}° when shown; store it as it is shown"
        )


def _library(path: Path) -> Any:
    try:
        import av
    except ImportError as error:
        raise InputError(f"{path}: videos take PyAV to read: 'pip install av'") from error
    return av
