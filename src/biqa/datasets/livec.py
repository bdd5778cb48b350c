"""LIVE In the Wild Image Quality Challenge (LIVEC, also called CLIVE)."""

import io
from typing import Any

import numpy as np
import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.errors import InputError

FOLDER = "ChallengeDB_release"
TRAINING_OF_RATERS = tuple(f"t{number}.bmp" for number in range(1, 8))


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the rows of the official lists, without the pictures that trained the raters."""
    names = [str(cell.item()) for cell in _variable(archive, "AllImages_release")]
    scores = _variable(archive, "AllMOS_release").astype(float)
    if len(names) != len(scores):
        raise InputError(
            f"{archive.path}: {len(names)} names in Data/AllImages_release.mat, "
            f"but {len(scores)} scores in Data/AllMOS_release.mat"
        )
    table = pd.DataFrame({"name": names, "score": scores})
    table["member"] = f"{FOLDER}/Images/" + table["name"]
    return table[~table["name"].isin(TRAINING_OF_RATERS)]


def _variable(archive: Archive, name: str) -> np.ndarray:
    """Return the variable ``name`` of the MATLAB file of that name, as a vector."""
    from scipy.io import loadmat

    member = f"{FOLDER}/Data/{name}.mat"
    content = archive.read(member)
    try:
        variables: dict[str, Any] = loadmat(io.BytesIO(content))
    except Exception as error:  # scipy raises many kinds for a file that is not MATLAB's
        raise InputError(f"{archive.path}: {member} is not a MATLAB file ({error})") from error
    if name not in variables:
        raise InputError(f"{archive.path}: {member} holds no variable {name}")
    return np.asarray(variables[name]).ravel()


DATASET = Dataset(
    name="livec",
    title="LIVE In the Wild",
    n_images=1162,
    n_references=0,
    score_name="MOS",
    score_range=(0.0, 100.0),
    higher_is_better=True,
    is_proxy=False,
    citation=(
        "D. Ghadiyaram and A. C. Bovik, Massive Online Crowdsourced Study of Subjective and "
        "Objective Picture Quality, IEEE Transactions on Image Processing, 2016"
    ),
    licence="UT Austin: any use, with the copyright notice of its README.txt kept and the paper "
    "cited",
    homepage="https://live.ece.utexas.edu/research/ChallengeDB/index.html",
    archive="ChallengeDB_release.zip",
    request="fill in the request form of the homepage; the address and password come by mail",
    picture_folder=f"{FOLDER}/Images",
    same_pictures=(("246.bmp", "333.bmp"),),
    read_labels=read_labels,
)
