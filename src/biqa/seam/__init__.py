"""Where Snakemake and DVC meet: what one of them knows is told to the other.

Snakemake decides what runs, by times, parameters and checksums that it noted itself; DVC decides
what a file contains and carries it. A pull brings content without Snakemake's notes, a run of
Snakemake makes content that DVC has not seen. ``restamp`` and ``seal`` close the two gaps.
"""
