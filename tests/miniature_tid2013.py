"""TID2013: names in mixed case, and not alike in the list and in the archive."""

from dataclasses import replace

from miniature_files import picture

from biqa.datasets.tid2013 import DATASET

LABELS = "tid2013/mos_with_names.txt"
ROWS = [("I01_01_1.bmp", 5.51429), ("I01_24_5.bmp", 3.5), ("i25_21_3.bmp", 0.24242)]
IN_ARCHIVE = {"I01_01_1.bmp": "i01_01_1.bmp", "i25_21_3.bmp": "I25_21_3.BMP"}
MINI = replace(DATASET, n_images=len(ROWS), n_references=2)


def files(rows=ROWS, content=None):
    content = picture() if content is None else content
    lines = "".join(f"{score} {name}\r\n" for name, score in rows)
    folder = "tid2013/distorted_images"
    return {
        LABELS: lines.encode(),
        "tid2013/reference_images/i25.bmp": content,
        **{f"{folder}/{IN_ARCHIVE.get(name, name)}": content for name, _ in rows},
    }


def scored(score):
    return files([(ROWS[0][0], score), *ROWS[1:]])


def twice():
    (name, score), *_ = ROWS
    lines = files()[LABELS] + f"{score} {name.lower()}\r\n".encode()
    return files() | {LABELS: lines}


def of_another_version():
    """mos.txt has the scores without names."""
    scores = "".join(f"{score}\n" for _, score in ROWS).encode()
    return files() | {LABELS: scores}, "line 1: '5.51429', expected score and name"


def published(table):
    names = table["dis_img_path"].str.rpartition("/")[2]
    return files(list(zip(names, table["score"], strict=True)), content=b"")
