"""A grid of experiments, on this machine or on a Slurm cluster.

Each point is an ordinary DVC experiment, run in a clone of its own; done means that its ref exists.
"""
