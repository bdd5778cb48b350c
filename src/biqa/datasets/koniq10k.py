"""KonIQ-10k: pictures of the web, each rated by about a hundred people."""

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.datasets.label_files import numbers, read_csv
from biqa.datasets.layout import file_named, folder_named, spelled
from biqa.errors import InputError

FOLDER = "1024x768"
WITH_SETS = "koniq10k_distributions_sets.csv"  # MOS from 0 to 100, and the official parts
WITHOUT_SETS = "koniq10k_scores_and_distributions.csv"  # MOS from 1 to 5, MOS_zscore to 100
PARTS = {"training": "train", "validation": "validation", "test": "test"}


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the scores from 0 to 100, whichever of the owners' two files is there.

    The mean opinion from 1 to 5 is another scale, not a line of this one (correlation .995).
    """
    labels = file_named(archive, WITH_SETS, WITHOUT_SETS)
    if labels.casefold().endswith(WITH_SETS):
        table = read_csv(archive, labels, ("image_name", "MOS", "set"))
        table["official_part"] = table["set"].map(lambda part: PARTS.get(part, part))
        score = numbers(table["MOS"])
    else:
        table = read_csv(archive, labels, ("image_name", "MOS_zscore"))
        score = numbers(table["MOS_zscore"])
    if score.max() <= 5:
        raise InputError(
            f"{archive.path}: the scores of {labels} end at {score.max():g}: they are on the "
            "scale from 1 to 5, expected that from 0 to 100"
        )
    paths = f"{folder_named(archive, FOLDER)}/" + table["image_name"]
    table = table.assign(name=table["image_name"], member=spelled(archive, paths), score=score)
    return table[table.columns.intersection(["name", "member", "score", "official_part"])]


DATASET = Dataset(
    name="koniq10k",
    title="KonIQ-10k",
    n_images=10073,
    n_references=0,
    score_name="MOS",
    score_range=(0.0, 100.0),
    higher_is_better=True,
    is_proxy=False,
    citation=(
        "V. Hosu, H. Lin, T. Sziranyi and D. Saupe, KonIQ-10k: An Ecologically Valid Database for "
        "Deep Learning of Blind Image Quality Assessment, IEEE Transactions on Image Processing, "
        "2020"
    ),
    licence="freely available to the research community; pictures under their Creative Commons "
    "licences",
    homepage="http://database.mmsp-kn.de/koniq-10k-database.html",
    archive="koniq10k.tgz",
    sources=(
        "https://huggingface.co/datasets/chaofengc/IQA-PyTorch-Datasets/resolve/main/koniq10k.tgz",
    ),
    request=(
        "unpack koniq10k_1024x768.zip of datasets.vqa.mmsp-kn.de/archives, add "
        "koniq10k_distributions_sets.csv of github.com/subpic/koniq (metadata) and pack both as "
        "koniq10k.tgz"
    ),
    picture_folder=FOLDER,
    known_defects=(
        "There are two scales of MOS: 0 to 100 (z-scores), which is read, and 1 to 5; spread to 0 "
        "to 100, the second differs by up to 12 points.",
        "The official parts (7,058, 1,000 and 2,015) stand in one of the two label files alone.",
    ),
    read_labels=read_labels,
)
