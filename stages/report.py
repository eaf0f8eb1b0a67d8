"""Write the run as one page, in which the latent space can be explored without a network.

reads   data/images.npz, data/latents.npz, data/test_nats.npz, models/vae.pt, plots/kl.csv,
        plots/loss.csv, plots/confusion_latent.csv, metrics/train.json, metrics/evaluate.json,
        metrics/classify_latent.json, metrics/classify_pixels.json
writes  report/index.html
"""

from pathlib import Path

from _stage import run

from mnist_vae.files.outs import write_out
from mnist_vae.machine.device import prepare
from mnist_vae.model.vae import load_vae
from mnist_vae.params import load_params
from mnist_vae.report.page import build_page
from mnist_vae.report.run import load_run

FILES = {
    "images": Path("data/images.npz"),
    "latents": Path("data/latents.npz"),
    "nats": Path("data/test_nats.npz"),
    "model": Path("models/vae.pt"),
    "kl": Path("plots/kl.csv"),
    "losses": Path("plots/loss.csv"),
    "predictions": Path("plots/confusion_latent.csv"),
}
NAMES = "train", "evaluate", "classify_latent", "classify_pixels"
METRICS = {name: Path(f"metrics/{name}.json") for name in NAMES}
PAGE = Path("report/index.html")


def main() -> None:
    params = load_params()
    vae = load_vae(FILES["model"], params).to(prepare(params.machine))
    loaded = load_run(FILES, list(METRICS.values()), vae, params)
    page = build_page(loaded, vae, params.report.images)
    write_out(PAGE, page)
    print(f"{PAGE}: {len(page) / 1e6:.2f} MB")


if __name__ == "__main__":
    run(main)
