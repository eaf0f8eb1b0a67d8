"""report/index.html: one page that holds a run, opened without a network."""

import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from mnist_vae.analysis.inference import decode
from mnist_vae.analysis.latents import by_kl
from mnist_vae.model.vae import VAE
from mnist_vae.report import fragments
from mnist_vae.report.charts import thinned
from mnist_vae.report.latent_space import DIMS, latent_space, packed, shown_images
from mnist_vae.report.programs import programs_of
from mnist_vae.report.run import Run

FOLDER = Path(__file__).parent / "page"
FORMAT, VERSION = "mnist-vae report", 1  # by which one page knows another
# Each uses what stands before it.
STYLES = "base", "tables", "explorer"
SCRIPTS = [
    *("interpreter", "elementwise", "shapes", "layers", "pooling"),
    *("data", "palette", "state", "network", "planes", "link"),
    *("pictures", "points", "overlay", "pointer", "backdrop"),
    *("card", "neighbours", "sliders", "walks", "between"),
    *("centre", "drawing", "confusion", "chart", "compare", "main"),
]


def build_page(run: Run, vae: VAE, at_most: int) -> bytes:
    """The page of `run`, with `at_most` of its test images. Raises PipelineError if the page cannot
    compute what the network or the likelihood does."""
    shown = shown_images(len(run.labels), at_most)
    hardest = fragments.hardest_of(run, shown)
    programs = programs_of(vae, run.params["model.likelihood"])
    network = {"steps": programs.steps, "weights": packed(programs.weights)}
    decoded = decode(vae, run.latents.test_z_mean[hardest])
    parts = {
        "heading": escape(heading(run)),
        "noun": escape(run.class_noun),
        "images": f"{len(shown):,}",
        "tiles": fragments.tiles(run),
        "confusion": fragments.confusion(run),
        "hardest": fragments.hardest(run, hardest, decoded),
        "losses": fragments.loss_charts(run.losses),
        "kl": fragments.kl_chart(run.kl),
        "metrics": fragments.table(run.metrics),
        "parameters": fragments.parameters(run.params),
        "md5": run.model_md5,
        "style": "\n".join(read(f"{name}.css") for name in STYLES),
        "script": "\n".join(read(f"{name}.js") for name in SCRIPTS),
        "run-data": embedded(summary(run, vae)),
        "network-data": embedded(network),
        "space-data": embedded(latent_space(run, shown)),
    }
    return fill(read("index.html"), parts).encode()


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def heading(run: Run) -> str:
    keys = "model.network", "model.likelihood"
    model = ", ".join(str(run.params[key]).replace("_", " ") for key in keys)
    return f"{run.title}: {model}, latent_dim {run.params['latent_dim']}, seed {run.params['seed']}"


def summary(run: Run, vae: VAE) -> dict[str, Any]:
    """What the page knows of its run, and what another page compares with."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "heading": heading(run),
        "noun": run.class_noun,
        "classes": run.class_names,
        "params": run.params,
        "metrics": run.metrics,
        "md5": run.model_md5,
        "losses": thinned(run.losses),
        "kl": run.kl[by_kl(run.kl, DIMS)].tolist(),
        "digits": run.class_noun == "digit",
        "blackAndWhite": vae.likelihood.DRAWS_PIXELS,
    }


def embedded(data: Any) -> str:
    """JSON inside a script element, which `</script>` would end and `<!--` would confuse."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def fill(template: str, parts: Mapping[str, str]) -> str:
    """`template` with each {{name}} replaced, once: a part may hold what it likes."""
    return re.sub(r"\{\{([\w-]+)\}\}", lambda match: parts[match[1]], template)
