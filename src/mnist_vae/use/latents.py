"""data/latents.npz for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mnist_vae.files.latents import Latents, read_latents

if TYPE_CHECKING:
    import pandas


class LoadedLatents(Latents):
    """The arrays of files/latents.py, and a table."""

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each image, the training images first: z_1, z_2, ..., which are z_mean, then
        its label and its split."""
        import pandas

        z_mean = np.concatenate([self.train_z_mean, self.test_z_mean])
        frame = pandas.DataFrame(z_mean, columns=[f"z_{n + 1}" for n in range(z_mean.shape[1])])
        frame["label"] = np.concatenate([self.train_labels, self.test_labels])
        frame["split"] = ["train"] * len(self.train_labels) + ["test"] * len(self.test_labels)
        return frame


def load_latents(path: str | Path) -> LoadedLatents:
    """Whatever they were made with. Raises DataError and FileError."""
    return LoadedLatents(*read_latents(Path(path)))
