"""A library that does not do as it is told is an error, not a silent difference."""

import os
import subprocess
import sys

import pytest
import torch
from default_run import ROOT

from mnist_vae.machine import arithmetic as module
from mnist_vae.machine.arithmetic import PORTABLE, arithmetic, own_machine
from mnist_vae.machine.cpu import has_avx2
from mnist_vae.machine.environment_variables import AVX2, EVERYWHERE

CPU = torch.device("cpu")
needs_avx2 = pytest.mark.skipif(not has_avx2(), reason="nothing is set on this CPU")
ASK = """
import sys; sys.path.insert(0, "src")
import numpy, torch
from mnist_vae.machine.arithmetic import expect_settings_obeyed
from mnist_vae.errors import PipelineError
try:
    expect_settings_obeyed()
except PipelineError as fault:
    print(fault)
"""


def said_with(**settings: str) -> str:
    """What is said where the libraries find these settings in place of ours."""
    environment = os.environ | EVERYWHERE | AVX2 | settings
    command = [sys.executable, "-c", ASK]
    return subprocess.check_output(command, cwd=ROOT, env=environment, text=True)


@needs_avx2
def test_our_settings_are_obeyed() -> None:
    assert said_with() == ""


@needs_avx2
@pytest.mark.parametrize(
    ("settings", "faults"),
    [
        (
            {"ATEN_CPU_CAPABILITY": "default", "OPENBLAS_CORETYPE": "Sandybridge"},
            ["torch uses DEFAULT despite ATEN_CPU_CAPABILITY", "uses Sandybridge on 1 threads des"],
        ),
        (
            {"ONEDNN_MAX_CPU_ISA": "SSE41", "OPENBLAS_NUM_THREADS": "2"},
            ["torch computes other bits", "uses Haswell on 2 threads despite OPENBLAS_CORETYPE"],
        ),
        (
            {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"},
            ["numpy computes other bits; install what requirements.txt pins"],
        ),
    ],
)
def test_what_is_not_obeyed_is_named(settings, faults) -> None:
    said = said_with(**settings)
    assert said.startswith("the last digits would be this machine's own: ")
    assert all(fault in said for fault in faults)


def test_whose_the_last_digits_are(monkeypatch) -> None:
    monkeypatch.setattr(module, "has_avx2", lambda: True)
    assert arithmetic(CPU) == PORTABLE
    assert own_machine(CPU) is None
    assert arithmetic(torch.device("cuda")).endswith("own, for they are computed on cuda")
    monkeypatch.setattr(module, "has_avx2", lambda: False)
    assert arithmetic(CPU).endswith("own, for it is not Linux on an x86-64 CPU with AVX2")
    assert own_machine(CPU)
