"""The part that measures how cost grows with size."""

import statistics
from pathlib import Path

import torch
from measuring import RESULTS
from training_loops import LATENT_DIM, WIDTH, load_split, mlp_vae, timed_epochs

from mnist_vae.figures.style import WIDTH as FIGURE_WIDTH
from mnist_vae.figures.style import plt
from mnist_vae.files.png import save_figure
from mnist_vae.machine.device import prepare
from mnist_vae.model.vae import pixels
from mnist_vae.params.loading import load_params

ROUNDS = 8  # the first is a warm-up


def size(_: Path) -> dict[str, object]:
    """Seconds per epoch against images, latent_dim and hidden width, measured in turn; a plot."""
    params = load_params()
    prepare(params.machine)
    x = pixels(torch.from_numpy(load_split()[0]))
    cases = [("images", len(x) // part, LATENT_DIM, WIDTH) for part in (8, 4, 2, 1)]
    cases += [("latent_dim", len(x), dim, WIDTH) for dim in (2, 8, 32, 128)]
    cases += [("hidden width", len(x), LATENT_DIM, width) for width in (256, 512, 1024)]
    runs = [
        timed_epochs(mlp_vae(dim, width), x[:images], params.train)
        for _, images, dim, width in cases
    ]
    rounds = [[next(run) for run in runs] for _ in range(ROUNDS)][1:]
    rows = []
    for (axis, images, dim, width), *seconds in zip(cases, *rounds, strict=True):
        flops = 2 * images * (5 * 784 * width + 9 * dim * width)
        at = {"images": images, "latent_dim": dim, "hidden width": width}[axis]
        median = statistics.median(seconds)
        rows.append({"axis": axis, "x": at, "seconds": median, "gflop": flops / 1e9})
    save_figure(RESULTS / "size.png", cost_figure(rows))
    return {"rows": rows}


def cost_figure(rows: list[dict]):
    """Seconds per epoch against work per epoch, with one line for each axis of growth."""
    figure, ax = plt.subplots(figsize=(FIGURE_WIDTH, 4.0))
    for axis in dict.fromkeys(row["axis"] for row in rows):
        chosen = [row for row in rows if row["axis"] == axis]
        ax.plot([r["gflop"] for r in chosen], [r["seconds"] for r in chosen], "o-", label=axis)
    largest = max(rows, key=lambda row: row["gflop"])
    work = sorted(row["gflop"] for row in rows)
    ax.plot(
        work,
        [w * largest["seconds"] / largest["gflop"] for w in work],
        "--",
        color="0.6",
        label="proportional",
    )
    ax.set(xscale="log", yscale="log", xlabel="GFLOP per epoch", ylabel="seconds per epoch")
    for axis, ticks in ((ax.xaxis, (10, 20, 50, 100, 200, 400)), (ax.yaxis, (0.1, 0.2, 0.5, 1, 2))):
        axis.set_ticks(ticks, labels=map(str, ticks))
        axis.set_ticks([], minor=True)
    ax.set_title("Time per epoch against work per epoch", loc="left")
    ax.legend(frameon=False)
    return figure
