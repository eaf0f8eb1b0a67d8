"""brief(): what a library says, fit for a line."""

import pickle

import pytest

from mnist_vae.errors import brief

TORCH = """Weights only load failed. This file can still be loaded, to do so you have two options.
\t(1) Re-running `torch.load` with `weights_only` set to `False` will likely succeed.
WeightsUnpickler error: Unsupported global: GLOBAL posix.mkdir was not an allowed global by default.
Please use `torch.serialization.add_safe_globals([posix.mkdir])` to allowlist it."""


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("a\n  b"), "a b"),
        (EOFError(), "EOFError"),
        (ValueError("x" * 1000), "x" * 147 + "..."),
        (
            pickle.UnpicklingError(TORCH),
            "Unsupported global: GLOBAL posix.mkdir was not an allowed global by default",
        ),
    ],
)
def test_one_line_without_advice_to_load_unsafely(error, line) -> None:
    assert brief(error) == line
