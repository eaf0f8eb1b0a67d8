"""What a library says, fit for a line."""

import pickle

from mnist_vae.errors import first_sentence

TORCH = """Weights only load failed. This file can still be loaded, to do so you have two options.
\t(1) Re-running `torch.load` with `weights_only` set to `False` will likely succeed.
WeightsUnpickler error: Unsupported global: GLOBAL posix.mkdir was not an allowed global by default.
Please use `torch.serialization.add_safe_globals([posix.mkdir])` to allowlist it."""


def test_one_line_without_advice_to_load_unsafely() -> None:
    assert first_sentence(ValueError("First 1.5\n  of it. Then more.")) == "First 1.5 of it"
    assert first_sentence(EOFError()) == "EOFError"
    assert first_sentence(ValueError("x" * 1000)) == "x" * 147 + "..."
    said = first_sentence(pickle.UnpicklingError(TORCH))
    assert said == "Unsupported global: GLOBAL posix.mkdir was not an allowed global by default"
