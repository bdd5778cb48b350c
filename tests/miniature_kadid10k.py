"""KADID-10k: references lie beside the distorted pictures."""

from dataclasses import replace

from miniature_files import comma_separated, picture

from biqa.datasets.kadid10k import DATASET

LABELS = "kadid10k/dmos.csv"
ROWS = [("I01_01_01.png", 4.57), ("I01_25_05.png", 1.0), ("I81_09_03.png", 3.0)]
MINI = replace(DATASET, n_images=len(ROWS), n_references=2)


def files(rows=ROWS, content=None):
    content = picture() if content is None else content
    lines = [(name, f"{name[:3]}.png", score, 0.8) for name, score in rows]
    return {
        LABELS: comma_separated(("dist_img", "ref_img", "dmos", "var"), lines),
        "kadid10k/images/I01.png": content,
        **{f"kadid10k/images/{name}": content for name, _ in rows},
    }


def scored(score):
    return files([(ROWS[0][0], score), *ROWS[1:]])


def twice():
    return files([*ROWS, (ROWS[0][0].lower(), 2.0)])


def of_another_version():
    changed = comma_separated(("dist_img", "dmos"), ROWS)
    return files() | {LABELS: changed}, "has no column 'ref_img', but dist_img, dmos"


def published(table):
    names = table["dis_img_path"].str.rpartition("/")[2]
    return files(list(zip(names, table["score"], strict=True)), content=b"")
