"""Validate params.yaml, first of all, before another stage deletes or computes anything.

reads   params.yaml
writes  nothing
"""

from _stage import run

from mnist_vae.params import load_params

if __name__ == "__main__":
    run(lambda: load_params() and None)
