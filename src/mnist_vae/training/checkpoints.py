"""Where a killed training resumes: one file for everything that decides its result."""

import contextlib
import hashlib
import io
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mnist_vae.errors import FileError, PipelineError, first_sentence
from mnist_vae.files import provenance
from mnist_vae.files.io import write_bytes
from mnist_vae.files.zip_archive import read_zip
from mnist_vae.machine.arithmetic import arithmetic, own_machine
from mnist_vae.params.schema import Params

FOLDER = Path("checkpoints")
MIN_INTERVAL_SECONDS = 2.0
MAX_TIME_SHARE = 0.01  # of the training's time that checkpoints may take
KEPT_SECONDS = 7 * 24 * 3600  # for a training that was killed and not resumed


def fingerprint(params: Params, images: Sequence[np.ndarray], device: torch.device) -> dict:
    """Everything that decides what training gives: runs with equal ones share a checkpoint."""
    package = [m.__file__ for name, m in sys.modules.items() if name.split(".")[0] == "mnist_vae"]
    stage = getattr(sys.modules["__main__"], "__file__", None)
    code = {Path(file) for file in (*package, stage) if file and Path(file).is_file()}
    return {
        "params": provenance.of_model(params),
        "images": [hashlib.sha256(np.ascontiguousarray(part).data).hexdigest() for part in images],
        "code": sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in code),
        "libraries": [torch.__version__.partition("+")[0], np.__version__],
        "arithmetic": [arithmetic(device), own_machine(device)],
    }


class Checkpoint:
    """Saves and loads the state of one training: nested mappings and sequences of tensors, numbers
    and text."""

    def __init__(self, fingerprint: dict[str, Any]) -> None:
        key = hashlib.sha256(json.dumps(fingerprint, sort_keys=True).encode()).hexdigest()
        # DVC runs queued experiments in copies of the repository; DVC_ROOT is the original.
        self.path = Path(os.environ.get("DVC_ROOT", ".")) / FOLDER / f"{key[:16]}.pt"
        self.next = time.monotonic() + MIN_INTERVAL_SECONDS

    def load(self) -> dict[str, Any] | None:
        """What `save` was given last. A damaged file counts as none."""
        if not self.path.exists():
            return None
        try:
            return read_zip(self.path, "a checkpoint", parse)
        except PipelineError as error:
            print(f"warning: ignored: {error}", file=sys.stderr)
            return None

    def due(self) -> bool:
        return time.monotonic() >= self.next

    def save(self, state: dict[str, Any]) -> None:
        """Replace the file. If there is no room for it, training continues without."""
        start = time.monotonic()
        try:
            buffer = io.BytesIO()
            torch.save(state, buffer)
            write_bytes(self.path, buffer.getbuffer())
        except (FileError, MemoryError) as error:
            print(f"warning: no checkpoint: {first_sentence(error)}", file=sys.stderr)
        spent = time.monotonic() - start
        self.next = start + max(MIN_INTERVAL_SECONDS, spent / MAX_TIME_SHARE)

    def remove(self) -> None:
        """Delete the file, and those that other trainings left long ago."""
        with contextlib.suppress(OSError):
            self.path.unlink()
        for path in self.path.parent.glob("*"):
            with contextlib.suppress(OSError):  # a sweep's folder, or another run was faster
                if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                    path.unlink()


def parse(file: io.BytesIO) -> dict[str, Any]:
    return torch.load(file, map_location="cpu", weights_only=True)
