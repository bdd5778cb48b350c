"""Computed datasets: what to distort and how, proxy scores, and the archive."""
