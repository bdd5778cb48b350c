"""CSIQ: the owners' sheet and six distorted pictures of two references."""

from dataclasses import replace

from miniature_files import picture, sheet

from biqa.datasets.csiq import DATASET

LABELS = "CSIQ/csiq.DMOS.xlsx"
TYPES = {"awgn": "noise", "jpeg2000": "jpeg 2000"}  # in the sheet, where it is not the folder's
ROWS = [
    ("1600.AWGN.1.png", 0.062),
    ("1600.JPEG.5.png", 0.9),
    ("1600.jpeg2000.2.png", 0.25),
    ("boston.fnoise.3.png", 0.5),
    ("boston.BLUR.4.png", 1.0),
    ("boston.contrast.1.png", 0.0),
]
MINI = replace(DATASET, n_images=len(ROWS), n_references=2, sha256="")


def files(rows=ROWS, content=None):
    content = picture() if content is None else content
    head = ["image", "dst_idx", "dst_type", "dst_lev", "dmos_std", "dmos"]
    return {
        LABELS: sheet("all_by_image", head, [cells_of(*row) for row in rows], before=3),
        "CSIQ/src_imgs/1600.png": content,
        **{path_of(name): content for name, _ in rows},
    }


def cells_of(name, score):
    image, word, level, _ = name.split(".")
    kind = TYPES.get(word.lower(), word.lower())
    return int(image) if image.isdigit() else image, 1, kind, int(level), 0.05, score


def path_of(name):
    return f"CSIQ/dst_imgs/{name.split('.')[1].lower()}/{name}"


def scored(score):
    return files([(ROWS[0][0], score), *ROWS[1:]])


def twice():
    return files([*ROWS, ("Boston.BLUR.4.png", 0.3)])


def of_another_version():
    changed = sheet("all_by_image", ["image", "dst_type", "dmos"], [["1600", "noise", 0.1]])
    return files() | {LABELS: changed}, "no row with image, dst_type, dst_lev, dmos"


def published(table):
    names = table["dis_img_path"].str.rpartition("/")[2]
    return files(list(zip(names, table["score"], strict=True)), content=b"")
