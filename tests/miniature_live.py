"""LIVE, release 2: all its 982 entries, with one small picture under every name."""

from typing import NamedTuple

from miniature_files import cells, matlab, picture

from biqa.datasets.live import DATASET

ROOT = "databaserelease2"
LABELS = f"{ROOT}/dmos_realigned.mat"
ENTRIES = {"jp2k": 227, "jpeg": 233, "wn": 174, "gblur": 174, "fastfading": 174}
COPIES = {"jp2k": 58, "jpeg": 58, "wn": 29, "gblur": 29, "fastfading": 29}  # of references
MINI = DATASET


class Entry(NamedTuple):
    folder: str
    number: int
    score: float
    is_copy: bool
    reference: str

    @property
    def name(self):
        return f"{self.folder}/img{self.number}.bmp"


ROWS = [
    Entry(folder, number, number / 10, number <= COPIES[folder], f"content{number % 29:02}")
    for folder, n in ENTRIES.items()
    for number in range(1, n + 1)
]


def files(rows=ROWS, content=None):
    content = picture() if content is None else content
    copies = [[int(row.is_copy) for row in rows]]
    references = [f"{row.reference}.bmp" for row in rows]
    return {
        LABELS: matlab(dmos_new=[[row.score for row in rows]], orgs=copies),
        f"{ROOT}/dmos.mat": matlab(dmos=[[50.0] * len(rows)], orgs=copies),
        f"{ROOT}/refnames_all.mat": matlab(refnames_all=cells(references)),
        f"{ROOT}/refimgs/{references[0]}": content,
        **{f"{ROOT}/{row.name}": content for row in rows},
    }


def scored(score):
    """The files, with another score of the last picture."""
    return files([*ROWS[:-1], ROWS[-1]._replace(score=score)])


def of_another_version():
    """Release 1 has JPEG 2000 and JPEG alone."""
    return files(ROWS[:460]), "dmos_new of 460 entries, release 2 has 982"


def published(table):
    """The files that give the published table; an entry that is not in it is a copy."""
    names = table["dis_img_path"].str.removeprefix("LIVE/")
    references = table["ref_img_path"].str.extract(r"refimgs/(.*)\.bmp")[0]
    known = dict(zip(names, zip(table["score"], references, strict=True), strict=True))
    rows = []
    for row in ROWS:
        score, reference = known.get(row.name, (0.0, "copied"))
        rows.append(row._replace(score=score, is_copy=reference == "copied", reference=reference))
    return files(rows, content=b"")
