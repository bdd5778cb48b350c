"""A table as Markdown, for the README and for reading on a forge."""

from collections.abc import Iterable, Mapping
from typing import Any

from biqa.publishing.marks import BEST, SECOND
from biqa.publishing.wide import Block, Row

MARKED = {BEST: "**%s**", SECOND: "<ins>%s</ins>", "": "%s"}


def markdown(artefact: Mapping[str, Any], blocks: Iterable[Block], caption: str) -> str:
    """Return title, blocks and caption as GitHub-flavoured Markdown."""
    parts = [f"### {artefact['title']}"]
    for block in blocks:
        if block.heading:
            parts.append(f"**{block.heading}**")
        parts.append(_grid(block))
    parts.append(caption)
    return "\n\n".join(parts) + "\n"


def _grid(block: Block) -> str:
    heads = [block.head]
    for column in block.columns:
        heads.append(" ".join(part for part in (column.group, column.metric) if part))
        if column.compared:
            heads += [block.printed, "difference"]
    lines = [_line(heads), _line(["---", *["---:"] * (len(heads) - 1)])]
    return "\n".join([*lines, *(_line(_texts(block, row)) for row in block.rows)])


def _texts(block: Block, row: Row) -> list[str]:
    texts = [row.label]
    for column, cell in zip(block.columns, row.cells, strict=True):
        texts.append(cell.ours.replace(cell.value, MARKED[cell.mark] % cell.value, 1))
        if column.compared:
            texts += [cell.printed, cell.gap]
    return texts


def _line(texts: Iterable[str]) -> str:
    escaped = (text.replace("|", "\\|") for text in texts)
    return f"| {' | '.join(escaped)} |"
