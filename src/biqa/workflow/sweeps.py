"""Sweeps of a study: one recipe, loss or model with several values, written as one name.

A sweep becomes ordinary recipes, losses, models and priors of the study before anything else
looks at it, so whatever can be done with a label can be done with each of its points.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

from biqa.errors import InputError
from biqa.workflow.recipe_files import RecipeFiles, Values

KINDS = {"recipe": "recipes", "loss": "losses", "model": "models"}
OF_PRIOR = "prior."  # keys of the recipe of the prior that a model starts from

Raw = dict[str, Any]
Points = dict[str, Values]  # by label


def with_sweeps(raw: Raw, recipes: RecipeFiles) -> Raw:
    """Return a study's content with every sweep written out; without sweeps, ``raw`` itself.

    ``sweeps.<name>`` gets the key ``points``: the label of each point and its values, in the
    order of the file. A point at which nothing differs is the label that is swept, so its runs
    are shared. Where runs, tables and figures name the sweep, they get the labels, and tables
    and figures the values as ``row_labels``.
    """
    if "sweeps" not in raw:
        return raw
    expanded = {**raw, "recipes": dict(raw.get("recipes", {})), "sweeps": {}}
    expanded |= {key: dict(raw.get(key, {})) for key in ("losses", "models", "priors")}
    names: dict[str, dict[str, list[str]]] = {plural: {} for plural in KINDS.values()}
    for name, sweep in raw["sweeps"].items():
        where = f"{recipes.where}: sweeps.{name}"
        kind = next(kind for kind in KINDS if kind in sweep)
        points = _points(expanded, kind, sweep, recipes, where)
        _refuse_taken(name, raw, recipes, where)
        expanded["sweeps"][name] = {**sweep, "points": points}
        names[KINDS[kind]][name] = list(points)
    expanded["runs"] = [_selecting(_named(block, raw), names) for block in raw["runs"]]
    for kind in ("tables", "figures"):
        expanded[kind] = {
            name: _labelled(_selecting(artefact, names), artefact, expanded["sweeps"], names)
            for name, artefact in raw.get(kind, {}).items()
        }
    return expanded


def _points(
    study: Raw, kind: str, sweep: Mapping[str, Any], recipes: RecipeFiles, where: str
) -> Points:
    """Declare every combination of the values in ``study``; return their labels."""
    base, points = sweep[kind], Points()
    if kind != "recipe" and base not in study[KINDS[kind]]:
        raise InputError(
            f"{where}.{kind}: {base!r} is not declared in this study, which declares "
            f"{', '.join(study[KINDS[kind]])}"
        )
    for combination in product(*sweep["values"].values()):
        values = dict(zip(sweep["values"], combination, strict=True))
        label = _declare(study, kind, base, values, recipes, where)
        if label in points:
            raise InputError(f"{where}: {values} and {points[label]} are both called {label!r}")
        points[label] = values
    return points


def _declare(
    study: Raw, kind: str, base: str, values: Values, recipes: RecipeFiles, where: str
) -> str:
    """Add one point to ``study``; return its label, which is ``base`` if nothing differs."""
    if kind == "recipe":
        return _declare_recipe(study, base, values, recipes, where)
    own = {key: value for key, value in values.items() if not key.startswith(OF_PRIOR)}
    of_prior = {key.removeprefix(OF_PRIOR): values[key] for key in values if key not in own}
    entry = {"name": base, **study[KINDS[kind]][base]}
    options = {**entry.get("options", {}), **own}
    changes: Raw = {"options": options} if options != entry.get("options", {}) else {}
    if of_prior:
        prior = _declare_prior(study, entry, of_prior, recipes, where)
        changes |= {"prior": prior} if prior != entry["prior"] else {}
    if not changes:
        return base
    label = _label(base, values)
    study[KINDS[kind]][label] = {**entry, **changes}
    return label


def _declare_recipe(study: Raw, base: str, values: Values, recipes: RecipeFiles, where: str) -> str:
    if not recipes.differs(base, values, where):
        return base
    label = _label(base, values)
    start = study["recipes"].get(base, {"of": base, "with": {}})
    study["recipes"][label] = {"of": start["of"], "with": {**start["with"], **values}}
    return label


def _declare_prior(study: Raw, model: Raw, values: Values, recipes: RecipeFiles, where: str) -> str:
    """Add a prior whose recipe has ``values``; return its name."""
    base: str = model.get("prior", "")
    if base not in study["priors"]:
        declared = ", ".join(study["priors"]) or "none"
        raise InputError(
            f"{where}: values of {OF_PRIOR.rstrip('.')} need a model that starts from a declared "
            f"prior, found {base!r}; the priors are {declared}"
        )
    entry = study["priors"][base]
    recipe = _declare_recipe(study, entry["recipe"], values, recipes, where)
    if recipe == entry["recipe"]:
        return base
    label = _label(base, values)
    study["priors"][label] = {**entry, "recipe": recipe}
    return label


def _label(base: str, values: Values) -> str:
    """Return a name that says what differs, such as 'paper_dcq.batch_size-8'."""
    return ".".join([base, *(f"{key.split('.')[-1]}-{_text(values[key])}" for key in values)])


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "_".join(_text(one) for one in value)
    if isinstance(value, float):
        return f"{value:g}".replace("+", "")
    return str(value).lower()


def _refuse_taken(name: str, raw: Raw, recipes: RecipeFiles, where: str) -> None:
    if name in recipes.names():
        raise InputError(f"{where}: there is a recipe {name!r} too; give the sweep another name")
    for key in ("losses", "models"):
        if name in raw[key]:
            raise InputError(f"{where}: {key} has a {name!r} too; give the sweep another name")


def _named(block: Raw, raw: Raw) -> Raw:
    """Return a block of runs whose 'all' is what the file declares, points of sweeps aside."""
    kinds = ("datasets", "models", "losses")
    return {**block, **{kind: list(raw[kind]) for kind in kinds if block[kind] == "all"}}


def _selecting(block: Raw, names: Mapping[str, Mapping[str, list[str]]]) -> Raw:
    """Return a block of runs or an artefact with the labels of the sweeps that it names."""
    found = dict(block)
    for key, sweeps in names.items():
        if isinstance(block.get(key), list):
            labels = (label for name in block[key] for label in sweeps.get(name, [name]))
            found[key] = list(dict.fromkeys(labels))
    return found


def _words(values: Values) -> str:
    return ", ".join(f"{key.split('.')[-1].replace('_', ' ')} {v}" for key, v in values.items())


def _labelled(
    artefact: Raw,
    written: Mapping[str, Any],
    sweeps: Mapping[str, Raw],
    names: Mapping[str, Mapping[str, list[str]]],
) -> Raw:
    """Add the values of the points to ``row_labels``, after those that the artefact has."""
    key = KINDS.get(written.get("rows", "loss"), "")
    own = [name for name in written.get(key, []) if name in names.get(key, {})]
    if not own:
        return artefact
    points = {
        label: _words(values) for name in own for label, values in sweeps[name]["points"].items()
    }
    return {**artefact, "row_labels": {**points, **written.get("row_labels", {})}}
