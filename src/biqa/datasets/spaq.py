"""SPAQ: Smartphone Photography Attribute and Quality."""

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.datasets.label_files import numbers, read_sheet
from biqa.datasets.layout import file_named, folder_named, spelled

FOLDER = "TestImage"
LABELS = "MOS and Image attribute scores.xlsx"


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the owners' sheet; its attributes beside MOS are not read."""
    labels = file_named(archive, LABELS)
    table = read_sheet(archive, labels, ("Image name", "MOS"))
    names = table["Image name"].astype(str)
    paths = f"{folder_named(archive, FOLDER)}/" + names
    return pd.DataFrame(
        {"name": names, "member": spelled(archive, paths), "score": numbers(table["MOS"])}
    )


DATASET = Dataset(
    name="spaq",
    title="SPAQ",
    n_images=11125,
    n_references=0,
    score_name="MOS",
    score_range=(0.0, 100.0),
    higher_is_better=True,
    is_proxy=False,
    citation=(
        "Y. Fang, H. Zhu, Y. Zeng, K. Ma and Z. Wang, Perceptual Quality Assessment of Smartphone "
        "Photography, IEEE Conference on Computer Vision and Pattern Recognition, 2020"
    ),
    licence="none stated; given out by its owners for research, with the paper cited",
    homepage="https://github.com/h4nwei/SPAQ",
    archive="spaq.tgz",
    sources=(
        "https://huggingface.co/datasets/chaofengc/IQA-PyTorch-Datasets/resolve/main/spaq.tgz",
    ),
    request="pack the owners' TestImage and Annotations as spaq.tgz",
    picture_folder=FOLDER,
    known_defects=("Pictures have thousands of pixels a side: 34.8 GB as an archive.",),
    read_labels=read_labels,
)
