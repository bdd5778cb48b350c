"""The environment is stated in several files; they agree with each other and with the code."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from biqa.scenes.photographs import PHOTOGRAPHS

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11", "3.12")  # what we stand for
CALLED = {"dvc", "ruamel-yaml-clib"}  # by us or by dvc, and not imported
ONLY_IN_LOCK = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^\s;]+)( ; [^\\]+)? \\")
# What `snakemake --lint` finds and we accept: one environment serves all rules, and commands take
# folders, which need no file system of another machine.
ACCEPTED_LINTS = re.compile(
    r"Specify a conda environment or container for each rule\."
    r"|Param \w+ is a prefix of input or output file but hardcoded"
)


def declared(*groups: str) -> dict[str, Requirement]:
    """Return what pyproject.toml asks for, by name: runtime, and the named optional groups."""
    lines = list(PROJECT["dependencies"])
    for group in groups:
        lines += PROJECT["optional-dependencies"][group]
    requirements = map(Requirement, lines)
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def locked() -> dict[str, str]:
    """Return the version of each distribution in the lock."""
    found = map(ONLY_IN_LOCK.fullmatch, lock_lines())
    return {match["name"]: match["version"] for match in found if match}


def lock_lines() -> list[str]:
    return read_lines(ROOT / "requirements.lock")


def read_lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def imported_from(folder: str) -> set[str]:
    """Return the distributions that the Python files of a folder import, by name."""
    files = sorted((ROOT / folder).rglob("*.py"))
    ours = {"biqa"} | {file.stem for file in files}
    names = {name for file in files for name in top_level_imports(file)}
    return distributions(names - ours - sys.stdlib_module_names)


def distributions(modules: set[str]) -> set[str]:
    providers = packages_distributions()
    return {canonicalize_name(providers.get(name, [name])[0]) for name in modules}


def top_level_imports(file: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module)
    return {module.partition(".")[0] for module in modules}


def read_yaml(path: str) -> dict:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def conda_specs() -> dict[str, SpecifierSet]:
    specs = [spec for spec in read_yaml("environment.yml")["dependencies"] if isinstance(spec, str)]
    parts = [spec.partition(" ") for spec in specs]
    return {name: SpecifierSet(versions) for name, _, versions in parts}


def ci_steps() -> list[dict]:
    return read_yaml(".github/workflows/ci.yml")["jobs"]["test"]["steps"]


def test_the_package_uses_its_dependencies_and_no_others():
    opened = distributions({photograph.package for photograph in PHOTOGRAPHS.values()})
    assert imported_from("src") | opened == declared().keys() - CALLED


def test_the_tests_import_declared_dependencies_alone():
    assert imported_from("tests") <= declared("dev").keys()


def test_dvc_reads_yaml_through_libyaml():
    """``ruamel.yaml`` takes its C parser where it finds one under the name that it looks for."""
    import ruamel.yaml

    parser = ruamel.yaml.YAML(typ="safe").Parser
    assert "clib" in parser.__module__, f"dvc.lock of a large study is read by {parser}"


def test_every_dependency_is_locked_at_a_version_that_it_admits():
    versions = locked()
    refused = {
        name: versions.get(name, "not in the lock")
        for name, requirement in declared("dev").items()
        if not requirement.specifier.contains(versions.get(name, "0"), prereleases=True)
    }
    assert refused == {}


def test_the_lock_pins_torch_and_torchvision_as_the_pair_that_we_test():
    versions = locked()
    assert (versions["torch"], versions["torchvision"]) == ("2.15.0", "0.29.2")


def test_the_lock_holds_the_build_backend():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    assert {*build["requires"], "editables"} <= locked().keys()


def test_every_line_of_the_lock_is_a_version_with_hashes():
    hashes: dict[str, int] = {}
    for line in lock_lines():
        pinned = ONLY_IN_LOCK.fullmatch(line)
        if pinned:
            assert pinned["name"] not in hashes, f"{pinned['name']} has two versions"
            latest = pinned["name"]
            hashes[latest] = 0
        elif re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line):
            hashes[latest] += 1
        else:
            assert re.fullmatch(r"    #( +via)?( .+)?", line), f"unexpected line {line!r}"
    assert [name for name, count in hashes.items() if count == 0] == []
    assert len(hashes) > len(declared("dev"))


def test_clusters_are_tested_with_the_snakemake_and_dvc_of_the_lock():
    """requirements.txt of the tests pins all that requirements.in names, and agrees with us."""
    folder = ROOT / "tests" / "seam"
    named = [line.partition("#")[0] for line in read_lines(folder / "requirements.in")]
    wanted = [Requirement(line) for line in named if line.strip()]
    pins = dict(line.split("==") for line in read_lines(folder / "requirements.txt"))
    assert [one.name for one in wanted if not one.specifier.contains(pins[one.name])] == []
    shared = re.search(r"^SHARED := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert shared
    for name in shared[1].split("|"):
        assert pins[name] == locked()[name], name
    for group in ("s3", "slurm", "kubernetes", "googlebatch"):
        for line in PROJECT["optional-dependencies"][group]:
            assert Requirement(line).specifier.contains(pins[Requirement(line).name]), line


def test_the_lock_names_no_place():
    text = "\n".join(lock_lines())
    assert re.findall(r"\w+://\S*|--(?:extra-)?index-url|--find-links|file:\S*| @ ", text) == []


def test_conda_and_pip_never_provide_the_same_library():
    entries = read_yaml("environment.yml")["dependencies"]
    assert conda_specs().keys() & locked().keys() == set()
    assert [entry["pip"] for entry in entries if isinstance(entry, dict)] == [
        ["-r requirements.lock"]
    ]


@pytest.mark.parametrize(
    "admitted",
    [SpecifierSet(PROJECT["requires-python"]), conda_specs()["python"]],
    ids=["pyproject.toml", "environment.yml"],
)
def test_each_statement_admits_the_same_pythons(admitted):
    minors = [f"3.{minor}" for minor in range(30)]
    assert tuple(minor for minor in minors if admitted.contains(minor)) == PYTHONS


def test_the_makefile_admits_the_same_pythons():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    condition = re.search(r"^ADMITS := import sys; sys\.exit\(not (.+)\)$", text, re.MULTILINE)
    assert condition, "Makefile: no line that says which Pythons it admits"
    test = condition[1].replace("sys.version_info[:2]", "(3, minor)")
    minors = [minor for minor in range(30) if eval(test, {"minor": minor})]
    assert tuple(f"3.{minor}" for minor in minors) == PYTHONS


def test_ci_runs_a_python_that_we_stand_for():
    (setup,) = [step for step in ci_steps() if "setup-python" in step.get("uses", "")]
    assert setup["with"]["python-version"] in PYTHONS


def test_readme_and_ci_run_the_same_checks():
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert re.findall(r"^exec make(?: --[\w-]+)* (.+)$", script, re.MULTILINE) == ["test"]
    assert [step["run"] for step in ci_steps() if "run" in step] == ["make test"]
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_snakemake_lint_finds_only_what_we_accept():
    found = subprocess.run(
        [sys.executable, "-m", "snakemake", "--lint"], cwd=ROOT, capture_output=True, text=True
    ).stderr
    titles = re.findall(r"^    \* (.+):$", found, re.MULTILINE)
    assert titles, f"no lint at all, so this test reads the output wrongly: {found}"
    assert [title for title in titles if not ACCEPTED_LINTS.fullmatch(title)] == []
