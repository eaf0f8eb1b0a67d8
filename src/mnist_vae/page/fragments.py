"""The parts of the page that read without JavaScript, as HTML."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from mnist_vae.analysis.latents import by_kl
from mnist_vae.page.latent_space import DIMS
from mnist_vae.page.loaded_run import Run


def number(value: Any) -> str:
    """As a table shows it; booleans and text as they are."""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.4f}" if abs(value) < 10 else f"{value:,.2f}"


def metric_text(key: str, value: Any) -> str:
    return f"{value:,.2f}" if key.endswith("_nats") and abs(value) >= 1 else number(value)


def tiles(run: Run) -> str:
    """The few numbers that runs are compared by."""
    wanted = {
        "test.neg_elbo_nats": "test negative ELBO, nats per image",
        "test.refined_neg_elbo_nats": "the same with each q(z|x) refined",
        "test.recon_nats": "test recon",
        "test.kl_nats": "test KL",
        "test.nll_nats": "test -log p(x) at most, nats per image",
        "test.active_units": f"of {run.params['latent_dim']} dimensions active",
        "latent.accuracy": "accuracy of LogisticRegression on z_mean",
        "pixels.accuracy": "the same on the raw pixels",
    }
    for features in ("latent", "pixels"):
        if not run.diagnostics[f"{features}.converged"]:
            wanted[f"{features}.accuracy"] += " (not converged; raise classify.max_iter)"
    return "".join(
        f"<div><dt>{escape(name)}</dt><dd>{metric_text(key, run.metrics[key])}</dd></div>"
        for key, name in wanted.items()
        if key in run.metrics
    )


def holds(count: int, total: int, wanted: int) -> str:
    """How many of `total` test images the page has, of which it should have `wanted`."""
    if count == total:
        return f"The page holds all {total:,} test images."
    reason = ", for more would make it too large" if count < wanted else ""
    return f"The page holds {count:,} of the {total:,} test images{reason}."


def table(values: Mapping[str, Any]) -> str:
    return "".join(
        f'<tr><th scope="row">{escape(key)}</th><td>{escape(metric_text(key, value))}</td></tr>'
        for key, value in values.items()
    )


def parameters(values: Mapping[str, Any]) -> str:
    """As params.yaml has them."""
    return table({key: f"{v:g}" if isinstance(v, float) else v for key, v in values.items()})


def losses(columns: Mapping[str, Sequence[float]]) -> str:
    """A row for every so many epochs, for whoever reads without JavaScript, which draws them."""
    few = thinned(columns, at_most=20)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in few)
    rows = (
        "".join(f"<td>{number(value)}</td>" for value in (int(row[0]), *row[1:]))
        for row in zip(*few.values(), strict=True)
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"


def thinned(columns: Mapping[str, Sequence[float]], at_most: int) -> dict[str, list[float]]:
    """At most so many rows of a table, evenly spread, the last one among them."""
    rows = len(next(iter(columns.values())))
    step = math.ceil(rows / at_most)
    kept = range((rows - 1) % step, rows, step)
    return {name: [column[row] for row in kept] for name, column in columns.items()}


def kl_rows(kl: np.ndarray) -> str:
    return table({f"z_{dim + 1}": float(kl[dim]) for dim in by_kl(kl, DIMS)})


def kl_caption(kl: np.ndarray) -> str:
    of = "" if len(kl) <= DIMS else f" (the {DIMS} largest of {len(kl):,} dimensions)"
    return f"KL of each dimension{of}: {kl.sum():.2f} nats per test image in all"
