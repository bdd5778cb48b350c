"""KonIQ-10k, with the label file that states the official parts, or with the other one."""

from dataclasses import replace

from miniature_files import comma_separated, picture

from biqa.datasets.koniq10k import DATASET

LABELS = "koniq10k/koniq10k_distributions_sets.csv"
OTHER_LABELS = "koniq10k/koniq10k_scores_and_distributions.csv"
HEAD = ("image_name", "c1", "c2", "c3", "c4", "c5", "c_total", "MOS", "SD", "set")
OTHER_HEAD = (*HEAD[:-1], "MOS_zscore")
ROWS = [
    ("10004473376.jpg", 77.38, "training"),
    ("10007357496.jpg", 3.9, "test"),
    ("826373.jpg", 50.0, "validation"),
]
SHARES = (0.0, 0.0, 0.25, 0.75, 0.0, 100)
MINI = replace(DATASET, n_images=len(ROWS))


def files(rows=ROWS, content=None):
    content = picture() if content is None else content
    lines = [(name, *SHARES, score, 0.5, part) for name, score, part in rows]
    return {LABELS: comma_separated(HEAD, lines)} | {
        f"koniq10k/1024x768/{name}": content for name, _, _ in rows
    }


def with_the_other_labels():
    """MOS is the mean opinion from 1 to 5 here, the score stands in MOS_zscore."""
    lines = [(name, *SHARES, 3.75, 0.5, score) for name, score, _ in ROWS]
    kept = {path: content for path, content in files().items() if path != LABELS}
    return kept | {OTHER_LABELS: comma_separated(OTHER_HEAD, lines)}


def scored(score):
    return files([(ROWS[0][0], score, "test"), *ROWS[1:]])


def twice():
    return files([*ROWS, (ROWS[0][0].upper(), 50.0, "test")])


def of_another_version():
    lines = [(name, *SHARES, 3.75, 0.5, part) for name, _, part in ROWS]
    changed = comma_separated(HEAD, lines)
    return files() | {LABELS: changed}, "end at 3.75: they are on the scale from 1 to 5"


def published(table):
    rows = list(zip(table["image_name"], table["MOS"], table["set"], strict=True))
    return files(rows, content=b"")
