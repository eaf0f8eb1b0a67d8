"""Where a killed training resumes: one file for everything that decides its result."""

import contextlib
import hashlib
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mnist_vae.errors import FileError, PipelineError, first_sentence
from mnist_vae.files import provenance
from mnist_vae.files.atomic import write_bytes
from mnist_vae.files.zip_archive import read_zip
from mnist_vae.machine.arithmetic import arithmetic, own_machine
from mnist_vae.params import Params
from mnist_vae.training.digests import digest

FOLDER = Path("checkpoints")
MIN_INTERVAL_SECONDS = 2.0
MAX_TIME_SHARE = 0.01  # of the training's time that checkpoints may take
MAX_FILES = 16  # a killed sweep leaves one for each of its runs
LIVE_SECONDS = 3600  # whoever wrote a file since then may still be training


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
    and text. A damaged file, or another training's, counts as none."""

    def __init__(self, fingerprint: dict[str, Any]) -> None:
        self.key = hashlib.sha256(json.dumps(fingerprint, sort_keys=True).encode()).hexdigest()
        # DVC runs queued experiments in copies of the repository; DVC_ROOT is the original.
        self.folder = Path(os.environ.get("DVC_ROOT", ".")) / FOLDER
        self.path = self.folder / f"{self.key[:16]}.pt"
        self.next = time.monotonic() + MIN_INTERVAL_SECONDS

    def load(self, check: Callable[[Any], None]) -> dict[str, Any] | None:
        """What `save` was given; `check` raises an exception if it cannot be used."""

        def parse(file: io.BytesIO) -> dict[str, Any]:
            saved = torch.load(file, map_location="cpu", weights_only=True)
            if saved["key"] != self.key:
                raise ValueError("it belongs to another training")
            check(saved["state"])  # sizes first: a few bytes may claim to be a large tensor
            if saved["digest"] != digest(saved["state"]):
                raise ValueError("its content is not what was saved")
            return saved["state"]

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
            torch.save({"key": self.key, "state": state, "digest": digest(state)}, buffer)
            write_bytes(self.path, buffer.getbuffer())
            self.prune()
        except (FileError, OSError, MemoryError) as error:
            print(f"warning: no checkpoint: {first_sentence(error)}", file=sys.stderr)
        spent = time.monotonic() - start
        self.next = start + max(MIN_INTERVAL_SECONDS, spent / MAX_TIME_SHARE)

    def prune(self) -> None:
        """Delete all but the newest files, including those of killed writers.

        Never this training's own, however its time reads after a clock was set back, nor one that
        may be another live training's.
        """
        files, now = [], time.time()
        for path in self.folder.iterdir():
            if re.fullmatch(r"\.?[0-9a-f]{16}\.pt(\..+\.tmp)?", path.name):
                with contextlib.suppress(FileNotFoundError):  # another run renamed it meanwhile
                    files.append((path.stat().st_mtime, path))
        for written, path in sorted(files, reverse=True)[MAX_FILES:]:
            if path != self.path and now - written > LIVE_SECONDS:
                path.unlink(missing_ok=True)

    def remove(self) -> None:
        with contextlib.suppress(OSError):  # what stays is pruned later
            self.path.unlink()
