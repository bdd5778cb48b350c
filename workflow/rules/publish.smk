"""Verdicts, tables, figures and the report."""


rule claims:
    """A verdict for every claim of the papers."""
    input:
        f"{plan.results}/metrics.csv",
        f"{plan.results}/curves.csv",
        claims=local("config/claims.yaml"),
    output:
        csv=report(f"{plan.results}/claims.csv", caption="../report/claims.rst", category="Claims"),
        json=f"{plan.results}/claims.json",
    log:
        f"{plan.results}/logs/claims.log",
    params:
        code=plan.code.publishing("claims"),
        results=plan.results,
    shell:
        "python -m biqa claims --claims-file {input.claims} --results {params.results}"
        " --output-csv {output.csv} --output-json {output.json} > {log} 2>&1"


rule verdicts:
    """The verdicts on all claims."""
    input:
        rules.claims.output,


rule table:
    """One table, as tidy numbers, Markdown, LaTeX and HTML."""
    input:
        f"{plan.results}/metrics.csv",
        f"{plan.results}/curves.csv",
        lambda wildcards: plan.subsets_file(wildcards.artefact),
        lambda wildcards: [
            local(file) for file in plan.published_files("tables", wildcards.artefact)
        ],
    output:
        csv=f"{plan.results}/tables/{{artefact}}.csv",
        markdown=f"{plan.results}/tables/{{artefact}}.md",
        latex=f"{plan.results}/tables/{{artefact}}.tex",
        html=report(
            f"{plan.results}/tables/{{artefact}}.html",
            caption="../report/artefact.rst",
            category=summary_page.category(plan.study, "tables"),
            subcategory="Tables",
            labels=summary_page.labels(plan.study, "tables"),
        ),
    log:
        f"{plan.results}/logs/table/{{artefact}}.log",
    params:
        code=plan.code.publishing("table"),
        declared=lambda wildcards: plan.artefact("tables", wildcards.artefact),
        about=lambda wildcards: summary_page.about(plan.study, "tables", wildcards.artefact),
        study=plan.study.file,
        results=plan.results,
    shell:
        "python -m biqa table --study-file {params.study} --artefact {wildcards.artefact}"
        " --results {params.results} --output-csv {output.csv}"
        " --output-markdown {output.markdown} --output-latex {output.latex}"
        " --output-html {output.html} > {log} 2>&1"


rule figure:
    """One figure, as PDF, SVG and PNG."""
    input:
        f"{plan.results}/metrics.csv",
        f"{plan.results}/curves.csv",
        lambda wildcards: [
            local(file) for file in plan.published_files("figures", wildcards.artefact)
        ],
        lambda wildcards: plan.gradient_files(wildcards.artefact),
    output:
        pdf=f"{plan.results}/figures/{{artefact}}.pdf",
        svg=report(
            f"{plan.results}/figures/{{artefact}}.svg",
            caption="../report/artefact.rst",
            category=summary_page.category(plan.study, "figures"),
            subcategory="Figures",
            labels=summary_page.labels(plan.study, "figures"),
        ),
        png=f"{plan.results}/figures/{{artefact}}.png",
    log:
        f"{plan.results}/logs/figure/{{artefact}}.log",
    params:
        code=plan.code.publishing("figure"),
        declared=lambda wildcards: plan.artefact("figures", wildcards.artefact),
        about=lambda wildcards: summary_page.about(plan.study, "figures", wildcards.artefact),
        study=plan.study.file,
        results=plan.results,
    shell:
        "python -m biqa figure --study-file {params.study} --artefact {wildcards.artefact}"
        " --results {params.results} --output-svg {output.svg}"
        " --output-png {output.png} --output-pdf {output.pdf} > {log} 2>&1"


rule tables:
    """All tables of the study."""
    input:
        plan.files_of("tables"),


rule figures:
    """All figures of the study."""
    input:
        plan.files_of("figures"),


# Each table and figure is a target by its name: snakemake dcq_table4
for target in plan.targets():

    rule:
        name:
            target
        input:
            plan.target_files(target),


rule no_such_target:
    """Say what there is, where a target is no rule, table or figure of the study."""
    input:
        lambda wildcards: plan.refuse(wildcards.target),
    output:
        touch("{target}"),


rule report:
    """One page with every table and figure."""
    input:
        rules.tables.input,
        rules.figures.input,
        f"{plan.results}/metrics.csv",
        f"{plan.results}/curves.csv",
        f"{plan.results}/claims.json",
        plan.theory_files("measures.csv", "theory.csv", "theory.svg"),
        plan.gradient_files(),
        claims=local("config/claims.yaml"),
    output:
        report(
            f"{plan.results}/report/index.html",
            caption="../report/page.rst",
            category="Whole report",
        ),
    log:
        f"{plan.results}/logs/report.log",
    params:
        code=plan.code.publishing("report"),
        declared=plan.declaration(),
        study=plan.study.file,
        results=plan.results,
    shell:
        "python -m biqa report --study-file {params.study} --results {params.results}"
        " --claims-file {input.claims} --output {output} > {log} 2>&1"
