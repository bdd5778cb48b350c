"""CID2013: pictures of 79 cameras in six image sets."""

import pandas as pd

from biqa.datasets.archive import Archive
from biqa.datasets.definition import Dataset
from biqa.datasets.label_files import fields, numbers, read_sheet
from biqa.datasets.layout import beside, file_named, spelled

LABELS = "CID2013 data - version 12112014.xlsx"
SETS = {"I": "IS1", "II": "IS2", "III": "IS3", "IV": "IS4", "V": "IS5", "VI": "IS6"}
NAME = r"IS_(?P<set>I|II|III|IV|V|VI)_C0(?P<scene>[1-8])_D(?P<device>[0-9]{2})"


def read_labels(archive: Archive) -> pd.DataFrame:
    """Return the realigned MOS, one scale for all image sets; ``group`` is the image set."""
    labels = file_named(archive, LABELS)
    table = read_sheet(archive, labels, ("Source_ID", "Realigned MOS"), sheet="CID2013 MOS")
    names = table["Source_ID"].astype(str)
    parts = fields(archive, labels, names, NAME, "IS_I_C01_D01")
    sets = parts["set"].str.upper().map(SETS)
    folders = sets + "/co" + parts["scene"] + "/"
    paths = (beside(labels, path) for path in folders + names + ".jpg")
    return pd.DataFrame(
        {
            "name": names + ".jpg",
            "member": spelled(archive, paths),
            "score": numbers(table["Realigned MOS"]),
            "group": sets,
        }
    )


DATASET = Dataset(
    name="cid2013",
    title="CID2013",
    n_images=474,
    n_references=0,
    score_name="MOS",
    score_range=(-9.5491, 87.8821),  # realigned scores have no ends of scale: the published ones
    higher_is_better=True,
    is_proxy=False,
    citation=(
        "T. Virtanen, M. Nuutinen, M. Vaahteranoksa, P. Oittinen and J. Häkkinen, CID2013: A "
        "Database for Evaluating No-Reference Image Quality Assessment Algorithms, IEEE "
        "Transactions on Image Processing, 2015"
    ),
    licence="University of Helsinki: use, copying and distribution with the copyright notice kept "
    "and the source named; no single picture outside the database's scope",
    homepage="https://zenodo.org/record/2647033",
    archive="CID2013.zip",
    request="unpack the archive of the homepage and pack its content as CID2013.zip",
    known_defects=(
        "The paper counts 480 pictures; 474 have a score: IS1 84, IS2 to IS4 78 each, IS5 72, "
        "IS6 84.",
        "Scores go below 0 (-9.55): they are realigned over the image sets.",
    ),
    read_labels=read_labels,
)
