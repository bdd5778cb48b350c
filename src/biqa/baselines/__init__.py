"""Hand-crafted methods as runs of a study: recipes, features of a database, regression, records."""
