"""The Kodak photographs, and NIQE on them."""

import zipfile

import numpy as np
import pytest

from biqa.baselines.pristine import kodak
from biqa.distortions import distort
from biqa.errors import InputError
from biqa.handcrafted import create_method


def test_an_archive_without_24_photographs_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "kodak.zip", "w") as packed:
        packed.writestr("kodim01.png", b"")
    with pytest.raises(InputError, match="1 PNG files in it, expected 24"):
        next(kodak(tmp_path / "kodak.zip"))


@pytest.mark.data
def test_niqe_falls_with_noise_and_blur_on_kodak(archives_folder):
    pictures = list(kodak(archives_folder / "kodak.zip"))
    method = create_method("niqe")
    basis = method.learn(pictures[:20], np.random.default_rng(0))
    for kind in ("white_noise", "gaussian_blur"):
        means = []
        for level in (0, 2, 4):
            rng = np.random.default_rng(level)
            seen = [distort(one, kind, level, rng) if level else one for one in pictures[20:]]
            means.append(np.mean([method.features(one, basis)[0] for one in seen]))
        assert means == sorted(means, reverse=True)
