"""CSIQ: Categorical Subjective Image Quality database."""

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.datasets.label_files import fields, numbers, read_lines, read_sheet
from biqa.datasets.layout import file_named, folder_named, spelled
from biqa.errors import InputError

SHEET, PLAIN = "csiq.DMOS.xlsx", "csiq_label.txt"
WORD_IN_NAMES = {  # by folder, in the owners' order
    "awgn": "AWGN",
    "jpeg": "JPEG",
    "jpeg2000": "jpeg2000",
    "fnoise": "fnoise",
    "blur": "BLUR",
    "contrast": "contrast",
}
TYPE_IN_SHEET = {  # by folder
    "awgn": "noise",
    "jpeg": "jpeg",
    "jpeg2000": "jpeg 2000",
    "fnoise": "fnoise",
    "blur": "blur",
    "contrast": "contrast",
}
NAME = r"(?P<reference>[^.]+)\.(?P<word>[a-z0-9]+)\.(?P<level>[0-9])\.png"


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the owners' sheet, or its copy as plain text that mirrors have."""
    labels = file_named(archive, SHEET, PLAIN)
    if labels.casefold().endswith(".xlsx"):
        table = _from_sheet(archive, labels)
    else:
        table = read_lines(archive, labels, ("name", "score"))
    parts = fields(archive, labels, table["name"], NAME, "1600.AWGN.1.png")
    table["reference"] = parts["reference"]
    table["level"] = parts["level"].astype(int)
    folders = {word.casefold(): folder for folder, word in WORD_IN_NAMES.items()}
    table["distortion"] = parts["word"].map(lambda word: folders.get(word.casefold(), word))
    folder = folder_named(archive, "dst_imgs")
    paths = f"{folder}/" + table["distortion"] + "/" + table["name"]
    return table.assign(member=spelled(archive, paths), score=numbers(table["score"]))


def _from_sheet(archive: Archive, labels: str) -> pd.DataFrame:
    columns = ("image", "dst_type", "dst_lev", "dmos")
    table = read_sheet(archive, labels, columns, sheet="all_by_image")
    types = table["dst_type"].astype(str).str.strip()
    words = types.map({TYPE_IN_SHEET[folder]: word for folder, word in WORD_IN_NAMES.items()})
    if words.isna().any():
        raise InputError(
            f"{archive.path}: {labels} has the dst_type {types[words.isna()].iloc[0]!r}, "
            f"expected {', '.join(TYPE_IN_SHEET.values())}"
        )
    levels = numbers(table["dst_lev"]).map("{:g}".format)
    names = table["image"].astype(str) + "." + words + "." + levels + ".png"
    return pd.DataFrame({"name": names, "score": table["dmos"]})


DATASET = Dataset(
    name="csiq",
    title="CSIQ",
    n_images=866,
    n_references=30,
    score_name="DMOS",
    score_range=(0.0, 1.0),
    higher_is_better=False,
    is_proxy=False,
    citation=(
        "E. C. Larson and D. M. Chandler, Most Apparent Distortion: Full-Reference Image Quality "
        "Assessment and the Role of Strategy, Journal of Electronic Imaging, 2010"
    ),
    licence="none stated; given out by its owners for research",
    homepage="https://vision.eng.shizuoka.ac.jp",
    archive="csiq.tgz",
    sources=(
        "https://huggingface.co/datasets/chaofengc/IQA-PyTorch-Datasets/resolve/main/csiq.tgz",
    ),
    sha256="e34c372c98e751c5490dadeb536e37666296b6c4f651df30cc04c0547ffee5b0",
    distortions=tuple(WORD_IN_NAMES),
    known_defects=(
        "The owners give out three files; the archive is a mirror's, 379,062,485 bytes.",
        "Contrast has no fifth level, and four of its fourth level were not rated: 116 pictures; "
        "pictures without a label are left out.",
    ),
    read_labels=read_labels,
)
