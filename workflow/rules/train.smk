"""One training a dataset, model, loss, recipe and split, and its predictions."""


rule stem:
    """Compute once a database what a recipe holds still of a network.

    Runs take it as ancient: made again it has the same bytes, and a run's own spec says which stem
    it is. It is not temporary: Snakemake trains runs again whose input was missing.
    """
    input:
        pictures=lambda wildcards: f"{plan.prepared(plan.stems.at(wildcards.stem).dataset)}/facts.json",
        weights=lambda wildcards: plan.weights_file(plan.stems.at(wildcards.stem).model),
    output:
        "data/stems/{stem}/maps.bin",
        "data/stems/{stem}/facts.json",
    log:
        "data/logs/stem/{stem}.log",
    wildcard_constraints:
        stem="[^/]+/[^/]+/[^/]+",
    threads: lambda wildcards: plan.stems.at(wildcards.stem).hardware.threads
    resources:
        gpu=lambda wildcards: int(plan.stems.at(wildcards.stem).hardware.device == "cuda"),
        mem_mb=4000,
        runtime=240,
    params:
        code=lambda wildcards: plan.code.model("stem", plan.stems.at(wildcards.stem).model),
        spec=lambda wildcards: plan.stems.at(wildcards.stem).spec,
        pictures=lambda wildcards: plan.prepared(plan.stems.at(wildcards.stem).dataset),
        weights=lambda wildcards, input: "--weights" if input.weights else "",
        folder="data/stems/{stem}",
    shell:
        "python -m biqa stem --spec {params.spec:q} --code {params.code}"
        " --pictures {params.pictures} {params.weights} {input.weights}"
        " --output-folder {params.folder} > {log} 2>&1"


rule train:
    """Train one network; what an interrupted training has finished is kept under .state."""
    input:
        pictures=lambda wildcards: inherited.pictures(wildcards.run),
        split=lambda wildcards: inherited.split(wildcards.run),
        weights=lambda wildcards: inherited.inputs(
            wildcards.run, *plan.weights_file(plan.runs[wildcards.run].model)
        ),
        prior=lambda wildcards: inherited.inputs(
            wildcards.run, *plan.prior_file(plan.runs[wildcards.run])
        ),
        stem=lambda wildcards: inherited.stem(wildcards.run),
    output:
        [f"{plan.results}/runs/{{run}}/{name}" for name in RUN_FILES],
    log:
        f"{plan.results}/logs/train/{{run}}.log",
    wildcard_constraints:
        run=plan.runs_of(handcrafted=False),
    threads: lambda wildcards: plan.hardware(wildcards.run).threads
    resources:
        gpu=lambda wildcards: int(plan.hardware(wildcards.run).device == "cuda"),
        vram_mb=lambda wildcards: plan.study.vram[plan.runs[wildcards.run].recipe],
        mem_mb=4000,
        runtime=240,
    params:
        code=lambda wildcards: plan.training_code(wildcards.run),
        spec=lambda wildcards: plan.training_spec(plan.runs[wildcards.run]),
        pictures=lambda wildcards: plan.prepared(plan.runs[wildcards.run].dataset),
        weights=lambda wildcards, input: "--weights" if input.weights else "",
        prior=lambda wildcards, input: "--prior" if input.prior else "",
        stem=lambda wildcards: plan.stems.words(wildcards.run),
        folder=f"{plan.results}/runs/{{run}}",
        state=f"{plan.results}/.state/{{run}}.pt",
    shell:
        "python -m biqa train --spec {params.spec:q} --code {params.code}"
        " --pictures {params.pictures} --split {input.split}"
        " {params.weights} {input.weights} {params.prior} {input.prior}"
        " {params.stem} --state {params.state} --output {params.folder} > {log} 2>&1"


rule predict:
    """Score every picture of the run's dataset, and of others, with the chosen weights."""
    input:
        weights=f"{plan.results}/runs/{{run}}/weights.safetensors",
        pictures=lambda wildcards: inherited.pictures(wildcards.run),
        split=lambda wildcards: inherited.split(wildcards.run),
        stem=lambda wildcards: inherited.stem(wildcards.run),
        also=lambda wildcards: [
            f"{plan.prepared(other)}/facts.json" for other in plan.runs[wildcards.run].also_test_on
        ],
    output:
        f"{plan.results}/runs/{{run}}/predictions.csv.gz",
    log:
        f"{plan.results}/logs/predict/{{run}}.log",
    wildcard_constraints:
        run=plan.runs_of(handcrafted=False),
    threads: lambda wildcards: plan.hardware(wildcards.run).threads
    resources:
        gpu=lambda wildcards: int(plan.hardware(wildcards.run).device == "cuda"),
        vram_mb=lambda wildcards: plan.study.vram[plan.runs[wildcards.run].recipe],
        mem_mb=4000,
        runtime=60,
    params:
        code=lambda wildcards: plan.code.model("predict", plan.runs[wildcards.run].model),
        pictures=lambda wildcards: plan.prepared(plan.runs[wildcards.run].dataset),
        also=lambda wildcards: [
            plan.prepared(other) for other in plan.runs[wildcards.run].also_test_on
        ],
        stem=lambda wildcards: plan.stems.words(wildcards.run),
        folder=f"{plan.results}/runs/{{run}}",
    shell:
        "python -m biqa predict --run {params.folder} --pictures {params.pictures}"
        " --split {input.split} {params.stem} --also {params.also}"
        " --output {output} > {log} 2>&1"


rule maps:
    """Map which pixels a run's score depends on, for the worst pictures of its test part."""
    input:
        weights=f"{plan.results}/runs/{{run}}/weights.safetensors",
        pictures=lambda wildcards: inherited.pictures(wildcards.run),
        split=lambda wildcards: inherited.split(wildcards.run),
    output:
        f"{plan.results}/runs/{{run}}/gradients.npz",
    log:
        f"{plan.results}/logs/maps/{{run}}.log",
    threads: lambda wildcards: plan.hardware(wildcards.run).threads
    resources:
        gpu=lambda wildcards: int(plan.hardware(wildcards.run).device == "cuda"),
        mem_mb=4000,
        runtime=30,
    params:
        code=lambda wildcards: plan.code.model("maps", plan.runs[wildcards.run].model),
        pictures=lambda wildcards: plan.prepared(plan.runs[wildcards.run].dataset),
        folder=f"{plan.results}/runs/{{run}}",
    shell:
        "python -m biqa maps --run {params.folder} --pictures {params.pictures}"
        " --split {input.split} --output {output} > {log} 2>&1"


rule models:
    """All trainings of the study."""
    input:
        plan.run_files("record.json"),


rule predictions:
    """All predictions of the study: what tables, figures and verdicts are made of."""
    input:
        plan.run_files("predictions.csv.gz", "epochs.csv.gz", "history.csv", "record.json"),


rule gradient_maps:
    """The gradient maps that the study's figures and report show."""
    input:
        plan.gradient_files(),
