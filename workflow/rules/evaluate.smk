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


rule metrics:
    """The metrics of all runs."""
    input:
        rules.evaluate.output,
