"""The part that measures cost against size."""

import statistics
from pathlib import Path

import torch
from contenders import load_split, timed_epochs
from measuring import RESULTS

from mnist_vae.artifacts import save_figure
from mnist_vae.device import prepare
from mnist_vae.figures import WIDTH, plt
from mnist_vae.inference import pixels
from mnist_vae.params import load_params

ROUNDS = 8  # the first one warms up


def size(_: Path) -> dict[str, object]:
    """Seconds an epoch against images, latent_dim and hidden width, in turn, with a plot."""
    params = load_params().train
    prepare(params)
    x = pixels(torch.from_numpy(load_split()[0]))
    cases = [("images", len(x) // part, 2, 256) for part in (8, 4, 2, 1)]
    cases += [("latent_dim", len(x), dim, 256) for dim in (2, 8, 32, 128)]
    cases += [("hidden width", len(x), 2, width) for width in (256, 512, 1024)]
    runs = [timed_epochs(x[:images], params, dim, width) for _, images, dim, width in cases]
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
    """Seconds an epoch against the work in it: a line an axis along which the work grew."""
    figure, ax = plt.subplots(figsize=(WIDTH, 4.0))
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
        label="as work",
    )
    ax.set(xscale="log", yscale="log", xlabel="GFLOP an epoch", ylabel="seconds an epoch")
    for axis, ticks in ((ax.xaxis, (10, 20, 50, 100, 200, 400)), (ax.yaxis, (0.1, 0.2, 0.5, 1, 2))):
        axis.set_ticks(ticks, labels=map(str, ticks))
        axis.set_ticks([], minor=True)
    ax.set_title("Cost of an epoch against the work in it", loc="left")
    ax.legend(frameon=False)
    return figure
