"""One process that has loaded the large libraries, from which the steps of a workflow fork.

Loading torch and its company takes seconds, a short training not much more. While a workflow
runs on one machine, a *warm* process waits beside it: a step asks it to fork a child that has
the libraries already and does the step's work. The child imports biqa itself anew, so an edited
file counts; only libraries are shared. A step that finds no warm process loads what it needs.
"""
