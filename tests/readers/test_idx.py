"""The IDX format: what comes back, and the one line for what is broken."""

import struct

import numpy as np
import pytest

from mnist_vae.errors import DataError
from mnist_vae.readers.idx import parse_idx


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.mark.parametrize("shape", [(5,), (2, 28, 28)])
def test_idx_comes_back(shape) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    back = parse_idx(idx(array), "x")
    assert back.dtype == np.uint8
    assert np.array_equal(back, array)


GOOD = idx(np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an IDX file"),
        (b"\0\0\x0d" + GOOD[3:], "not an IDX file"),
        (b"\0\0\x08\x04" + GOOD[4:], "has 4 dimensions; images have 3, labels 1"),
        (GOOD[:7], "ends inside its IDX header"),
        (GOOD[:-1], r"promises 6 bytes of \(2, 3\), it has 5"),
        (b"\0\0\x08\x02" + b"\xff" * 8 + b"x", "promises 18446744065119617025 bytes"),
    ],
)
def test_a_broken_idx_file_is_named(content, reason) -> None:
    with pytest.raises(DataError, match=f"^labels.gz: .*{reason}"):
        parse_idx(content, "labels.gz")
