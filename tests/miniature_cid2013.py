"""CID2013: a picture without a score among those with one."""

from dataclasses import replace

from miniature_files import picture, sheet

from biqa.datasets.cid2013 import DATASET

LABELS = "CID2013/CID2013 data - version 12112014.xlsx"
HEAD = ("Source_ID", "Image set specific  MOS", "Realigned MOS")
ROWS = [("IS_I_C01_D01", 3.3), ("IS_IV_C06_D13", -9.5), ("IS_VI_C08_D14", 87.8)]
FOLDERS = {"I": "IS1", "II": "IS2", "III": "IS3", "IV": "IS4", "V": "IS5", "VI": "IS6"}
MINI = replace(DATASET, n_images=len(ROWS))


def files(rows=ROWS, content=None):
    content = picture() if content is None else content
    lines = [(name, 50.0, score) for name, score in rows]
    return {
        LABELS: sheet("CID2013 MOS", HEAD, lines),
        "CID2013/IS5/co4/IS_V_C04_D01.jpg": content,  # has no score
        **{path_of(name): content for name, _ in rows},
    }


def path_of(name):
    _, number, scene, _ = name.split("_")
    return f"CID2013/{FOLDERS[number.upper()]}/co{scene[-1]}/{name}.jpg"


def scored(score):
    return files([(ROWS[0][0], score), *ROWS[1:]])


def twice():
    return files([*ROWS, (ROWS[0][0].lower(), 2.0)])


def of_another_version():
    changed = sheet("MOS", HEAD, [])
    return files() | {LABELS: changed}, "has no sheet 'CID2013 MOS', but MOS"


def published(table):
    names = table["dis_img_path"].str.extract(r"/(IS_[^/]*)\.jpg")[0]
    return files(list(zip(names, table["score"], strict=True)), content=b"")
