"""LIVE In the Wild Image Quality Challenge (LIVEC, also called CLIVE)."""

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.datasets.label_files import read_matlab
from biqa.errors import InputError

FOLDER = "ChallengeDB_release"
TRAINING_OF_RATERS = tuple(f"t{number}.bmp" for number in range(1, 8))


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the rows of the official lists, without the pictures that trained the raters."""
    names, scores = (
        read_matlab(archive, f"{FOLDER}/Data/{variable}.mat", variable)
        for variable in ("AllImages_release", "AllMOS_release")
    )
    if len(names) != len(scores):
        raise InputError(
            f"{archive.path}: {len(names)} names in Data/AllImages_release.mat, "
            f"but {len(scores)} scores in Data/AllMOS_release.mat"
        )
    table = pd.DataFrame({"name": names, "score": scores.astype(float)})
    table["member"] = f"{FOLDER}/Images/" + table["name"]
    return table[~table["name"].isin(TRAINING_OF_RATERS)]


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
    known_defects=(
        "246.bmp and 333.bmp are one picture with two scores.",
        "The first seven entries of the lists, t1.bmp to t7.bmp, trained the raters: left out.",
    ),
    read_labels=read_labels,
)
