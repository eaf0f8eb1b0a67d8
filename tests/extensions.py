"""What people add to the project: a network, a data set, a parameter."""

from collections.abc import Callable

import yaml
from clone import Clone


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
    datasets = clone.path / "src/mnist_vae/datasets"
    (datasets / "letters.py").write_text((datasets / "mnist.py").read_text())


def few_images(clone: Clone) -> None:
    """A data set of every tenth of the embedded digits, in use."""
    (clone.path / "src/mnist_vae/datasets/few.py").write_text(
        "from mnist_vae.datasets import mnist_5k\n\n"
        "TITLE, CLASS_NOUN, CLASS_NAMES = 'Few', mnist_5k.CLASS_NOUN, mnist_5k.CLASS_NAMES\n"
        "TRAIN_IMAGES, TEST_IMAGES = 400, 100\n\n\n"
        "def load():\n    return tuple(array[::10] for array in mnist_5k.load())\n"
    )
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
