"""Pages of HTML that need nothing but themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from biqa.publishing.records import anchor
from biqa.publishing.wide import Block


def environment() -> Environment:
    """Return the templates; text from a study is escaped, a name that is missing is an error."""
    made = Environment(
        loader=PackageLoader("biqa.publishing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["anchor"] = anchor
    made.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return made


def table_page(artefact: Mapping[str, Any], blocks: Sequence[Block], caption: str) -> str:
    """Return one table as a page of its own."""
    template = environment().get_template("table.html.j2")
    return template.render(title=artefact["title"], blocks=blocks, caption=caption)
