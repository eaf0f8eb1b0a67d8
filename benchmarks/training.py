"""The parts that measure training by itself."""

import json
import math
import statistics
import time
from pathlib import Path

import torch
from conventional import mnist_dataset, train_epochs
from measuring import RESULTS, ratio, raw_files, spread
from taking_turns import Contender, taking_turns
from training_loops import load_split, losses_on, mlp_vae

from mnist_vae.files.io import write_bytes
from mnist_vae.machine.device import prepare
from mnist_vae.params.loading import load_params
from mnist_vae.training.checkpoints import Checkpoint
from mnist_vae.training.fit import fit

EPOCHS, LATE = 30, 6
QUALITY = {"epochs": 12, "learning_rate": 0.01, "schedule": "cosine"}


def training(folder: Path) -> dict[str, object]:
    """Seconds per epoch in epochs 25 to 30; the contenders take turns."""
    names = ["conventional", "ours", "ours, denormals kept", "products"]
    names += ["products, torch's default"]
    raw = raw_files(folder)
    running = {name: Contender(name, raw) for name in names}
    for name, contender in running.items():
        for _ in range(EPOCHS - LATE if not name.startswith("products") else 1):
            contender.epoch()
    late = taking_turns(running, LATE)
    conventional = running["conventional"].epochs
    return {
        "images": 54000,
        "seconds per late epoch": {name: spread(values) for name, values in late.items()},
        "times the conventional loop": ratio(late["conventional"], late["ours"]),
        "share of the matrix products' limit": ratio(late["products"], late["ours"]),
        "share of torch's default products' limit": ratio(
            late["products, torch's default"], late["ours"]
        ),
        "denormals kept, times the epoch": ratio(late["ours, denormals kept"], late["ours"]),
        "conventional": {
            "seconds of 30 epochs": sum(seconds for seconds, _ in conventional),
            "validation loss": conventional[-1][1],
        },
    }


def quality(_: Path) -> dict[str, object]:
    """Seconds of fit(), validation included, until it reaches the final validation loss of the
    conventional loop."""
    reference = json.loads((RESULTS / "training.json").read_text())["conventional"]
    params = load_params()
    prepare(params.machine)
    train = params.train.model_copy(update=QUALITY)
    split, vae, loss = load_split(), mlp_vae(), math.inf
    start = time.perf_counter()
    for epoch in fit(vae, *split, train, seed=0):
        loss = epoch.validation["neg_elbo_nats"]
        if loss <= reference["validation loss"]:
            break
    seconds = time.perf_counter() - start
    return {
        "parameters": QUALITY,
        "validation loss": loss,
        "reached": loss <= reference["validation loss"],
        "seconds": seconds,
        "times sooner": reference["seconds of 30 epochs"] / seconds,
    }


def gpu(folder: Path) -> dict[str, object]:
    """30 epochs on a CUDA GPU: the time against the conventional loop on it, the losses against the
    CPU's."""
    if not torch.cuda.is_available():
        return {"skipped": "this machine has no CUDA GPU"}
    torch.cuda.init()
    split = load_split()
    losses_on("cuda", split, epochs=1)  # warm-up: contexts, kernels
    runs = [losses_on("cuda", split, EPOCHS) for _ in range(5)]
    dataset = mnist_dataset(raw_files(folder), train=True)
    loop = [seconds for _, seconds in train_epochs(dataset, "cuda", epochs=4)][1:]
    conventional = statistics.median(loop) * len(split[0]) / len(dataset) * EPOCHS
    _, on_cpu = losses_on("cpu", split, EPOCHS)
    on_gpu = runs[0][1]
    ours = spread([seconds for seconds, _ in runs])
    return {
        "gpu": torch.cuda.get_device_name(),
        "seconds of 30 epochs": ours,
        "seconds of the conventional loop's 30": conventional,
        "times the conventional loop": conventional / ours["median"],
        "nats from the CPU after 1 epoch": abs(on_gpu[0] - on_cpu[0]),
        "nats from the CPU after 30 epochs": abs(on_gpu[-1] - on_cpu[-1]),
        "the same losses run to run": all(losses == on_gpu for _, losses in runs),
    }


def checkpoints(folder: Path) -> dict[str, object]:
    """The share of a training run that goes into its checkpoints, as `train` writes them."""
    params = load_params()
    prepare(params.machine)
    written = []

    class Timed(Checkpoint):
        def save(self, state: dict) -> None:
            start = time.perf_counter()
            super().save(state)
            written.append(time.perf_counter() - start)

    checkpoint = Timed({"benchmark": str(folder)})
    start = time.perf_counter()
    for _ in fit(mlp_vae(), *load_split(), params.train, 0, checkpoint):
        pass
    whole = time.perf_counter() - start
    size = checkpoint.path.stat().st_size
    checkpoint.remove()
    plain = []
    for _ in written:  # for comparison: the disk's own time for as many bytes
        start = time.perf_counter()
        write_bytes(folder / "plain", bytes(size))
        plain.append(time.perf_counter() - start)
    return {
        "seconds of 30 epochs": whole,
        "checkpoints": len(written),
        "MB each": size / 1e6,
        "seconds each": spread(written),
        "seconds to write as many bytes": spread(plain),
        "share of the time": sum(written) / whole,
    }
