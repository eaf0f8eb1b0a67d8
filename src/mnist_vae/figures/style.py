"""What all figures share: style, colours, and the title that names the run.

Only figures/, and the figure of compare/, import matplotlib.
"""

import textwrap
from collections.abc import Sequence
from colorsys import hls_to_rgb
from typing import TYPE_CHECKING, NamedTuple

import matplotlib

matplotlib.use("Agg")  # before pyplot is imported: draws to files and needs no screen

import matplotlib.pyplot as plt
import numpy as np

from mnist_vae.figures.fonts import make_drawable

if TYPE_CHECKING:
    from mnist_vae.files.dataset import Dataset
    from mnist_vae.params.schema import Params

matplotlib.rcdefaults()  # a matplotlibrc of the user's own must not change a byte

COLORS = np.array(matplotlib.colormaps["tab10"](np.arange(10)))[:, :3]
LONGEST = 20  # letters of a class's name
TITLE_WIDTH = 80  # letters; more would be cut off
NO_BREAK = "\u00a0"
HIGHEST = 12.0  # inches
WIDTH = 6.0  # inches; 900 pixels at the 150 dots per inch of files/png.py

plt.rcParams.update(
    {
        "font.size": 9,
        "axes.titlesize": 10,
        "figure.titlesize": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.constrained_layout.use": True,
    }
)


def class_colors(count: int) -> np.ndarray:
    """(count, 3): one for each class. Classes are categories, so there is no scale; of more than
    ten, neighbours differ in their lightness. The page has the same ones."""
    if count <= len(COLORS):
        return COLORS[:count]
    lightness = (0.38, 0.6)
    return np.array([hls_to_rgb(k / count, lightness[k % 2], 0.75) for k in range(count)])


class RunLabel(NamedTuple):
    """What titles and legends say of a run; `class_names` are in the order of the labels, and
    `model` holds the network and what else is not a plain VAE of grey levels. `background` and
    `filled` are the data set's, as files/dataset.py describes them."""

    dataset: str
    class_noun: str
    class_names: Sequence[str]
    model: Sequence[str]
    latent_dim: int
    seed: int
    background: bool = True
    filled: bool = False

    @property
    def short_names(self) -> list[str]:
        """Of the classes, as there is room for them."""
        names = self.class_names
        return [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in names]

    @classmethod
    def of(cls, params: "Params", dataset: "Dataset") -> "RunLabel":
        title, noun, names = dataset.title, dataset.class_noun, dataset.class_names
        if not make_drawable([title, noun, *names]):
            print(f"no font here has the letters of {title}: its classes are numbered")
            title, noun = params.dataset, "class (number)"
            names = [str(number) for number in range(1, len(names) + 1)]
        title, noun, *names = map(literal, [title, noun, *names])
        run = model_names(params), params.latent_dim, params.seed
        return cls(title, noun, names, *run, dataset.background, dataset.filled)


def literal(text: str) -> str:
    """A text of the user's on one line, in which a dollar starts no formula."""
    return " ".join(text.split()).replace("$", r"\$")


def model_names(params: "Params") -> Sequence[str]:
    """`("conv", "binarised", "k 5")`"""
    objective, names = params.objective, [params.model.network]
    if params.model.likelihood != "grey":
        names.append(params.model.likelihood.replace("_", " "))
    if objective.beta != 1:
        names.append(f"beta {objective.beta:g}")
    if objective.warm_up_epochs:
        names.append(f"warm-up {objective.warm_up_epochs}")
    if objective.importance_samples > 1:
        names.append(f"k {objective.importance_samples}")
    return names


def title(subject: str, run: RunLabel, number: str) -> str:
    """The lines above each figure: what it shows of which run, and its main number."""
    names = [run.dataset, *run.model, f"latent_dim {run.latent_dim}", f"seed {run.seed}"]
    of_run = ", ".join(name.replace(" ", NO_BREAK) for name in names)
    lines = textwrap.wrap(f"{subject} · {of_run}", TITLE_WIDTH, break_on_hyphens=False)
    return "\n".join([*lines, number]).replace(NO_BREAK, " ")
