"""A second `dvc exp run -S` beside a first one, which it disturbs although DVC refuses it."""

import re

import pytest
from clone import DVC, Clone

pytestmark = pytest.mark.slow


def test_the_first_stops_in_a_line_and_runs_again(tmp_path) -> None:
    quick = {"dataset": "mnist_5k", "train__epochs": 250, "machine__threads": 1}
    clone, output = Clone(tmp_path / "clone", **quick), tmp_path / "output"
    first = clone.start(*DVC, "exp", "run", "-S", "latent_dim=3", "train", output=output)
    clone.wait_for_checkpoint()
    second = clone.run(*DVC, "exp", "run", "-S", "latent_dim=4", "train", check=False)
    assert second.returncode != 0
    assert first.wait(timeout=120) != 0
    # 2 is what the second DVC puts back for a moment, before it writes its own 4
    changed = r"error: params.yaml: latent_dim changed from 3 to [24] while this stage"
    assert re.search(changed, output.read_text())
    done = clone.dvc("exp", "run", "-S", "latent_dim=3", "train", "--name", "three")
    assert "Ran experiment(s): three" in done.stdout
