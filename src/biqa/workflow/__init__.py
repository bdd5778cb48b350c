"""From a study file to its runs, and from a step to the code it depends on."""
