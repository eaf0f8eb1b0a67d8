"""Draw the loss curves of training and validation.

reads   plots/loss.csv, data/dataset.json
writes  plots/loss.png
"""

from pathlib import Path

from _stage import run

from mnist_vae.figures.curves import loss_figure
from mnist_vae.figures.style import RunLabel
from mnist_vae.files.dataset import load_dataset
from mnist_vae.files.png import save_figure
from mnist_vae.files.tables import load_csv
from mnist_vae.params.loading import load_params

DATASET = Path("data/dataset.json")
LOSS_CSV = Path("plots/loss.csv")
LOSS_PNG = Path("plots/loss.png")


def main() -> None:
    params = load_params()
    save_figure(
        LOSS_PNG, loss_figure(load_csv(LOSS_CSV), RunLabel.of(params, load_dataset(DATASET)))
    )
    print(LOSS_PNG)


if __name__ == "__main__":
    run(main)
