"""What a library says, fit for a line."""

import os
import pickle
import subprocess
import sys

import pytest
from default_run import ROOT

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


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_without_all_letters_gets_others_instead_of_a_traceback(encoding) -> None:
    code = "from mnist_vae.errors import exit_on_error\nwith exit_on_error(): print('1 Δ 2 ± 3')"
    env = os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert done.stdout.decode(encoding).startswith("1 ? 2 ")


def test_a_system_without_file_locks_is_named() -> None:
    code = (
        "import runpy, sys; sys.modules['fcntl'] = None; sys.argv = ['sweep.py', '-S', 'seed=1'];"
        "runpy.run_path('sweep.py', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == (
        "error: sweeps lock files as Linux and macOS do; this system has no fcntl\n"
    )
    assert done.returncode == 1
