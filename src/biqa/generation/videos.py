"""Videos with proxy scores, as the frames that a decoder shows: the view of a moving camera."""

import zipfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pandas as pd
from av.video.codeccontext import VideoCodecContext

from biqa.datasets._generated import LABELS, PICTURES, GeneratedVideos
from biqa.distortions.definition import Picture
from biqa.distortions.seeding import generator
from biqa.files import whole_file
from biqa.generation.archive import add, png
from biqa.generation.proxy_score import rated, similarity
from biqa.scenes import references

CODEC = "mpeg4"  # FFmpeg's own encoder of MPEG-4 Part 2, which every build has
STEP = 4  # pixels down and to the right that the camera moves from frame to frame
FRAMES_A_SECOND = 25


def write_videos(path: Path, generated: GeneratedVideos, *, seed: int) -> pd.DataFrame:
    """Compute all videos and their scores, write their frames to ``path``, return the labels.

    Frame 3 of video ``a`` is ``a/000003.png``; all frames of a video have its score, the mean of
    their similarities to the uncoded frames as made-up raters see it. Same plan and seed, same
    bytes, as long as the same releases of FFmpeg and of what makes the pictures compute them.
    """
    side = generated.size + STEP * (generated.n_frames - 1)
    rows = []
    with whole_file(path) as aside, zipfile.ZipFile(aside, "w") as archive:
        for reference, scene in references(side, generated.references, seed=seed).items():
            pristine = _views(scene, generated)
            for level, quantiser in enumerate(generated.quantisers, start=1):
                video = f"{reference}-{CODEC}-{level}"
                frames = list(coded(pristine, quantiser))
                similar = [similarity(*pair) for pair in zip(pristine, frames, strict=True)]
                score = rated(float(np.mean(similar)), generator(seed, video, "raters"))
                for number, frame in enumerate(frames):
                    name = f"{video}/{number:06}.png"
                    add(archive, f"{PICTURES}/{name}", png(frame))
                    rows.append((name, reference, CODEC, level, score, f"{CODEC} {quantiser}"))
        columns = ["name", "reference", "distortion", "level", "score", "steps"]
        labels = pd.DataFrame(rows, columns=columns)
        add(archive, LABELS, labels.to_csv(index=False, lineterminator="\n").encode())
    return labels


def _views(scene: Picture, generated: GeneratedVideos) -> list[Picture]:
    """Return what the camera sees, each frame (size, size, 3)."""
    corners = range(0, STEP * generated.n_frames, STEP)
    size = generated.size
    return [np.ascontiguousarray(scene[at : at + size, at : at + size]) for at in corners]


def coded(frames: list[Picture], quantiser: int) -> Iterator[Picture]:
    """Yield the frames after coding and decoding, in their order and of their shape.

    ``quantiser``, 1 to 31, is the scale for all of them; colours are at half the resolution.
    """
    height, width, _ = frames[0].shape
    encoder, decoder = (av.CodecContext.create(CODEC, mode) for mode in ("w", "r"))
    assert isinstance(encoder, VideoCodecContext)
    assert isinstance(decoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, FRAMES_A_SECOND)
    encoder.options = {"qmin": str(quantiser), "qmax": str(quantiser)}
    encoder.thread_count = 1  # the bytes must not depend on the machine
    packets = []
    for number, frame in enumerate(frames):
        shown = av.VideoFrame.from_ndarray(frame, format="rgb24")
        shown.pts = number
        packets += encoder.encode(shown)
    packets += encoder.encode(None)
    decoder.extradata = encoder.extradata
    for packet in [*packets, None]:
        for decoded in decoder.decode(packet):
            yield np.asarray(decoded.to_ndarray(format="rgb24"), np.uint8)
