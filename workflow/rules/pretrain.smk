"""Networks prepared on distortions of one database or several, for others to start from."""


rule prior:
    """Learn a prior: bi-level (MetaIQA), pooled (its baseline), distortion classes (S-CNN)."""
    input:
        pictures=lambda wildcards: [
            f"{folder}/facts.json" for folder in plan.prior_pictures(wildcards.prior)
        ],
        weights=lambda wildcards: plan.weights_file(plan.prior_model(wildcards.prior)),
        split=lambda wildcards: plan.prior_split(wildcards.prior),
    output:
        weights=f"{plan.results}/priors/{{prior}}/weights.safetensors",
        history=f"{plan.results}/priors/{{prior}}/history.csv",
        record=f"{plan.results}/priors/{{prior}}/record.json",
    log:
        f"{plan.results}/logs/prior/{{prior}}.log",
    threads: lambda wildcards: plan.prior_hardware(wildcards.prior).threads
    resources:
        gpu=lambda wildcards: int(plan.prior_hardware(wildcards.prior).device == "cuda"),
        vram_mb=lambda wildcards: plan.prior_vram(wildcards.prior),
        mem_mb=4000,
        runtime=240,
    params:
        code=lambda wildcards: plan.code.model("prior", plan.prior_model(wildcards.prior)),
        spec=lambda wildcards: plan.prior_spec(wildcards.prior),
        pictures=lambda wildcards: plan.prior_pictures(wildcards.prior),
        weights=lambda wildcards, input: "--weights" if input.weights else "",
        split=lambda wildcards, input: "--split" if input.split else "",
        folder=f"{plan.results}/priors/{{prior}}",
    shell:
        "python -m biqa prior --spec {params.spec:q} --code {params.code}"
        " --pictures {params.pictures} {params.weights} {input.weights}"
        " {params.split} {input.split}"
        " --output {params.folder} > {log} 2>&1"


rule priors:
    """All priors of the study."""
    input:
        [f"{plan.results}/priors/{prior}/record.json" for prior in plan.priors],
