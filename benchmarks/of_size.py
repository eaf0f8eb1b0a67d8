"""The part that measures cost against size."""

import statistics
from pathlib import Path

from contenders import load_split, our_epochs
from measuring import RESULTS


def size(_: Path) -> dict[str, object]:
    """Seconds an epoch against images, latent_dim and hidden width, with a plot."""
    from mnist_vae.artifacts import save_figure
    from mnist_vae.device import prepare
    from mnist_vae.params import load_params

    params = load_params().train.model_copy(update={"epochs": 4})
    prepare(params)
    train, validation = load_split()
    cases = [("images", len(train) // part, 2, 256) for part in (8, 4, 2, 1)]
    cases += [("latent_dim", len(train), dim, 256) for dim in (2, 8, 32, 128)]
    cases += [("hidden width", len(train), 2, width) for width in (256, 512, 1024)]
    rows = []
    for axis, count, latent_dim, width in cases:
        epochs = our_epochs(train[:count], validation, params, (width,), latent_dim)
        seconds = statistics.median([s for s, _ in epochs][1:])
        flops = 2 * count * (5 * 784 * width + 9 * latent_dim * width)
        x = {"images": count, "latent_dim": latent_dim, "hidden width": width}[axis]
        rows.append({"axis": axis, "x": x, "seconds": seconds, "gflop": flops / 1e9})
    save_figure(RESULTS / "size.png", cost_figure(rows))
    return {"rows": rows}


def cost_figure(rows: list[dict]):
    """Seconds an epoch against the work in it: a line an axis along which the work grew."""
    from mnist_vae.figures import WIDTH, plt

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
