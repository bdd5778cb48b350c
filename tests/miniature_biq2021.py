"""BIQ2021: one name differs in case between its list and its file."""

from miniature_files import comma_separated, picture

from biqa.datasets.biq2021 import DATASET

LABELS = "BIQ2021-main/Train (Images and MOS).csv"
TEST_LABELS = "BIQ2021-main/Test (Images and MOS).csv"
ROWS = [
    ("ss01 (1001).jpg", 0.2, "train"),
    ("ss03 (12).jpg", 0.9, "train"),
    ("ss02 (7).jpg", 0.5, "test"),
]
IN_ARCHIVE = {"ss02 (7).jpg": "SS02 (7).jpg"}
MINI = DATASET


def files(rows=ROWS, content=None):
    content = picture() if content is None else content
    train = [(name, score, "", "") for name, score, part in rows if part == "train"]
    test = [(name, score) for name, score, part in rows if part == "test"]
    return {
        LABELS: comma_separated(("Image Name", "MOS", "", ""), [*train, ("", "", "", "")]),
        TEST_LABELS: comma_separated(("Image Name", "MOS"), test),
        **{f"BIQ2021-main/Images/{IN_ARCHIVE.get(name, name)}": content for name, *_ in rows},
    }


def scored(score):
    return files([(ROWS[0][0], score, "train"), *ROWS[1:]])


def twice():
    """A picture of the training list is in the list of the test part, too."""
    changed = comma_separated(("Image Name", "MOS"), [("SS01 (1001).jpg", 0.2)])
    return files(ROWS[:2]) | {TEST_LABELS: changed}


def of_another_version():
    changed = comma_separated(("Images", "MOS", "StandardDeviation"), [])
    return files() | {LABELS: changed}, "has no column 'Image Name', but Images, MOS"
