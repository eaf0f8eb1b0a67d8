"""check_params in a copy of the repository: what may be chosen, and how to take back the rest."""

from clone import Clone
from extensions import new_network

from mnist_vae.params import datasets


def said(clone: Clone) -> str:
    done = clone.run("python", "stages/check_params.py", check=False)
    assert (done.returncode == 2) == bool(done.stderr)
    return done.stderr


def test_files_can_be_chosen_and_the_last_line_says_how_to_take_an_edit_back(tmp_path) -> None:
    clone = Clone(tmp_path / "clone")
    clone.set(latent_dim=0, seed=-1)
    first, second = said(clone).splitlines()
    assert first == "error: params.yaml: latent_dim is 0; it must be an integer from 1 to 65536"
    assert second.startswith("params.yaml: seed is -1; it must be an integer from 0 to 4294967295 ")
    hint = second.partition(" (")[2]
    command = hint.split("`")[1]
    assert hint == f"`{command}` discards all edits to it)"
    clone.run(*command.split())
    assert said(clone) == ""

    new_network(clone)
    clone.set(model__network="wide")
    assert said(clone) == ""
    clone.run(*command.split())
    assert said(clone) == "", "a file without a section, of a network that is not in use"
    clone.set(model__network="wide")
    wanted = "error: params.yaml: model.wide is missing; it must be a section, as src/mnist_vae/"
    assert said(clone).startswith(wanted)
    assert said(clone).endswith(f" (`{command}` discards all edits to it)\n")
    (clone.path / "src/mnist_vae/networks/wide.py").write_text("def build(:")
    (line,) = said(clone).splitlines()
    assert line.startswith("error: src/mnist_vae/networks/wide.py: cannot be used: SyntaxError")
    assert "git checkout" not in line, "the fault is in another file"

    (clone.path / "src/mnist_vae/networks/wide.py").unlink()
    (clone.path / "datasets/mnist/dataset.yaml").unlink()
    (clone.path / "datasets/mnist").rmdir()
    left = ", ".join(name for name in datasets.names() if name != "mnist")
    assert f"params.yaml: dataset is 'mnist'; it must be one of {left}\n" in said(clone)


def test_it_says_what_the_flags_of_earlier_runs_have_left(tmp_path) -> None:
    clone = Clone(tmp_path / "clone")
    assert clone.run("python", "stages/check_params.py").stdout == ""
    clone.set(latent_dim=8, objective__beta=4.0)
    *lines, last = clone.run("python", "stages/check_params.py").stdout.splitlines()
    assert " ".join(lines) == (
        "params.yaml differs from the last commit: latent_dim 8 instead of 2, "
        "objective.beta 4.0 instead of 1.0"
    )
    assert last == "`git checkout params.yaml` takes it back"
