"""The IDX format of MNIST's files; Y. LeCun, the MNIST page."""

import numpy as np

from mnist_vae.errors import DataError


def parse_idx(content: bytes, name: str) -> np.ndarray:
    """IDX bytes -> uint8 array. Raises DataError, which names the file `name`."""
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
