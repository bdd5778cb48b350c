"""From predictions to metrics; from here on nothing needs torch."""


rule evaluate:
    """Judge every run on its test part."""
    input:
        plan.run_files("predictions.csv.gz", "epochs.csv.gz", "history.csv", "record.json"),
    output:
        metrics=f"{plan.results}/metrics.csv",
        curves=f"{plan.results}/curves.csv",
    log:
        f"{plan.results}/logs/evaluate.log",
    threads: 4  # or as many as --cores allows
    params:
        code=plan.code.step("evaluate"),
        runs=plan.evaluation_key(),
        study=plan.study.file,
        results=plan.results,
    shell:
        "python -m biqa evaluate --study-file {params.study} --results {params.results}"
        " --jobs {threads} > {log} 2>&1"


rule summary:
    """The medians over the splits, for 'dvc metrics' and 'dvc plots'."""
    input:
        metrics=f"{plan.results}/metrics.csv",
        curves=f"{plan.results}/curves.csv",
    output:
        medians=f"{plan.results}/metrics.json",
        curves=plan.curve_files(),
    log:
        f"{plan.results}/logs/summary.log",
    params:
        code=plan.code.step("summary"),
        folder=f"{plan.results}/curves",
    shell:
        "python -m biqa summary --metrics {input.metrics} --curves {input.curves}"
        " --output {output.medians} --output-folder {params.folder} > {log} 2>&1"


rule subsets:
    """Judge every run on each subset of the databases that have some."""
    input:
        plan.run_files("predictions.csv.gz", "record.json"),
    output:
        f"{plan.results}/subsets.csv",
    log:
        f"{plan.results}/logs/subsets.log",
    params:
        code=plan.code.step("subsets"),
        runs=plan.evaluation_key(),
        study=plan.study.file,
        results=plan.results,
    shell:
        "python -m biqa subsets --study-file {params.study} --results {params.results}"
        " --output {output} > {log} 2>&1"


rule metrics:
    """The metrics of all runs, and their medians."""
    input:
        rules.evaluate.output,
        rules.summary.output,
        plan.subsets_file(),
