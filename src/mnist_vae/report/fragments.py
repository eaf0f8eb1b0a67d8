"""The parts of the page that read without JavaScript, as HTML."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from mnist_vae.analysis.latents import by_kl
from mnist_vae.files.png import data_url, encode_png
from mnist_vae.report.charts import bar_chart, line_chart, thinned
from mnist_vae.report.latent_space import DIMS
from mnist_vae.report.run import Run

TERMS = {"neg_elbo_nats": "Negative ELBO", "recon_nats": "Recon", "kl_nats": "KL"}
HARDEST = 24


def number(value: Any) -> str:
    """As a table shows it; booleans and text as they are."""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.4f}" if abs(value) < 10 else f"{value:,.2f}"


def tiles(run: Run) -> str:
    """The few numbers that runs are compared by."""
    wanted = {
        "test.neg_elbo_nats": "test negative ELBO, nats per image",
        "test.nll_nats": "test -log p(x) at most, nats per image",
        "test.active_units": f"of {run.params['latent_dim']} dimensions active",
        "latent.accuracy": "accuracy of LogisticRegression on z_mean",
        "pixels.accuracy": "the same on the raw pixels",
    }
    return "".join(
        f"<div><dt>{escape(name)}</dt><dd>{number(run.metrics[key])}</dd></div>"
        for key, name in wanted.items()
        if key in run.metrics
    )


def table(values: Mapping[str, Any]) -> str:
    rows = (
        f'<tr><th scope="row">{escape(key)}</th><td>{escape(str(shown))}</td></tr>'
        for key, value in values.items()
        for shown in [number(value) if isinstance(value, float) else value]
    )
    return "".join(rows)


def parameters(values: Mapping[str, Any]) -> str:
    """As params.yaml has them."""
    return table({key: f"{v:g}" if isinstance(v, float) else v for key, v in values.items()})


def loss_charts(losses: Mapping[str, Sequence[float]]) -> str:
    columns = thinned(losses)
    charts = []
    for term, name in TERMS.items():
        curves = {split: columns[f"{split}_{term}"] for split in ("train", "validation")}
        chart = line_chart(name, columns["epoch"], curves)
        charts.append(f"<figure>{chart}<figcaption>{name}</figcaption></figure>")
    return "".join(charts)


def kl_chart(kl: np.ndarray) -> str:
    order = by_kl(kl, DIMS)
    of = "" if len(kl) <= DIMS else f" (the {DIMS} largest of {len(kl):,} dimensions)"
    caption = f"KL of each dimension{of}: {kl.sum():.2f} nats per test image in all"
    chart = bar_chart(caption, [f"z_{dim + 1}" for dim in order], kl[order].tolist())
    return f"<figure>{chart}<figcaption>{caption}</figcaption></figure>"


def confusion(run: Run) -> str:
    """The counts of all test images: a row for each class, a column for what it was taken for."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (run.labels, run.predicted), 1)
    names = [escape(name) for name in run.class_names]
    head = "".join(f'<th scope="col"><span>{name}</span></th>' for name in names)
    rows = []
    for label, name in enumerate(names):
        shares = counts[label] / max(counts[label].sum(), 1)
        cells = "".join(
            f'<td data-actual="{label}" data-predicted="{other}" style="--share: {share:.3f}"'
            f"{' class=right' if label == other else ''}>{count}</td>"
            for other, (count, share) in enumerate(zip(counts[label], shares, strict=True))
        )
        rows.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    corner = "<td></td>"
    return f"<thead><tr>{corner}{head}</tr></thead><tbody>{''.join(rows)}</tbody>"


def hardest_of(run: Run, shown: np.ndarray) -> np.ndarray:
    """The test images of `shown` with the largest nats, the largest first."""
    return shown[np.argsort(-run.nats[shown], kind="stable")[:HARDEST]]


def hardest(run: Run, chosen: np.ndarray, decoded: np.ndarray) -> str:
    """A card for each of the test images `chosen`, beside `decoded` (N, 28, 28) in [0, 1]."""
    return "".join(
        card(run, index, np.rint(255 * pixels).astype(np.uint8))
        for index, pixels in zip(chosen.tolist(), decoded, strict=True)
    )


def card(run: Run, index: int, decoded: np.ndarray) -> str:
    name, taken = (run.class_names[int(of[index])] for of in (run.labels, run.predicted))
    said = "recognised" if name == taken else f"taken for {taken}"
    pairs = ("image", run.images[index]), ("reconstruction", decoded)
    urls = [(alt, data_url(encode_png(pixels))) for alt, pixels in pairs]
    pictures = "".join(
        f'<img class="digit" width="56" height="56" alt="{alt}" src="{url}">' for alt, url in urls
    )
    caption = f"<b>{escape(name)}</b>, {run.nats[index]:.1f} nats, {escape(said)}"
    return f'<li><a href="#i={index}">{pictures}<span>{caption}</span></a></li>'
