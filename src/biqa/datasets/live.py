"""LIVE Image Quality Assessment Database, release 2."""

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.datasets.label_files import read_matlab
from biqa.datasets.layout import beside, file_named, spelled
from biqa.errors import InputError

ENTRIES = {"jp2k": 227, "jpeg": 233, "wn": 174, "gblur": 174, "fastfading": 174}  # in order


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the distorted ones of the 982 entries; the others are copies of references.

    The score is the realigned DMOS (``dmos_new``), not that of ``dmos.mat``.
    """
    labels = file_named(archive, "dmos_realigned.mat")
    references = beside(labels, "refnames_all.mat")
    folders = [folder for folder, n_entries in ENTRIES.items() for _ in range(n_entries)]
    numbers = [number + 1 for n_entries in ENTRIES.values() for number in range(n_entries)]
    columns = {
        "dmos_new": read_matlab(archive, labels, "dmos_new"),
        "orgs": read_matlab(archive, labels, "orgs"),
        "refnames_all": read_matlab(archive, references, "refnames_all"),
    }
    for name, values in columns.items():
        if len(values) != len(folders):
            raise InputError(
                f"{archive.path}: {name} of {len(values)} entries, release 2 has {len(folders)}"
            )
    table = pd.DataFrame({"distortion": folders, "score": columns["dmos_new"]})
    pictures = [f"img{number}.bmp" for number in numbers]
    table["name"] = [f"{folder}/{name}" for folder, name in zip(folders, pictures, strict=True)]
    table["reference"] = [name.removesuffix(".bmp") for name in columns["refnames_all"]]
    table["member"] = spelled(archive, (beside(labels, name) for name in table["name"]))
    return table[columns["orgs"] == 0]


DATASET = Dataset(
    name="live",
    title="LIVE, release 2",
    n_images=779,
    n_references=29,
    score_name="DMOS",
    score_range=(-2.6401, 111.7747),  # realigned scores have no ends of scale: the published ones
    higher_is_better=False,
    is_proxy=False,
    citation=(
        "H. R. Sheikh, M. F. Sabir and A. C. Bovik, A Statistical Evaluation of Recent Full "
        "Reference Image Quality Assessment Algorithms, IEEE Transactions on Image Processing, 2006"
    ),
    licence="UT Austin: any use, with the copyright notice of its readme.txt kept and the papers "
    "cited",
    homepage="https://live.ece.utexas.edu/research/quality/subjective.htm",
    archive="databaserelease2.zip",
    request="fill in the request form of the homepage; the password comes by mail",
    distortions=tuple(ENTRIES),
    photographs="Kodak",
    known_defects=(
        "203 of the 982 entries are undistorted copies of references, under numbers of their own: "
        "left out.",
        "The scores of dmos.mat are those before realignment; the realigned ones are read.",
        "Many references are Kodak photographs, as in TID2013: a test of one database on a model "
        "trained on the other shares contents.",
    ),
    read_labels=read_labels,
)
