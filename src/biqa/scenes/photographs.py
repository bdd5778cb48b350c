"""Crops of photographs that scikit-image and scikit-learn carry inside their packages.

Opened as files of the installed package, so nothing is ever downloaded. Licences, as the
two projects state them:

* astronaut: NASA, public domain. Eileen Collins, Great Images in NASA.
* chelsea: Stefan van der Walt, CC0.
* coffee: Rachel Michetti, CC0.
* rocket: SpaceX, released into the public domain.
* china: Daniel Büchele (danielbuechele on Flickr), CC BY 2.0; cropped and scaled here.
* flower: vultilion on Flickr, CC BY 2.0; cropped and scaled here.

Whoever passes on pictures made from the last two must name the photographers.
"""

import hashlib
import importlib.util
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from biqa.errors import InputError


@dataclass(frozen=True)
class Photograph:
    """A file of an installed package, and the squares we cut out of it.

    ``boxes`` are (top, left, side) in pixels of the photograph. They overlap little or not at
    all, leave out what is flat or out of focus, and are mostly larger than 128 pixels: scaling
    down makes the crop sharp and removes the traces of JPEG compression.
    """

    package: str
    path: str
    sha256: str
    boxes: tuple[tuple[int, int, int], ...]


PHOTOGRAPHS = {
    "astronaut": Photograph(
        package="skimage",
        path="data/astronaut.png",
        sha256="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        boxes=((0, 120, 210), (90, 330, 182), (300, 60, 212), (300, 272, 212)),
    ),
    "chelsea": Photograph(
        package="skimage",
        path="data/chelsea.png",
        sha256="596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        boxes=((40, 100, 160), (90, 260, 160)),
    ),
    "china": Photograph(
        package="sklearn",
        path="datasets/images/china.jpg",
        sha256="8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        boxes=((30, 90, 200), (230, 60, 197), (230, 260, 197), (244, 457, 183)),
    ),
    "coffee": Photograph(
        package="skimage",
        path="data/coffee.png",
        sha256="cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        boxes=(
            *((0, 0, 200), (0, 200, 200), (0, 400, 200)),
            *((200, 0, 200), (200, 200, 200), (200, 400, 200)),
        ),
    ),
    "flower": Photograph(
        package="sklearn",
        path="datasets/images/flower.jpg",
        sha256="a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        boxes=((80, 165, 142), (80, 307, 142), (222, 165, 142), (222, 307, 142)),
    ),
    "rocket": Photograph(
        package="skimage",
        path="data/rocket.jpg",
        sha256="c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        boxes=((227, 80, 200), (227, 290, 200)),
    ),
}


def crop(photograph: str, number: int, size: int) -> np.ndarray:
    """Return crop ``number`` (from 1) of a photograph, scaled to (size, size, 3) uint8 sRGB."""
    top, left, side = PHOTOGRAPHS[photograph].boxes[number - 1]
    with _open(photograph) as picture:
        box = (left, top, left + side, top + side)
        scaled = picture.convert("RGB").resize((size, size), Image.Resampling.LANCZOS, box=box)
    return np.array(scaled)


def _open(photograph: str) -> Image.Image:
    facts = PHOTOGRAPHS[photograph]
    package = importlib.util.find_spec(facts.package)  # found, not imported: that takes seconds
    if package is None or package.origin is None:
        raise InputError(f"{photograph}: the package {facts.package} holds it; install it")
    file = Path(package.origin).parent / facts.path
    if not file.is_file():
        raise InputError(
            f"{file}: missing, although {facts.package} ships it; install {facts.package} again"
        )
    content = file.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != facts.sha256:
        raise InputError(
            f"{file}: sha256 {found}, expected {facts.sha256}; "
            f"another release of {facts.package} is installed than the environment names"
        )
    return Image.open(io.BytesIO(content))
