"""A second `dvc exp run -S` beside a first one, which it disturbs although DVC refuses it."""

import pytest
from clone import DVC, LONG, Clone, held

pytestmark = pytest.mark.slow


def test_the_first_stops_in_a_line_and_runs_again(tmp_path) -> None:
    clone, output = Clone(tmp_path / "clone", **LONG), tmp_path / "output"
    first = clone.start(*DVC, "exp", "run", "-S", "latent_dim=3", "train", output=output)
    clone.wait_for_checkpoint()
    with held(first):
        second = clone.run(*DVC, "exp", "run", "-S", "latent_dim=4", "train", check=False)
    assert second.returncode != 0
    assert first.wait(timeout=120) != 0
    changed = "error: params.yaml: latent_dim changed from 3 to 4 while this stage"
    assert changed in output.read_text()
    done = clone.dvc("exp", "run", "-S", "latent_dim=3", "train", "--name", "three")
    assert "Ran experiment(s): three" in done.stdout
