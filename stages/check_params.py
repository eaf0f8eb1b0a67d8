"""Validate params.yaml before another stage deletes or computes anything.

reads   params.yaml
writes  data/params.ok, which every other stage waits for and whose content never changes
"""

from pathlib import Path

from _stage import run

from mnist_vae.errors import ParamsError
from mnist_vae.files.io import write_bytes
from mnist_vae.params.loading import load_params

# `dvc exp run -S` leaves a refused value in the file, where the next command meets it again.
UNDO = "`git checkout params.yaml` discards all edits to it"
CHECKED = Path("data/params.ok")


def main() -> None:
    try:
        load_params()
    except ParamsError as fault:
        if not str(fault).startswith("params.yaml"):
            raise  # the file of a network or data set is at fault
        raise ParamsError(f"{fault} ({UNDO})") from None
    write_bytes(CHECKED, b"params.yaml was valid\n")


if __name__ == "__main__":
    run(main)
