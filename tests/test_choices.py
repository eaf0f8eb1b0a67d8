"""Data sets and networks are chosen by the names of their files."""

import subprocess
import sys
from pathlib import Path

import pytest
from additions import new_network
from clone import Clone
from committed import ROOT

from mnist_vae.choices import DATASETS, NETWORKS, load_choice, names_in
from mnist_vae.errors import ParamsError
from mnist_vae.model import networks

MLP = "src/mnist_vae/model/networks/mlp.py"


def test_the_choices_are_the_files_without_a_leading_underscore() -> None:
    assert {"mnist", "mnist_5k"} <= set(names_in(DATASETS))
    assert "mlp" in names_in(NETWORKS)
    for folder in (DATASETS, NETWORKS):
        files = {path.name for path in (ROOT / "src/mnist_vae" / folder).iterdir()}
        assert {f"{name}.py" for name in names_in(folder)} <= files
        assert not [name for name in names_in(folder) if name.startswith("_")]
        assert names_in(folder) == sorted(names_in(folder))


def test_listing_the_choices_imports_none_of_them() -> None:
    code = (
        "import sys; sys.path.insert(0, 'src'); from mnist_vae import choices;"
        "choices.names_in(choices.NETWORKS), choices.names_in(choices.DATASETS);"
        "print(*sys.modules)"
    )
    modules = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split()
    assert "mnist_vae.choices" in modules
    assert "mnist_vae.model" not in modules
    assert "mnist_vae.datasets" not in modules


def test_a_choice_is_the_module_of_that_name() -> None:
    assert Path(load_choice(NETWORKS, "mlp").__file__) == ROOT / MLP


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def build(:", "SyntaxError: invalid syntax"),
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("raise ValueError('first line\\nsecond line')", "ValueError: first line second line"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("def build(params, latent_dim): ...", "it does not define Params, count_weights"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_in_a_line(
    tmp_path, monkeypatch, source, reason
) -> None:
    monkeypatch.setattr(networks, "__path__", [str(tmp_path)])
    (tmp_path / "broken.py").write_text(source)
    with pytest.raises(ParamsError) as caught:
        load_choice(NETWORKS, "broken")
    line = str(caught.value)
    assert line.startswith("src/mnist_vae/model/networks/broken.py: cannot be used: " + reason)
    assert "\n" not in line
    assert caught.value.status == 2


@pytest.fixture
def clone(tmp_path) -> Clone:
    return Clone(tmp_path / "clone")


def refusal(clone: Clone) -> str:
    done = clone.run("python", "stages/check_params.py", check=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    return line.removeprefix("error: ").partition(" (`git checkout")[0]


def test_a_file_added_to_the_networks_can_be_chosen_and_needs_its_section(clone) -> None:
    committed = (clone.path / "params.yaml").read_text()
    new_network(clone)
    (name,) = {file.stem for file in (clone.path / MLP).parent.glob("[!_]*.py")} - {
        *names_in(NETWORKS)
    }
    clone.set(model__network=name)
    clone.run("python", "stages/check_params.py")

    clone.set(model__network="transformer")
    allowed = ", ".join(sorted([*names_in(NETWORKS), name]))
    assert refusal(clone) == (
        f"params.yaml: model.network is 'transformer'; it must be one of {allowed}"
    )

    (clone.path / "params.yaml").write_text(committed)
    assert refusal(clone) == f"params.yaml: model.{name} is missing; it must be a section"


def test_a_broken_network_ends_a_stage_with_one_line(clone) -> None:
    (clone.path / "src/mnist_vae/model/networks/broken.py").write_text("def build(:")
    assert refusal(clone).startswith("src/mnist_vae/model/networks/broken.py: cannot be used: ")


def test_a_removed_data_set_is_no_longer_a_choice(clone) -> None:
    (clone.path / "src/mnist_vae/datasets/mnist.py").unlink()
    clone.set(dataset="mnist")
    allowed = ", ".join(name for name in names_in(DATASETS) if name != "mnist")
    assert refusal(clone) == f"params.yaml: dataset is 'mnist'; it must be one of {allowed}"
