"""What a library says, fit for a line; and the exit status of each error."""

import pickle

import pytest

from mnist_vae import errors
from mnist_vae.errors import first_sentence

TORCH = """Weights only load failed. This file can still be loaded, to do so you have two options.
\t(1) Re-running `torch.load` with `weights_only` set to `False` will likely succeed.
WeightsUnpickler error: Unsupported global: GLOBAL posix.mkdir was not an allowed global by default.
Please use `torch.serialization.add_safe_globals([posix.mkdir])` to allowlist it."""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("a\n  b"), "a b"),
        (ValueError("First 1.5 of it. Then more."), "First 1.5 of it"),
        (EOFError(), "EOFError"),
        (ValueError("x" * 150), "x" * 150),
        (ValueError("x" * 1000), "x" * 147 + "..."),
        (
            pickle.UnpicklingError(TORCH),
            "Unsupported global: GLOBAL posix.mkdir was not an allowed global by default",
        ),
    ],
)
def test_one_line_without_advice_to_load_unsafely(error, sentence) -> None:
    assert first_sentence(error) == sentence


def test_what_the_user_got_wrong_ends_with_2_and_what_the_machine_lacks_with_1() -> None:
    assert {errors.ParamsError.status, errors.DataError.status} == {2}
    failures = (errors.PipelineError, errors.FileError, errors.DownloadError)
    assert {error.status for error in failures} == {1}
