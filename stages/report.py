"""Write the run as one page, in which the latent space can be explored without a network.

reads   data/images.npz, data/dataset.json, data/latents.npz, data/test_nats.npz, models/vae.pt,
        plots/kl.csv, plots/loss.csv, plots/confusion_*.csv, metrics/*.json, diagnostics/*.json
writes  report/index.html
"""

from pathlib import Path

from _stage import run

from mnist_vae.files.io import write_bytes
from mnist_vae.machine.device import prepare
from mnist_vae.model.vae import load_vae
from mnist_vae.page.build import build_page
from mnist_vae.page.loaded_run import load_run
from mnist_vae.params.loading import load_params

FILES = {
    "images": Path("data/images.npz"),
    "dataset": Path("data/dataset.json"),
    "latents": Path("data/latents.npz"),
    "nats": Path("data/test_nats.npz"),
    "model": Path("models/vae.pt"),
    "kl": Path("plots/kl.csv"),
    "losses": Path("plots/loss.csv"),
    "predictions": Path("plots/confusion_latent.csv"),
    "pixels_predictions": Path("plots/confusion_pixels.csv"),
}
FITS = "classify_latent", "classify_pixels"
METRICS = [Path(f"metrics/{name}.json") for name in ("train", "evaluate", *FITS)]
DIAGNOSTICS = [Path(f"diagnostics/{name}.json") for name in FITS]
PAGE = Path("report/index.html")


def main() -> None:
    params = load_params()
    vae = load_vae(FILES["model"], params).to(prepare(params.machine))
    loaded = load_run(FILES, METRICS, DIAGNOSTICS, vae, params)
    page, notes = build_page(loaded, vae, params.report.images)
    write_bytes(PAGE, page)
    print(f"{PAGE}: {len(page) / 1e6:.2f} MB")
    print(notes)


if __name__ == "__main__":
    run(main)
