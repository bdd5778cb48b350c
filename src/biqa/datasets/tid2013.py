"""TID2013: Tampere Image Database."""

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.datasets.label_files import fields, numbers, read_lines
from biqa.datasets.layout import beside, file_named, spelled

FOLDER = "distorted_images"
DISTORTIONS = (
    *("AGN", "ANC", "SCN", "MN", "HFN", "IN", "QN", "GB", "DEN", "JPEG", "JP2K", "JGTE"),
    *("J2TE", "NEPN", "Block", "MS", "CTC", "CCS", "MGN", "CN", "LCNI", "ICQD", "CHA", "SSR"),
)  # as MetaIQA's Table 2 calls them; their place is the second number of a picture's name
NAME = r"(?P<reference>I[0-9]{2})_(?P<type>0[1-9]|1[0-9]|2[0-4])_(?P<level>[1-5])\.bmp"


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the list as it is; pictures are found in whatever case their names have."""
    labels = file_named(archive, "mos_with_names.txt")
    table = read_lines(archive, labels, ("score", "name"))
    parts = fields(archive, labels, table["name"], NAME, "I01_01_1.bmp")
    table["reference"] = parts["reference"].str.upper()
    table["distortion"] = [DISTORTIONS[int(number) - 1] for number in parts["type"]]
    table["level"] = parts["level"].astype(int)
    paths = (beside(labels, FOLDER, name) for name in table["name"])
    return table.assign(member=spelled(archive, paths), score=numbers(table["score"]))


DATASET = Dataset(
    name="tid2013",
    title="TID2013",
    n_images=3000,
    n_references=25,
    score_name="MOS",
    score_range=(0.0, 9.0),
    higher_is_better=True,
    is_proxy=False,
    citation=(
        "N. Ponomarenko et al., Image Database TID2013: Peculiarities, Results and Perspectives, "
        "Signal Processing: Image Communication, 2015"
    ),
    licence="for research and education, with the paper cited",
    homepage="http://www.ponomarenko.info/tid2013.htm",
    archive="tid2013.tgz",
    sources=(
        "https://huggingface.co/datasets/chaofengc/IQA-PyTorch-Datasets/resolve/main/tid2013.tgz",
    ),
    request=(
        "the owners' tid2013.rar (908 MB), under the name tid2013.tgz, is read where libarchive is"
    ),
    picture_folder=FOLDER,
    photographs="Kodak",
    distortions=DISTORTIONS,
    known_defects=(
        "Names of pictures are in mixed case, I01_01_1.bmp and i01_01_1.bmp, and not alike in the "
        "list and in the archive.",
        "Levels do not order quality: Block is best at its highest, contrast change (CTC) and "
        "saturation (CCS) are not monotone.",
        "24 references are Kodak photographs, which LIVE uses too.",
    ),
    read_labels=read_labels,
)
