"""plots/loss.csv, a row an epoch as it goes, and a line an epoch for the person who waits."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from mnist_vae.artifacts import write_bytes

if TYPE_CHECKING:
    from mnist_vae.training import Epoch


class LossLog:
    """Append `Epoch`s; `columns` maps each column of the file to its values so far.

    The file is replaced by one with a row more, so that it never holds half a row.
    """

    def __init__(self, path: Path, epochs: int) -> None:
        self.path, self.text = path, ""
        self.columns: dict[str, list[float]] = {}
        self.bar = tqdm(total=epochs, unit="epoch", disable=None, leave=False)

    def __enter__(self) -> "LossLog":
        return self

    def __exit__(self, *_: Any) -> None:
        self.bar.close()

    def append(self, epoch: "Epoch") -> None:
        row = {"epoch": epoch.number}
        for split in ("train", "validation"):
            row |= {f"{split}_{name}": value for name, value in getattr(epoch, split).items()}
        if not self.columns:
            self.columns = {name: [] for name in row}
            self.text = ",".join(row) + "\n"
        for name, value in row.items():
            self.columns[name].append(value)
        self.text += ",".join(map(str, row.values())) + "\n"
        write_bytes(self.path, self.text.encode(), sync=epoch.number == self.bar.total)
        self.show(epoch)

    def show(self, epoch: "Epoch") -> None:
        tqdm.write(
            f"epoch {epoch.number:3d}/{self.bar.total}   "
            f"train {epoch.train['neg_elbo_nats']:7.2f}   "
            f"validation {epoch.validation['neg_elbo_nats']:7.2f} nats   {epoch.seconds:5.2f} s",
            file=sys.stdout,
        )
        sys.stdout.flush()
        self.bar.update()
