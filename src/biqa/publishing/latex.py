"""A table as LaTeX, to be \\input into a paper that loads booktabs."""

from collections.abc import Iterable, Mapping
from typing import Any

from biqa.publishing.marks import BEST, SECOND
from biqa.publishing.wide import Block, Cell, Row

SPECIAL = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
    **{"−": "$-$", "–": "--", "—": "---", "±": r"$\pm$", "×": r"$\times$", "·": r"$\cdot$"},
    **{"β": r"$\beta$", "²": "$^2$"},
    **{"“": "``", "”": "''", "≤": r"$\le$", "<": "$<$", ">": "$>$", "’": "'"},
}
WRAPPED = {BEST: "\\textbf{%s}", SECOND: "\\underline{%s}", "": "%s"}


def latex(name: str, artefact: Mapping[str, Any], blocks: Iterable[Block], caption: str) -> str:
    """Return one table environment: the blocks below each other, the caption, a label."""
    lines = [
        "% \\usepackage{booktabs}",
        "\\begin{table}",
        "\\centering",
        f"\\caption{{{escaped(artefact['title'])}. {escaped(caption)}}}",
        f"\\label{{tab:{name}}}",
    ]
    for block in blocks:
        if block.heading:
            lines.append(f"\\par\\smallskip\\textit{{{escaped(block.heading)}}}\\par\\smallskip")
        lines += _grid(block)
    return "\n".join([*lines, "\\end{table}"]) + "\n"


def escaped(text: str) -> str:
    """Return ``text`` with all that LaTeX reads otherwise written out."""
    return "".join(SPECIAL.get(character, character) for character in text)


def _grid(block: Block) -> list[str]:
    heads = [escaped(block.head)]
    for column in block.columns:
        heads.append(escaped(" ".join(filter(None, (column.group, column.metric)))))
        if column.compared:
            heads += [escaped(block.printed), "difference"]
    return [
        f"\\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}",
        "\\toprule",
        _line(heads),
        "\\midrule",
        *(_line(_texts(block, row)) for row in block.rows),
        "\\bottomrule",
        "\\end{tabular}",
    ]


def _texts(block: Block, row: Row) -> list[str]:
    texts = [escaped(row.label)]
    for column, cell in zip(block.columns, row.cells, strict=True):
        texts.append(_ours(cell))
        if column.compared:
            texts += [escaped(cell.printed), escaped(cell.gap)]
    return texts


def _ours(cell: Cell) -> str:
    rest = " ".join(filter(None, (cell.spread, cell.left_out)))
    small = f" {{\\footnotesize {escaped(rest)}}}" if rest else ""
    return WRAPPED[cell.mark] % escaped(cell.value) + small


def _line(texts: Iterable[str]) -> str:
    return " & ".join(texts) + r" \\"
