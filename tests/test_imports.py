"""No stage loads a library that it does not use: torch costs 1.5 s, scikit-learn 1.3 s."""

import subprocess
import sys

import pytest
from conftest import ROOT

HEAVY = {"torch", "torchvision", "sklearn", "matplotlib", "mlxtend"}
USED = {
    "check_params": set(),
    "download": set(),  # torchvision and mlxtend only when it needs them
    "train": {"torch", "matplotlib"},
    "evaluate": {"torch"},
    "encode": {"torch"},
    "plot_latent": {"matplotlib"},  # scikit-learn for more than two dimensions
    "generate": {"torch", "matplotlib"},
    "classify": {"sklearn"},
}


@pytest.mark.parametrize("stage", USED)
def test_a_stage_loads_what_it_uses_and_no_more(stage) -> None:
    code = f"import sys; sys.path.insert(0, 'stages'); import {stage}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert {m for m in done.stdout.split() if m in HEAVY} == USED[stage]


def test_every_stage_is_listed() -> None:
    scripts = {p.stem for p in (ROOT / "stages").glob("*.py") if not p.stem.startswith("_")}
    assert scripts == set(USED)
