"""Networks and likelihoods are the files of their folders."""

from pathlib import Path

import pytest
from default_run import ROOT

from mnist_vae import networks
from mnist_vae.errors import ParamsError
from mnist_vae.params import plugins
from mnist_vae.params.plugins import LIKELIHOODS, NETWORKS, load_plugin, names_in


def test_the_names_are_those_of_the_files_and_stand_for_their_modules() -> None:
    assert {"conv", "mlp", "residual"} <= set(names_in(NETWORKS))
    assert "__init__" not in names_in(NETWORKS)
    for folder in (LIKELIHOODS, NETWORKS):
        assert names_in(folder) == sorted(names_in(folder))
        for name in names_in(folder):
            path = ROOT / "src/mnist_vae" / folder / f"{name}.py"
            assert Path(load_plugin(folder, name).__file__) == path


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def build(:", ": cannot be used: SyntaxError: invalid syntax"),
        (
            "\nimport no_such_library",
            ", line 2: cannot be used: ModuleNotFoundError: No module named 'no_such_library'",
        ),
        (
            "raise ValueError('first line\\nsecond line')",
            ", line 1: cannot be used: ValueError: first line second line",
        ),
        ("raise SystemExit(0)", ", line 1: cannot be used: SystemExit: 0"),
        (
            "def build(params, latent_dim): ...",
            ": cannot be used: it does not define Params, count_weights",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_named_in_a_line(
    tmp_path, monkeypatch, source, reason
) -> None:
    folder = tmp_path / "src/mnist_vae/networks"
    folder.mkdir(parents=True)
    monkeypatch.setattr(networks, "__path__", [str(folder)])
    (folder / "broken.py").write_text(source)
    with pytest.raises(ParamsError) as caught:
        load_plugin(NETWORKS, "broken")
    line = str(caught.value)
    assert line.startswith("src/mnist_vae/networks/broken.py" + reason)
    assert "\n" not in line


def test_copies_with_names_that_python_cannot_import_are_no_values(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(plugins, "PACKAGE", tmp_path)
    (tmp_path / NETWORKS).mkdir()
    for name in ("mlp", "mlp copy", ".mlp", "_shared", "mlp.orig"):
        (tmp_path / NETWORKS / f"{name}.py").touch()
    assert names_in(NETWORKS) == ["mlp"]
