"""VCL@FER: the list of IQA-Dataset beside the pictures."""

from dataclasses import replace

from miniature_files import comma_separated, picture

from biqa.datasets.vcl import DATASET

LABELS = "VCLFER.txt"
HEAD = ("dis_img_path", "dis_type", "ref_img_path", "score")
ROWS = [("IMG_01_AWGN_1.bmp", 71.7), ("IMG_01_J2K_6.bmp", 1.6), ("IMG_23_JPG_6.jpg", 96.5)]
MINI = replace(DATASET, n_images=len(ROWS), n_references=2)


def files(rows=ROWS, content=None):
    content = picture() if content is None else content
    lines = [
        (f"VCLFER/vcl_fer/{name}", "?", f"VCLFER/Ref_Images/{name[:6]}.bmp", score)
        for name, score in rows
    ]
    return {
        LABELS: comma_separated(HEAD, lines),
        "Ref_Images/IMG_01.bmp": content,
        **{f"vcl_fer/{name}": content for name, _ in rows},
    }


def scored(score):
    return files([(ROWS[0][0], score), *ROWS[1:]])


def twice():
    return files([*ROWS, (ROWS[0][0].lower(), 2.0)])


def of_another_version():
    changed = comma_separated(("Image", "MOS"), ROWS)
    return files() | {LABELS: changed}, "has no column 'dis_img_path', but Image, MOS"


def published(table):
    names = table["dis_img_path"].str.rpartition("/")[2]
    return files(list(zip(names, table["score"], strict=True)), content=b"")
