"""Validate params.yaml before another stage deletes or computes anything.

reads   params.yaml
writes  data/params.ok, which every other stage waits for and whose content never changes
"""

import os
import textwrap
from pathlib import Path

from _stage import run

from mnist_vae.errors import ParamsError
from mnist_vae.files.io import write_bytes
from mnist_vae.git import GitError, git
from mnist_vae.params import datasets
from mnist_vae.params.dotted import differences, flatten
from mnist_vae.params.loading import PARAMS, load_params, load_text, load_tree

# `dvc exp run -S` leaves a refused value in the file, where the next command meets it again.
UNDO = "`git checkout params.yaml` discards all edits to it"
CHECKED = Path("data/params.ok")


def main() -> None:
    try:
        expect_tracked()
        load_params()
        print_differences()
    except ParamsError as fault:
        if not str(fault).startswith("params.yaml"):
            raise  # the file of a network or a data set is at fault
        raise ParamsError(f"{fault} ({UNDO})") from None
    write_bytes(CHECKED, b"params.yaml was valid\n")


def expect_tracked() -> None:
    """Raises ParamsError in a queued run, which has a copy of the repository, for a data set that
    lies in the original alone."""
    tree = load_tree(PARAMS)
    name = str(tree.get("dataset")) if isinstance(tree, dict) else ""
    original = Path(os.environ.get("DVC_ROOT", ".")) / datasets.FOLDER.name / name
    if name and name not in datasets.names() and original.is_dir():
        raise ParamsError(datasets.untracked(name))


def print_differences() -> None:
    """`-S` adds to what the flags of earlier runs have left in params.yaml."""
    try:
        committed = load_text(git("show", f"HEAD:./{PARAMS}"))
    except (GitError, ParamsError):  # a copy without Git, or before the first commit
        return
    if odd := differences(flatten(committed), flatten(load_tree(PARAMS))):
        print(textwrap.fill(f"{PARAMS} differs from the last commit: {', '.join(odd)}", 100))
        print("`git checkout params.yaml` takes it back")


if __name__ == "__main__":
    run(main)
