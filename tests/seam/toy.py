"""A study of coreutils in the form of ours: five stages, four rule files, code with digests."""

import os
import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PICTURES = ("one", "two")
STUDY = "config/studies/toy.yaml"
RECIPE = "config/recipes/toy.yaml"
RUNS = "results/toy/runs"

SNAKEFILE = """\
import os
from hashlib import sha256
from pathlib import Path
import yaml
from biqa.seam.damage import refuse_damaged_inputs
from biqa.seam.lock import hold_folder

study = yaml.safe_load(Path("config/studies/toy.yaml").read_text())
recipe = yaml.safe_load(Path("config/recipes/toy.yaml").read_text())
RUNS = "results/toy/runs"


def code(step):
    return sha256(Path(f"code/{step}.sh").read_bytes()).hexdigest()


onstart:
    hold_folder()
    refuse_damaged_inputs(Path(), os.environ.get("DVC_STAGE"))


include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/publish.smk"

rule all:
    default_target: True
    input: rules.tables.input, rules.figures.input, "results/toy/metrics.json"
"""
RULES = {
    "data": """\
rule split:
    input: "raw/{d}.txt"
    output: "data/splits/{d}.csv"
    params: code=code("split")
    shell: "sh code/split.sh {input} {output}"

rule splits:
    input: expand("data/splits/{d}.csv", d=study["datasets"])
""",
    "train": """\
rule train:
    input: "data/splits/{d}.csv"
    output: RUNS + "/{d}/weights.safetensors", RUNS + "/{d}/history.csv"
    params: code=code("train"), epochs=recipe["epochs"]
    shell: "sh code/train.sh {params.epochs} {input} {output}"

rule predict:
    input: RUNS + "/{d}/weights.safetensors"
    output: RUNS + "/{d}/predictions.csv"
    params: code=code("predict")
    shell: "sh code/predict.sh {input} {output}"

rule predictions:
    input: expand(RUNS + "/{d}/{f}.csv", d=study["datasets"], f=["predictions", "history"])
""",
    "evaluate": """\
rule evaluate:
    input: rules.predictions.input
    output: "results/toy/metrics.csv"
    params: code=code("evaluate"), runs=study["datasets"]
    shell: "sh code/evaluate.sh {output} {input}"

rule summary:
    input: "results/toy/metrics.csv", expand(RUNS + "/{d}/history.csv", d=study["datasets"])
    output: "results/toy/metrics.json", "results/toy/curves/toy.csv"
    params: code=code("summary"), runs=study["datasets"]
    shell: "sh code/summary.sh {output} {input}"

rule metrics:
    input: rules.evaluate.output, rules.summary.output
""",
    "publish": """\
rule table:
    input: "results/toy/metrics.csv"
    output: "results/toy/tables/losses.csv"
    params: code=code("table")
    shell: "sh code/table.sh {input} {output}"

rule figure:
    input: "results/toy/metrics.csv"
    output: "results/toy/figures/losses.svg"
    params: code=code("figure"), title=study["title"]
    shell: "sh code/figure.sh {params.title} {input} {output}"

rule tables:
    input: rules.table.output

rule figures:
    input: rules.figure.output
""",
}
CODE = {
    "split": 'cat "$1" > "$2"\n',
    "train": '(echo epochs "$1"; cat "$2") > "$3"\ncp "$3" "$4"\n',
    "predict": 'sed s/^/seen:/ "$1" > "$2"\n',
    "evaluate": 'out="$1"; shift\ncat "$@" | cksum | tr " " , > "$out"\n',
    "summary": (
        "epochs=$(sed -n 's/^epochs //Ip' \"$4\")\n"
        'echo "{\\"toy\\": {\\"srcc\\": 0.$epochs}}" > "$1"\n'
        '(echo epoch,srcc; for e in $(seq "$epochs"); do echo "$e,0.$e"; done) > "$2"\n'
    ),
    "table": '(echo loss,srcc; sed s/^/mse,/ "$1") > "$2"\n',
    "figure": 'echo "<svg><title>$1</title>$(cat "$2")</svg>" > "$3"\n',
}
CALL = "snakemake --workflow-profile workflow/profiles/dvc --config study=toy --allowed-rules"
STAGES = f"""\
stages:
  data:
    cmd: {CALL} split splits -- splits
    deps: [workflow/rules/data.smk, code/split.sh, raw]
    params: [{{{STUDY}: [datasets]}}]
    outs: [data/splits: {{cache: false}}]
  train:
    cmd: {CALL} train predict predictions -- predictions
    deps: [workflow/rules/train.smk, code/train.sh, code/predict.sh, data/splits]
    params: [{{{STUDY}: [datasets]}}, {{{RECIPE}: null}}]
    outs: [{RUNS}]
  evaluate:
    cmd: {CALL} evaluate summary metrics -- metrics
    deps: [workflow/rules/evaluate.smk, code/evaluate.sh, code/summary.sh, {RUNS}]
    params: [{{{STUDY}: [datasets]}}]
    outs: [results/toy/metrics.csv: {{cache: false}}, results/toy/curves: {{cache: false}}]
    metrics: [results/toy/metrics.json: {{cache: false}}]
  publish:
    cmd: {CALL} table figure tables figures all -- all
    deps:
      - workflow/rules/publish.smk
      - code/table.sh
      - code/figure.sh
      - results/toy/metrics.csv
      - results/toy/metrics.json
    params: [{{{STUDY}: [title]}}]
    outs: [results/toy/tables: {{cache: false}}, results/toy/figures: {{cache: false}}]
plots:
  - SRCC by epoch: {{x: epoch, y: {{results/toy/curves/toy.csv: srcc}}}}
"""
NOT_TRAINING = ("evaluate", "summary", "metrics", "table", "figure", "tables", "figures", "all")
NO_TRAINING = ("--allowed-rules", *NOT_TRAINING, "--")


