"""Reproducible comparisons. `python -m bench [NAME …]`; each takes its figures as ratios within one run."""
