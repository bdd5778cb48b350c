"""The commands of the rules, filled in and run in this process: a rule is tested as it stands."""

import ast
import re
import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from biqa.__main__ import main

RULES = Path(__file__).parents[1] / "workflow" / "rules"
START = "python -m biqa "


class Word(str):
    """Text that knows Snakemake's format ``:q``, which quotes it for the shell."""

    def __format__(self, how: str) -> str:
        return shlex.quote(self) if how == "q" else str(self)


def shell_of(rule: str) -> str:
    """Return the shell command of a rule, with its places to fill in."""
    text = "\n".join(file.read_text("utf-8") for file in sorted(RULES.glob("*.smk")))
    body = re.split(rf"^ *rule {rule}:\n", text, maxsplit=1, flags=re.M)[1]
    body = re.split(r"^ *rule \w+:\n", body, maxsplit=1, flags=re.M)[0]
    literals = body.rpartition("shell:\n")[2]
    return ast.literal_eval(f"({literals.strip()})")


def run_rule(rule: str, **values: Any) -> int:
    """Run the command of a rule as ``main`` does; values are text, or mappings of text by name."""
    filled = {
        key: SimpleNamespace(**{name: Word(text) for name, text in value.items()})
        if isinstance(value, dict)
        else Word(value)
        for key, value in values.items()
    }
    command = shell_of(rule).format(**filled, log="log")
    assert command.startswith(START)
    assert command.endswith(" > log 2>&1")
    return main(shlex.split(command.removeprefix(START).removesuffix(" > log 2>&1")))
