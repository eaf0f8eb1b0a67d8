"""plots/loss.csv, a row an epoch as it goes, and a line an epoch for the person who waits."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

if TYPE_CHECKING:
    from mnist_vae.training import Epoch


class LossLog:
    """Append `Epoch`s; `columns` maps each column of the file to its values so far."""

    def __init__(self, path: Path, epochs: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = path.open("w", encoding="utf-8", newline="\n")
        self.columns: dict[str, list[float]] = {}
        self.bar = tqdm(total=epochs, unit="epoch", disable=None, leave=False)
        self.last = time.perf_counter()

    def __enter__(self) -> "LossLog":
        return self

    def __exit__(self, *_: Any) -> None:
        self.bar.close()
        self.file.close()

    def append(self, epoch: "Epoch") -> None:
        row = {"epoch": epoch.number}
        for split in ("train", "validation"):
            row |= {f"{split}_{name}": value for name, value in getattr(epoch, split).items()}
        if not self.columns:
            self.columns = {name: [] for name in row}
            self.file.write(",".join(row) + "\n")
        for name, value in row.items():
            self.columns[name].append(value)
        self.file.write(",".join(map(str, row.values())) + "\n")
        self.file.flush()
        self.show(epoch)

    def show(self, epoch: "Epoch") -> None:
        now = time.perf_counter()
        seconds, self.last = now - self.last, now
        tqdm.write(
            f"epoch {epoch.number:3d}/{self.bar.total}   "
            f"train {epoch.train['neg_elbo_nats']:7.2f}   "
            f"validation {epoch.validation['neg_elbo_nats']:7.2f} nats   {seconds:5.2f} s",
            file=sys.stdout,
        )
        sys.stdout.flush()
        self.bar.update()
