"""BIQ2021: authentic and intended distortions of photography, in three subsets.

A part of the archive is accepted: pictures that are listed and not there are left out. What there
is of it is counted when it is verified, and its official parts are those of its own two lists.
"""

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.datasets.label_files import fields, numbers, read_csv
from biqa.datasets.layout import beside, file_named, spelled

LISTS = {"train": "Train (Images and MOS).csv", "test": "Test (Images and MOS).csv"}
NAME = r"(?P<subset>ss0[1-3]) \([0-9]+\)\.jpg"


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the pictures of both lists that are in the archive; ``group`` is the subset."""
    tables = []
    for part, name in LISTS.items():
        labels = file_named(archive, name)
        table = read_csv(archive, labels, ("Image Name", "MOS"))
        table = table[table["Image Name"] != ""]  # spreadsheets leave rows of commas
        names = table["Image Name"].str.strip()
        groups = fields(archive, labels, names, NAME, "ss01 (1).jpg")["subset"].str.lower()
        paths = (beside(labels, "Images", one) for one in names)
        columns = {"name": names, "member": spelled(archive, paths), "group": groups}
        tables.append(pd.DataFrame({**columns, "score": numbers(table["MOS"])}))
        tables[-1]["official_part"] = part
    both = pd.concat(tables, ignore_index=True)
    return both[both["member"].isin(archive.names())]


DATASET = Dataset(
    name="biq2021",
    title="BIQ2021",
    n_images=12000,
    n_references=0,
    score_name="MOS",
    score_range=(0.0, 1.0),
    higher_is_better=True,
    is_proxy=False,
    citation=(
        "N. Ahmed and S. Asif, BIQ2021: A Large-Scale Blind Image Quality Assessment Database, "
        "Journal of Electronic Imaging, 2022"
    ),
    licence="freely available for use and benchmarking, with the paper cited",
    homepage="https://github.com/nisarahmedrana/BIQ2021",
    archive="BIQ2021-main.zip",
    sources=("https://github.com/nisarahmedrana/BIQ2021/archive/refs/heads/main.zip",),
    picture_folder="Images",
    may_be_a_part=True,
    same_pictures=(
        ("ss03 (1003).jpg", "ss03 (5230).jpg"),
        ("ss03 (5581).jpg", "ss03 (6960).jpg"),
        ("ss03 (5627).jpg", "ss03 (7173).jpg"),
        ("ss03 (5726).jpg", "ss03 (7624).jpg"),
        ("ss03 (5734).jpg", "ss03 (7668).jpg"),
        ("ss03 (5749).jpg", "ss03 (7827).jpg"),
    ),
    known_defects=(
        "Copies hold a part of the pictures: those that are listed and not there are left out.",
        "One name differs in case between its list and its file.",
        "Some pictures are there twice, in different bytes and with different scores, also across "
        "the official parts; the six pairs that are named were found among 1,250 pictures.",
        "The three subsets differ in mean MOS.",
    ),
    read_labels=read_labels,
)
