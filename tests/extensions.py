"""What people add to the project: a network, a data set, a parameter."""

import shutil
from collections.abc import Callable

import numpy as np
import yaml
from clone import Clone

from mnist_vae.readers.array_file import SPLIT
from mnist_vae.readers.bundled import mnist_5k


def new_network(clone: Clone) -> None:
    """A copy of mlp, by another name, with its section."""
    networks = clone.path / "src/mnist_vae/networks"
    (networks / "wide.py").write_text((networks / "mlp.py").read_text())
    edit_params(clone, lambda tree: tree["model"].update(wide={"hidden_dims": [512]}))


def normalised_network(clone: Clone) -> None:
    """mlp with batch normalisation and dropout, which have a state and noise of their own."""
    networks = clone.path / "src/mnist_vae/networks"
    text = (networks / "mlp.py").read_text()
    for old, new in (
        ("nn.ReLU()]", "nn.BatchNorm1d(after), nn.ReLU(), nn.Dropout(0.1)]"),
        ("modules[:-1]", "modules[:-3]"),
        ("(before + 1) * after for", "(before + 3) * after for"),
    ):
        assert old in text
        text = text.replace(old, new)
    (networks / "normalised.py").write_text(text)
    section = {"network": "normalised", "normalised": {"hidden_dims": [64]}}
    edit_params(clone, lambda tree: tree["model"].update(section))


def new_dataset(clone: Clone) -> None:
    """A copy of mnist, by another name."""
    shutil.copytree(clone.path / "datasets/mnist", clone.path / "datasets/letters")


def few_images(clone: Clone) -> None:
    """A data set of every tenth of the embedded digits, in use."""
    (clone.path / "datasets/few").mkdir()
    arrays = dict(zip(SPLIT, (array[::10] for array in mnist_5k()), strict=True))
    np.savez(clone.path / "datasets/few/images.npz", **arrays)
    edit_params(clone, lambda tree: tree.update(dataset="few"))


def new_parameter(clone: Clone) -> None:
    """A section of its own, as a new stage would bring it, and the schema that allows it."""
    file = clone.path / "src/mnist_vae/params/schema.py"
    file.write_text(
        file.read_text().replace(
            "class Params(Section):",
            "class NewParams(Section):\n    size: int = integer(1, 9)\n\n\nclass Params(Section):\n"
            "    new: NewParams = subsection()",
        )
    )
    edit_params(clone, lambda tree: tree.update(new={"size": 3}))


def edit_params(clone: Clone, change: Callable[[dict], object]) -> None:
    file = clone.path / "params.yaml"
    tree = yaml.safe_load(file.read_text())
    change(tree)
    file.write_text(yaml.safe_dump(tree, sort_keys=False))