def write_toy(folder: Path) -> None:
    """Write the repository's files: code, raw data, study, stages, our profiles and settings."""
    files = {
        "Snakefile": SNAKEFILE,
        **{f"workflow/rules/{name}.smk": text for name, text in RULES.items()},
        **{f"code/{name}.sh": text for name, text in CODE.items()},
        **{f"raw/{name}.txt": f"pictures {name}\n" for name in PICTURES},
        STUDY: f"title: Toy\ndatasets: [{', '.join(PICTURES)}]\n",
        RECIPE: "epochs: 2 # short\n",
        "dvc.yaml": STAGES,
        ".gitignore": f".snakemake\n/{RUNS}\n",
        ".dvcignore": ".snakemake\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    shutil.copytree(REPOSITORY / "workflow" / "profiles", folder / "workflow" / "profiles")
    (folder / "profiles").symlink_to("workflow/profiles")


class Toy:
    """A copy of the study, and the tools called in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *words: str, status: int = 0, **environment: str) -> str:
        """Call a tool; return all that it says, and insist on its status."""
        done = subprocess.run(
            words,
            cwd=self.root,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{words}: status {done.returncode}\n{done.stdout}"
        return done.stdout

    def snakemake(self, *words: str, status: int = 0) -> str:
        return self.run("snakemake", "--cores", "1", *words, status=status)

    def commit(self, message: str = "change") -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", message)

    def path(self, name: str) -> Path:
        return self.root / name

    def read(self, name: str) -> str:
        return self.path(name).read_text()

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert old in text
        self.path(name).write_text(text.replace(old, new))

    def outputs(self) -> dict[str, bytes]:
        """Return the content of all that the study makes."""
        made = [*self.path("data").rglob("*"), *self.path("results").rglob("*")]
        return {
            str(file.relative_to(self.root)): file.read_bytes() for file in made if file.is_file()
        }
