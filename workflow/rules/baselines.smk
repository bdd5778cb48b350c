"""Hand-crafted methods: what they learn beforehand, their features, and runs of them."""


rule basis:
    """Learn a pristine model or a codebook, from pictures without labels."""
    input:
        lambda wildcards: plan.basis_input(wildcards.method),
    output:
        f"{plan.results}/basis/{{method}}.npz",
    log:
        f"{plan.results}/logs/basis/{{method}}.log",
    params:
        code=lambda wildcards: plan.baselines.code("basis", wildcards.method),
        spec=lambda wildcards: plan.baselines.features_spec(wildcards.method),
        source=lambda wildcards: plan.basis_source(wildcards.method),
    shell:
        "python -m biqa basis --spec {params.spec:q} --code {params.code} {params.source}"
        " --output {output} > {log} 2>&1"


rule features:
    """Compute a method's features of all pictures; what a killed job has finished is kept."""
    input:
        pictures=lambda wildcards: f"{plan.prepared(wildcards.dataset)}/facts.json",
        basis=lambda wildcards: plan.baselines.basis_file(wildcards.method),
    output:
        f"{plan.results}/features/{{method}}/{{dataset}}.npz",
    log:
        f"{plan.results}/logs/features/{{method}}/{{dataset}}.log",
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        code=lambda wildcards: plan.baselines.code("features", wildcards.method),
        spec=lambda wildcards: plan.baselines.features_spec(wildcards.method),
        pictures=lambda wildcards: plan.prepared(wildcards.dataset),
        basis=lambda wildcards, input: "--basis" if input.basis else "",
        state=f"{plan.results}/.state/features/{{method}}/{{dataset}}.npz",
    shell:
        "python -m biqa features --spec {params.spec:q} --code {params.code}"
        " --pictures {params.pictures} {params.basis} {input.basis}"
        " --state {params.state} --output {output} > {log} 2>&1"


rule baseline:
    """Predict by a hand-crafted method on one split."""
    input:
        pictures=lambda wildcards: inherited.pictures(wildcards.run),
        features=lambda wildcards: inherited.inputs(wildcards.run, plan.features_of(wildcards.run)),
        split=lambda wildcards: inherited.split(wildcards.run),
        also=lambda wildcards: plan.other_features_of(wildcards.run),
    output:
        [f"{plan.results}/runs/{{run}}/{name}" for name in BASELINE_FILES],
    log:
        f"{plan.results}/logs/baseline/{{run}}.log",
    wildcard_constraints:
        run=plan.runs_of(handcrafted=True),
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=lambda wildcards: plan.baselines.code("baseline", plan.runs[wildcards.run].model),
        spec=lambda wildcards: plan.training_spec(plan.runs[wildcards.run]),
        pictures=lambda wildcards: plan.prepared(plan.runs[wildcards.run].dataset),
        others=lambda wildcards: [
            plan.prepared(other) for other in plan.runs[wildcards.run].also_test_on
        ],
        folder=f"{plan.results}/runs/{{run}}",
    shell:
        "python -m biqa baseline --spec {params.spec:q} --code {params.code}"
        " --pictures {params.pictures} --features {input.features} --split {input.split}"
        " --also {params.others} --also-features {input.also}"
        " --output {params.folder} > {log} 2>&1"
