"""YAML files of the configuration, read and held against their schemas."""

from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from biqa.errors import InputError
from biqa.yaml_files import load_yaml


def read_yaml(file: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; a missing file is refused with those beside it."""
    try:
        raw = load_yaml(file)
    except FileNotFoundError as error:
        known = sorted(found.stem for found in file.parent.glob("*.yaml"))
        raise InputError(
            f"{file} does not exist; there are {', '.join(known) or 'none'}"
        ) from error
    except yaml.YAMLError as error:
        raise InputError(f"{file} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise InputError(f"{file} holds {type(raw).__name__}, expected a mapping")
    return raw


def check(raw: dict[str, Any], schema: str, where: str) -> None:
    """Compare with the schema; report the error that lies deepest in the file."""
    errors = list(jsonschema.Draft202012Validator(_schema(schema)).iter_errors(raw))
    if errors:
        error = jsonschema.exceptions.best_match(errors)
        raise InputError(": ".join([where, *_place(error), _reason(error)]))


@cache
def _schema(name: str) -> dict[str, Any]:
    return load_yaml(Path(__file__).with_name("schemas") / f"{name}.schema.yaml")


def _place(error: jsonschema.ValidationError) -> list[str]:
    return [".".join(str(part) for part in error.absolute_path)] if error.absolute_path else []


def _reason(error: jsonschema.ValidationError) -> str:
    """Say what was found and what was expected, in one line."""
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        schema: Any = error.schema
        known = list(schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(known))[0]
        near = get_close_matches(str(unknown), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(known)}"
        return f"unknown key {unknown!r}; {hint}"
    if error.validator == "type" and isinstance(error.instance, str) and _is_number(error.instance):
        return (
            f"{error.instance!r} is text, expected a number; "
            "YAML reads 1e-4 as text, write 1.0e-4, without quotes"
        )
    return error.message


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
