"""report/index.html: one page that holds a run, opened without a network."""

import json
import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from html import escape
from pathlib import Path
from typing import Any

from mnist_vae.analysis.latents import by_kl
from mnist_vae.model.inference import decode
from mnist_vae.model.vae import VAE
from mnist_vae.page import fragments
from mnist_vae.page.latent_space import DIMS, latent_space, packed, shown_images
from mnist_vae.page.loaded_run import Run
from mnist_vae.page.programs import programs_of
from mnist_vae.page.translation import UncomputableError

FOLDER = Path(__file__).resolve().parent / "web"
FORMAT, VERSION = "mnist-vae report", 1  # by which one page knows another
STYLES = "base", "tables", "explorer"  # each overrides what stands before it
IMPORT = re.compile(r'^import \{([^}]+)\} from "(.+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function) (\w+))", re.MULTILINE)


def build_page(run: Run, vae: VAE, at_most: int) -> tuple[bytes, str]:
    """The page of `run`, with `at_most` of its test images; and why the latent space cannot be
    explored in it, as a sentence, or "" if it can."""
    shown, noun = shown_images(len(run.labels), at_most), escape(run.class_noun)
    hardest = fragments.hardest_of(run, shown)
    decoded = decode(vae, run.latents.test_z_mean[hardest])
    try:
        programs = programs_of(vae, run.params["model.likelihood"])
        network = {"steps": programs.steps, "weights": packed(programs.weights)}
        explorer, reason = fill(read("explorer.html"), {"noun": noun}), ""
    except UncomputableError as error:
        network, reason = None, f"The latent space cannot be explored: {error}."
        explorer = f'<p class="note">{escape(reason)}</p>'
    parts = {
        "heading": escape(heading(run)),
        "noun": noun,
        "images": f"{len(shown):,}",
        "tiles": fragments.tiles(run),
        "explorer": explorer,
        "confusion": fragments.confusion(run),
        "hardest": fragments.hardest(run, hardest, decoded, linked=network is not None),
        "losses": fragments.losses(run.losses),
        "kl": fragments.kl_rows(run.kl),
        "kl-caption": fragments.kl_caption(run.kl),
        "metrics": fragments.table(run.metrics),
        "parameters": fragments.parameters(run.params),
        "md5": run.model_md5,
        "style": "\n".join(read(f"{name}.css") for name in STYLES),
        "script": script(FOLDER),
        "run-data": embedded(summary(run, vae)),
        "network-data": embedded(network),
        "space-data": embedded(latent_space(run, shown)),
    }
    return fill(read("index.html"), parts).encode(), reason


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def script(folder: Path) -> str:
    """The JavaScript modules in `folder` as one script, each after those that it imports: a page
    opened from the disk may load no other file. They then share one scope.

    Raises ImportError if a module imports what another does not export, and CycleError.
    """
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.js"))}
    imports: dict[Path, list[Path]] = {path: [] for path in sources}
    for path, source in sources.items():
        for names, target in IMPORT.findall(source):
            module = (path.parent / target).resolve()
            lacking = set(re.findall(r"\w+", names)) - set(EXPORT.findall(sources.get(module, "")))
            if lacking:
                raise ImportError(f"{path}: {target} exports no {', '.join(sorted(lacking))}")
            imports[path].append(module)
    order = TopologicalSorter(imports).static_order()
    return "\n".join(EXPORT.sub("", IMPORT.sub("", sources[path])) for path in order)


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
        "losses": fragments.thinned(run.losses, at_most=500),
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
