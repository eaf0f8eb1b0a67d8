"""plots/loss.csv, one row per epoch as training goes, and one line per epoch on the terminal."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from mnist_vae.files.io import write_bytes

if TYPE_CHECKING:
    from mnist_vae.training.fit import Epoch


class LossLog:
    """Append `Epoch`s. Each time the file is replaced whole, so it never ends in half a row."""

    def __init__(self, path: Path, epochs: int) -> None:
        self.path, self.text = path, ""
        self.bar = tqdm(total=epochs, unit="epoch", disable=None, leave=False)

    def __enter__(self) -> "LossLog":
        return self

    def __exit__(self, *_: Any) -> None:
        self.bar.close()

    def append(self, epoch: "Epoch") -> None:
        row: dict[str, float] = {"epoch": epoch.number}
        for split in ("train", "validation"):
            row |= {f"{split}_{name}": value for name, value in getattr(epoch, split).items()}
        if not self.text:
            self.text = ",".join(row) + "\n"
        self.text += ",".join(map(str, row.values())) + "\n"
        write_bytes(self.path, self.text.encode(), sync=epoch.number == self.bar.total)
        self.print(epoch)

    def print(self, epoch: "Epoch") -> None:
        tqdm.write(
            f"epoch {epoch.number:3d}/{self.bar.total}   "
            f"train {epoch.train['neg_elbo_nats']:7.2f}   "
            f"validation {epoch.validation['neg_elbo_nats']:7.2f} nats   {epoch.seconds:5.2f} s",
            file=sys.stdout,
        )
        sys.stdout.flush()
        self.bar.update()
