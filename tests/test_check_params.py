"""check_params says how to take back what it refuses."""

import pytest
from clone import Clone


@pytest.fixture
def clone(tmp_path) -> Clone:
    return Clone(tmp_path / "clone")


def said(clone: Clone) -> str:
    done = clone.run("python", "stages/check_params.py", check=False)
    assert (done.returncode == 2) == bool(done.stderr)
    return done.stderr


def test_the_last_line_names_the_command_that_takes_the_edit_back(clone) -> None:
    clone.set(latent_dim=0, seed=-1)
    first, second = said(clone).splitlines()
    assert first == "error: params.yaml: latent_dim is 0; it must be an integer from 1 to 65536"
    assert second.startswith("params.yaml: seed is -1; it must be an integer from 0 to 4294967295 ")
    hint = second.partition(" (")[2]
    command = hint.split("`")[1]
    assert hint == f"`{command}` discards all edits to it)"
    clone.run(*command.split())
    assert said(clone) == ""
    (clone.path / "params.yaml").write_text("seed: [0")
    assert command in said(clone)


def test_a_fault_in_another_file_is_not_taken_back_that_way(clone) -> None:
    (clone.path / "src/mnist_vae/model/networks/broken.py").write_text("def build(:")
    (line,) = said(clone).splitlines()
    assert line.startswith("error: src/mnist_vae/model/networks/broken.py: cannot be used: ")
    assert "git checkout" not in line
