"""From an official or generated archive to pictures that train fast, and splits."""


rule pristine:
    """Find an archive of pristine pictures in a folder."""
    output:
        "data/pristine/kodak.zip",
    log:
        "data/logs/pristine.log",
    params:
        folders=f"--archives {plan.archives}" if plan.archives else "",
    shell:
        "python -m biqa pristine {params.folders} --output {output} > {log} 2>&1"


if plan.generated:

    rule generate:
        """Draw the pictures of a generated dataset."""
        input:
            lambda wildcards: plan.pristine_input(wildcards.dataset),
        output:
            "data/archives/{dataset}.archive",
        log:
            "data/logs/generate/{dataset}.log",
        wildcard_constraints:
            dataset="|".join(plan.generated),
        params:
            code=lambda wildcards: plan.code.generation(wildcards.dataset),
            pristine=lambda wildcards, input: "--pristine" if input else "",
        shell:
            "python -m biqa generate --dataset {wildcards.dataset} {params.pristine} {input}"
            " --output {output} > {log} 2>&1"


rule download:
    """Find the official archive in a folder, or fetch it.

    The checksum of a first download is kept in data/checksums, which git keeps. It is no output:
    outputs are deleted before a job runs, and it has to be there to be compared with.
    """
    output:
        "data/archives/{dataset}.archive",
    log:
        "data/logs/download/{dataset}.log",
    wildcard_constraints:
        dataset="|".join(plan.downloaded) or "^$",
    params:
        folders=f"--archives {plan.archives}" if plan.archives else "",
    shell:
        "python -m biqa download --dataset {wildcards.dataset} {params.folders}"
        " --checksums data/checksums --output {output} > {log} 2>&1"


rule weights:
    """Find a published weights file in a folder."""
    output:
        "data/weights/{file}.safetensors",
    log:
        "data/logs/weights/{file}.log",
    params:
        folders=f"--folders {plan.weights}" if plan.weights else "",
    shell:
        "python -m biqa weights --file {wildcards.file}.safetensors {params.folders}"
        " --output {output} > {log} 2>&1"


rule verify:
    """Decode every picture; hold counts and ranges against the dataset's facts."""
    input:
        "data/archives/{dataset}.archive",
    output:
        "data/verified/{dataset}.json",
    log:
        "data/logs/verify/{dataset}.log",
    params:
        code=lambda wildcards: plan.code.dataset("verify", wildcards.dataset),
    shell:
        "python -m biqa verify --dataset {wildcards.dataset} --archive {input}"
        " --output {output} > {log} 2>&1"


rule prepare:
    """Decode the pictures once, into one file that training maps into memory."""
    input:
        archive="data/archives/{dataset}.archive",
        verified="data/verified/{dataset}.json",
    output:
        "data/prepared/{dataset}/{size}/pixels.bin",
        "data/prepared/{dataset}/{size}/pictures.csv",
        "data/prepared/{dataset}/{size}/facts.json",
    log:
        "data/logs/prepare/{dataset}-{size}.log",
    params:
        code=lambda wildcards: plan.code.dataset("prepare", wildcards.dataset),
        folder="data/prepared/{dataset}/{size}",
    shell:
        "python -m biqa prepare --dataset {wildcards.dataset} --archive {input.archive}"
        " --verified {input.verified} --size {wildcards.size}"
        " --output-folder {params.folder} > {log} 2>&1"


rule split:
    """Divide a dataset's pictures into training, validation and test."""
    input:
        lambda wildcards: f"{plan.prepared(wildcards.dataset)}/pictures.csv",
    output:
        "data/splits/{dataset}/seed{seed}/{protocol}/split{k}.csv",
    log:
        "data/logs/split/{dataset}-{seed}-{protocol}-{k}.log",
    wildcard_constraints:
        seed="[0-9]+",
        k="[0-9]+",
    params:
        code=plan.code.step("split"),
        protocol=lambda wildcards: plan.protocol(wildcards.protocol),
    shell:
        "python -m biqa split --pictures {input} --protocol {params.protocol:q}"
        " --seed {wildcards.seed} --index {wildcards.k} --output {output} > {log} 2>&1"


rule data:
    """All pictures of the study, prepared."""
    input:
        [f"{plan.prepared(dataset)}/facts.json" for dataset in plan.study.raw["datasets"]],


rule splits:
    """All splits of the study."""
    input:
        sorted({plan.split_file(run) for run in plan.runs.values()}),
