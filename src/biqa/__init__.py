"""Blind image quality assessment, rebuilt: three papers, from pictures to tables."""

__version__ = "0.1.0"
