"""SPAQ: scores in a folder of annotations."""

from dataclasses import replace

from miniature_files import picture, sheet

from biqa.datasets.spaq import DATASET

LABELS = "SPAQ/Annotations/MOS and Image attribute scores.xlsx"
HEAD = ("Image name", "MOS", "Brightness", "Colorfulness")
ROWS = [("00001.jpg", 32.4), ("00002.jpg", 2.0), ("11125.jpg", 96.0)]
MINI = replace(DATASET, n_images=len(ROWS))


def files(rows=ROWS, content=None):
    content = picture() if content is None else content
    lines = [(name, score, 50, 50) for name, score in rows]
    return {LABELS: sheet("Sheet1", HEAD, lines)} | {
        f"SPAQ/TestImage/{name}": content for name, _ in rows
    }


def scored(score):
    return files([(ROWS[0][0], score), *ROWS[1:]])


def twice():
    return files([*ROWS, (ROWS[0][0].upper(), 2.0)])


def of_another_version():
    changed = sheet("Sheet1", ("Image name", "Brightness"), ROWS)
    return files() | {LABELS: changed}, "has no row with Image name, MOS"
