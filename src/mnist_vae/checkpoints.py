"""Where a training that was killed goes on: one file for all that decides its result."""

import contextlib
import hashlib
import io
import json
import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mnist_vae.artifacts import read, write_bytes
from mnist_vae.errors import FileError, PipelineError, brief
from mnist_vae.params import OF_MODEL, Params, flat

FOLDER = Path("checkpoints")
SECONDS = 2.0  # from one checkpoint to the next, at least
SHARE = 0.01  # of the time that checkpoints may take
KEPT = 16  # files; a sweep that is killed leaves one for each of its runs


def deciders(params: Params, images: Sequence[np.ndarray], device: torch.device) -> dict[str, Any]:
    """All that decides what training gives: two runs may share a checkpoint if these are equal."""
    package = [m.__file__ for name, m in sys.modules.items() if name.split(".")[0] == __package__]
    stage = getattr(sys.modules["__main__"], "__file__", None)
    code = {Path(file) for file in (*package, stage) if file and Path(file).is_file()}
    cpu = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    return {
        "params": flat(params, OF_MODEL),
        "images": [hashlib.sha256(np.ascontiguousarray(part)).hexdigest() for part in images],
        "code": sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in code),
        "libraries": [sys.version, torch.__version__, np.__version__],
        "machine": [platform.machine(), *re.findall(r"(?:model name|flags)\s*:.*", cpu)[:2]],
        "products": [torch.backends.mkldnn.matmul.fp32_precision, str(device)],
        "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
    }


class Checkpoint:
    """Saves and gives back the state of one training: anything that torch.save takes and that
    loads without unpickling code. In a damaged or another training's file there is none."""

    def __init__(self, deciders: dict[str, Any]) -> None:
        self.key = hashlib.sha256(json.dumps(deciders, sort_keys=True).encode()).hexdigest()
        # DVC runs queued experiments in copies of the repository; DVC_ROOT is the original.
        self.folder = Path(os.environ.get("DVC_ROOT", ".")) / FOLDER
        self.path = self.folder / f"{self.key[:16]}.pt"
        self.next = time.monotonic() + SECONDS

    def load(self) -> dict[str, Any] | None:
        if not self.path.exists():
            return None
        try:
            return read(self.path, "a checkpoint", self.parse)
        except PipelineError as error:
            print(f"warning: ignored: {error}", file=sys.stderr)
            return None

    def parse(self, file: io.BytesIO) -> dict[str, Any]:
        saved = torch.load(file, map_location="cpu", weights_only=True)
        if saved["key"] != self.key:
            raise ValueError("it belongs to another training")
        return saved["state"]

    def due(self) -> bool:
        return time.monotonic() >= self.next

    def save(self, state: dict[str, Any]) -> None:
        """Replace the file. Training goes on without one if there is no room for it."""
        start = time.monotonic()
        try:
            buffer = io.BytesIO()
            torch.save({"key": self.key, "state": state}, buffer)
            write_bytes(self.path, buffer.getbuffer())
            self.prune()
        except (FileError, OSError, MemoryError) as error:
            print(f"warning: no checkpoint: {brief(error)}", file=sys.stderr)
        spent = time.monotonic() - start
        self.next = start + max(SECONDS, spent / SHARE)

    def prune(self) -> None:
        """Delete all but the newest files, those of writers that were killed included."""
        files = []
        for path in self.folder.iterdir():
            if re.fullmatch(r"\.?[0-9a-f]{16}\.pt(\.\d+\.tmp)?", path.name):
                with contextlib.suppress(FileNotFoundError):  # another run's, renamed meanwhile
                    files.append((path.stat().st_mtime, path))
        for _, path in sorted(files, reverse=True)[KEPT:]:
            path.unlink(missing_ok=True)

    def remove(self) -> None:
        with contextlib.suppress(OSError):  # what stays is pruned some time
            self.path.unlink()
