"""What theory says of the losses, computed, and what the papers state of them."""

if plan.theory:

    rule gradients:
        """Compute properties of the losses and watch gradients along a training run of each."""
        input:
            pictures=f"{plan.prepared(plan.theory['dataset'])}/facts.json",
            split=plan.theory_split(),
            weights=plan.weights_file(plan.theory["model"]),
        output:
            f"{plan.results}/theory/measures.csv",
        log:
            f"{plan.results}/logs/gradients.log",
        threads: plan.study.recipes[plan.theory["recipe"]].hardware.threads
        params:
            code=plan.code.gradients(),
            spec=plan.theory_spec(),
            pictures=plan.prepared(plan.theory["dataset"]),
            weights=lambda wildcards, input: "--weights" if input.weights else "",
        shell:
            "python -m biqa gradients --spec {params.spec:q} --pictures {params.pictures}"
            " --split {input.split} {params.weights} {input.weights} --output {output} > {log} 2>&1"

    rule theory:
        """The table and figure that set the papers' statements beside the numbers."""
        input:
            measures=f"{plan.results}/theory/measures.csv",
            statements=local("config/statements.yaml"),
        output:
            csv=f"{plan.results}/theory/theory.csv",
            markdown=f"{plan.results}/theory/theory.md",
            latex=f"{plan.results}/theory/theory.tex",
            html=report(
                f"{plan.results}/theory/theory.html",
                caption="../report/theory.rst",
                category=summary_page.OURS,
                subcategory="Tables",
            ),
            pdf=f"{plan.results}/theory/theory.pdf",
            svg=report(
                f"{plan.results}/theory/theory.svg",
                caption="../report/theory.rst",
                category=summary_page.OURS,
                subcategory="Figures",
            ),
            png=f"{plan.results}/theory/theory.png",
        log:
            f"{plan.results}/logs/theory.log",
        params:
            code=plan.code.publishing("theory"),
            declared=plan.theory_spec(),
            study=plan.study.file,
            folder=f"{plan.results}/theory",
        shell:
            "python -m biqa theory --study-file {params.study} --measures {input.measures}"
            " --statements {input.statements} --output {params.folder} > {log} 2>&1"
