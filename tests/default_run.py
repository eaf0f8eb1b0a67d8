"""The committed parameters, with changes, and what is made from them."""

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from mnist_vae.params.loading import load_params
from mnist_vae.params.schema import Params

if TYPE_CHECKING:
    from mnist_vae.model.vae import VAE

ROOT = Path(__file__).resolve().parents[1]
MNIST_SHAPE = (1, 28, 28)


def default_params() -> str:
    """params.yaml as committed: an experiment may have changed the one in the workspace."""
    command = ["git", "show", "HEAD:params.yaml"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def params_with(**changes: Any) -> Params:
    """The committed parameters with `changes`; `train__epochs=2` is the key train.epochs."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "params.yaml"
        file.write_text(changed(default_params(), changes))
        return load_params(file)


def changed(text: str, changes: dict[str, Any]) -> str:
    tree = yaml.safe_load(text)
    for name, value in changes.items():
        *sections, key = name.split("__")
        section = tree
        for part in sections:
            section = section[part]
        section[key] = value
    return yaml.safe_dump(tree, sort_keys=False)


def mlp_vae(latent_dim: int, hidden_dims: list[int], seed: int = 0) -> "VAE":
    """An untrained VAE with the network mlp."""
    from mnist_vae.model.vae import build_vae  # tests that only run DVC need no torch

    return build_vae(
        params_with(model__mlp__hidden_dims=hidden_dims).model, latent_dim, seed, MNIST_SHAPE
    )
