"""The four files of a data set from the first mirror that delivers them, checksums verified."""

import gzip
import hashlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mnist_vae.errors import DownloadError, ParamsError
from mnist_vae.params.datasets import IdxFiles
from mnist_vae.readers.http import MirrorFaultError, download, without_login
from mnist_vae.readers.idx import parse_idx

MAX_BYTES = 32 * 2**20  # of one file; the largest, of Fashion-MNIST, has 26 million


def load_idx_files(name: str, idx: IdxFiles) -> tuple[np.ndarray, ...]:
    """The arrays of the files, in their order. Raises DownloadError.

    The mirrors are those of a class in torchvision.datasets, or the one that an environment
    variable, MNIST_MIRROR for the data set `mnist`, names.
    """
    variable = f"{name.upper().replace('-', '_')}_MIRROR"
    sources = mirrors(idx.torchvision, variable)
    contents = fetch_all(idx.torchvision, idx.files, sources, variable)
    return tuple(parse_idx(gzip.decompress(contents[file]), file) for file in idx.files)


def mirrors(name: str, variable: str) -> Sequence[str]:
    """The user's own mirror alone if the `variable` names one (a folder or an http(s) URL), else
    torchvision's."""
    own = os.environ.get(variable)
    if own:
        return [own]
    known = torchvision_datasets()
    if name not in known or not hasattr(known[name], "mirrors"):
        raise ParamsError(f"idx.torchvision is {name}; torchvision.datasets knows no mirrors of it")
    return known[name].mirrors


def torchvision_datasets() -> Mapping[str, Any]:
    """The content of torchvision.datasets, by name."""
    try:
        from torchvision import datasets
    except RuntimeError:
        # The Linux wheel is built for CUDA. Beside a CPU-only torch its compiled operators are
        # missing, and the import asks for their schemas; its datasets use none of them.
        import torch

        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        for module in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[module]
        from torchvision import datasets
    return vars(datasets)


def fetch_all(
    name: str, files: Mapping[str, str], mirrors: Sequence[str], variable: str
) -> dict[str, bytes]:
    """The content of each file, from the first mirror that delivers it. Raises DownloadError."""
    contents: dict[str, bytes] = {}
    faults = []
    for mirror in mirrors:
        try:
            for file, md5 in files.items():
                if file not in contents:
                    contents[file] = fetch(mirror, file, md5)
            return contents
        except MirrorFaultError as fault:
            faults.append(f"{without_login(mirror)}: {fault}")
            print(f"warning: {faults[-1]}", file=sys.stderr)
    raise DownloadError(
        f"no mirror delivered {name} ({'; '.join(faults)}). Set {variable} to a folder or "
        "an http(s) URL that holds the four .gz files, or use the embedded digits: "
        "dvc exp run -S dataset=mnist_5k"
    )


def fetch(mirror: str, file: str, md5: str) -> bytes:
    """One file from one mirror, its checksum verified. Raises MirrorFaultError."""
    content = read(mirror, file)
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
        kind = "an HTML page" if content.lstrip()[:1] == b"<" else f"{len(content):,} wrong bytes"
        raise MirrorFaultError(f"{file}: {kind} instead of the file (its MD5 differs)")
    return content


def read(mirror: str, file: str) -> bytes:
    """Whatever the mirror holds under that name. Raises MirrorFaultError."""
    if re.match("https?://", mirror, re.IGNORECASE):
        return download(mirror, file, MAX_BYTES)
    if "://" in mirror:
        raise MirrorFaultError("is neither a folder nor an http(s) URL")
    try:
        # DVC runs queued experiments in a copy of the repository; DVC_ROOT is the original.
        return (Path(os.environ.get("DVC_ROOT", ".")) / mirror / file).read_bytes()
    except (OSError, ValueError) as error:
        raise MirrorFaultError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
