"""KADID-10k: Konstanz Artificially Distorted Image quality Database."""

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.datasets.label_files import fields, numbers, read_csv
from biqa.datasets.layout import beside, file_named, spelled

DISTORTIONS = (
    *("GB", "LB", "MB", "CD", "CS", "CQ", "CSA1", "CSA2", "JP2K", "JPEG", "WN", "WNCC", "IN"),
    *("MN", "Denoise", "Brighten", "Darken", "MS", "Jitter", "NEP", "Pixelate"),
    *("Quantization", "CB", "HS", "CC"),
)  # as MetaIQA's Table 2 calls them; their place is the second number of a picture's name
NAME = r"I[0-9]{2}_(?P<type>0[1-9]|1[0-9]|2[0-5])_0(?P<level>[1-5])\.png"


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the owners' list; its column ``dmos`` is a MOS, higher is better."""
    labels = file_named(archive, "dmos.csv")
    table = read_csv(archive, labels, ("dist_img", "ref_img", "dmos", "var"))
    table = table.rename(columns={"dist_img": "name", "dmos": "score"}).drop(columns="var")
    parts = fields(archive, labels, table["name"], NAME, "I01_01_01.png")
    table["reference"] = table.pop("ref_img").str.removesuffix(".png")
    table["distortion"] = [DISTORTIONS[int(number) - 1] for number in parts["type"]]
    table["level"] = parts["level"].astype(int)
    paths = (beside(labels, "images", name) for name in table["name"])
    return table.assign(member=spelled(archive, paths), score=numbers(table["score"]))


DATASET = Dataset(
    name="kadid10k",
    title="KADID-10k",
    n_images=10125,
    n_references=81,
    score_name="MOS",
    score_range=(1.0, 5.0),
    higher_is_better=True,
    is_proxy=False,
    citation=(
        "H. Lin, V. Hosu and D. Saupe, KADID-10k: A Large-Scale Artificially Distorted IQA "
        "Database, International Conference on Quality of Multimedia Experience (QoMEX), 2019"
    ),
    licence="freely available to the research community; no formal licence",
    homepage="http://database.mmsp-kn.de/kadid-10k-database.html",
    archive="kadid10k.zip",
    sources=(
        "https://datasets.vqa.mmsp-kn.de/archives/kadid10k.zip",
        "https://huggingface.co/datasets/chaofengc/IQA-PyTorch-Datasets/resolve/main/kadid10k.tgz",
    ),
    distortions=DISTORTIONS,
    known_defects=(
        "The column of scores is called dmos, but higher is better: it is not inverted.",
        "References lie among the distorted pictures, and have no labels.",
        "The column var holds variances, not standard deviations.",
        "Levels do not order quality in contrast change (CC) and mean shift (MS).",
    ),
    read_labels=read_labels,
)
