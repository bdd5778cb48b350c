"""A study file and its recipes, read and checked; unknown keys and names are errors."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from biqa.errors import InputError
from biqa.recipes import PriorRecipe, Recipe, prior_recipe, training_recipe


@dataclass(frozen=True)
class Study:
    """One study: what is trained on what, and what is published of it."""

    name: str
    file: Path
    raw: dict[str, Any]  # the checked content of the file
    recipes: dict[str, Recipe]
    prior_recipes: dict[str, PriorRecipe]
    vram: dict[str, int]  # MB of a GPU that a job of each recipe needs; 0: nobody has said

    @property
    def title(self) -> str:
        """The study in one line."""
        return self.raw["title"]

    @property
    def seed(self) -> int:
        """The seed of the splits; trainings have their recipe's."""
        return self.raw.get("seed", 0)

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """The declared tables, by name."""
        return self.raw.get("tables", {})

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """The declared figures, by name."""
        return self.raw.get("figures", {})

    @property
    def priors(self) -> dict[str, dict[str, str]]:
        """The declared priors, by name."""
        return self.raw.get("priors", {})


def load_study(file: Path) -> Study:
    """Read ``config/studies/<name>.yaml`` and the recipes beside it.

    Raises ``InputError`` for an unknown key, a value of the wrong type or an unknown label,
    naming the place in the file. Names of losses, models and datasets are checked where the
    runs are made (``biqa.workflow.runs``).
    """
    raw = read_study(file)
    wanted = {name for block in raw["runs"] for name in block["recipes"]}
    priors = {entry["recipe"] for entry in raw.get("priors", {}).values()}
    folder = file.parent.parent / "recipes"
    trainings = {name: _recipe(folder, name, "recipe") for name in sorted(wanted)}
    preparations = {name: _recipe(folder, name, "prior_recipe") for name in sorted(priors)}
    return Study(
        name=file.stem,
        file=file,
        raw=raw,
        recipes={name: training_recipe(raw) for name, (raw, _) in trainings.items()},
        prior_recipes={name: prior_recipe(raw) for name, (raw, _) in preparations.items()},
        vram={name: mb for name, (_, mb) in (trainings | preparations).items()},
    )


def read_study(file: Path) -> dict[str, Any]:
    """Return the content of a study file, checked against the schema, without its recipes."""
    raw = _read(file)
    _check(raw, "study", str(file))
    return raw


def read_claims(file: Path) -> dict[str, dict[str, Any]]:
    """Return the claims of ``config/claims.yaml`` by name, checked against their schema."""
    raw = _read(file)
    _check(raw, "claims", str(file))
    return raw["claims"]


def _recipe(folder: Path, name: str, schema: str) -> tuple[dict[str, Any], int]:
    """Return a checked recipe, and apart from it the MB of a GPU: they change no bit."""
    file = _recipe_file(folder, name)
    raw = _read(file)
    _check(raw, schema, str(file))
    vram = raw.pop("resources", {}).get("vram_mb", 0)
    if vram and raw.get("hardware", {}).get("device") != "cuda":
        raise InputError(
            f"{file}: resources.vram_mb is {vram}, and hardware.device is not 'cuda'; "
            "remove one or set the other"
        )
    return raw, vram


def _recipe_file(folder: Path, name: str) -> Path:
    file = folder / f"{name}.yaml"
    if not file.is_file():
        known = sorted(found.stem for found in folder.glob("*.yaml"))
        raise InputError(f"{file} does not exist; the recipes there are {', '.join(known)}")
    return file


def _read(file: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
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


@cache
def _schema(name: str) -> dict[str, Any]:
    schema = files("biqa.workflow").joinpath("schemas", f"{name}.schema.yaml")
    return yaml.safe_load(schema.read_text(encoding="utf-8"))


def _check(raw: dict[str, Any], schema: str, where: str) -> None:
    """Compare with the schema; report the error that lies deepest in the file."""
    errors = list(jsonschema.Draft202012Validator(_schema(schema)).iter_errors(raw))
    if errors:
        error = jsonschema.exceptions.best_match(errors)
        raise InputError(": ".join([where, *_place(error), _reason(error)]))


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
