"""report/index.html: one page that holds a run, opened without a network."""

import json
import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from mnist_vae.analysis.latents import by_kl
from mnist_vae.model.vae import VAE
from mnist_vae.page import cards, fragments
from mnist_vae.page.confusions import confusions
from mnist_vae.page.latent_space import DIMS, latent_space, packed, shown_images
from mnist_vae.page.loaded_run import Run
from mnist_vae.page.programs import programs_of
from mnist_vae.page.proportions import proportions
from mnist_vae.page.translation import UncomputableError

FOLDER = Path(__file__).resolve().parent / "web"
FORMAT, VERSION = "mnist-vae report", 1  # by which one page knows another
MOST_BYTES = 20_000_000  # of the page, unless its network alone has more
MOST_PIXELS = 2**24  # of the picture of all test images; Safari on phones reads no larger one
LEAST_IMAGES = 100
STYLES = "base", "tables", "explorer"  # each overrides what stands before it
IMPORT = re.compile(r'^import \{([^}]+)\} from "(.+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function) (\w+))", re.MULTILINE)


def build_page(run: Run, vae: VAE, at_most: int) -> tuple[bytes, str]:
    """The page of `run`, with `at_most` of its test images, or as many as it has room for; and what
    the log says of it: how many these are and, if it is so, why the latent space cannot be explored
    in it."""
    network, reason = network_of(run, vae)
    same = {"network-data": network, **parts_of_run(run, vae, reason)}
    total, count = len(run.labels), most_images(run, at_most)
    while True:
        shown = shown_images(total, count)
        space = embedded(latent_space(run, shown))
        holds = fragments.holds(len(shown), total, min(at_most, total))
        parts = {"space-data": space, "holds": holds, **chosen_images(run, vae, shown, reason)}
        page = fill(read("index.html"), same | parts).encode()
        if len(page) <= MOST_BYTES or count <= LEAST_IMAGES:
            return page, f"{holds}\n{reason}".rstrip()
        # What is not of the images stays, and so do a few images however much that is.
        room = MOST_BYTES - (len(page) - len(space))
        count = max(LEAST_IMAGES, int(0.98 * room / len(space) * count))


def most_images(run: Run, at_most: int) -> int:
    """How many of `at_most` images a browser can read from one picture."""
    _, height, width, *_ = run.images.shape
    return min(at_most, len(run.labels), MOST_PIXELS // (height * width))


def network_of(run: Run, vae: VAE) -> tuple[str, str]:
    """The network and the likelihood as the page computes them; and why it cannot, as a sentence,
    or "" if it can."""
    try:
        programs = programs_of(vae, run.params["model.likelihood"])
    except UncomputableError as error:
        return embedded(None), f"The latent space cannot be explored: {error}."
    return embedded({"steps": programs.steps, "weights": packed(programs.weights)}), ""


def parts_of_run(run: Run, vae: VAE, reason: str) -> dict[str, str]:
    """Those that are the same whichever test images the page holds."""
    wide, tall = proportions(*vae.shape[1:])
    return {
        "heading": escape(heading(run)),
        "proportions": f"--wide: {wide:.4g}; --tall: {tall:.4g}",
        "tiles": fragments.tiles(run),
        "explorer": f'<p class="note">{escape(reason)}</p>' if reason else explorer(run),
        **{f"confusions-{name}": part for name, part in confusions(run).items()},
        "samples": cards.samples(run, vae),
        "losses": fragments.losses(run.losses),
        "kl": fragments.kl_rows(run.kl),
        "kl-caption": fragments.kl_caption(run.kl),
        "metrics": fragments.table(run.metrics),
        "parameters": fragments.parameters(run.params),
        "md5": run.model_md5,
        "style": "\n".join(read(f"{name}.css") for name in STYLES),
        "script": script(FOLDER),
        "run-data": embedded(summary(run, vae)),
    }


def chosen_images(run: Run, vae: VAE, shown: np.ndarray, reason: str) -> dict[str, str]:
    chosen = {"typical": cards.typical_of(run, shown), "hardest": cards.hardest_of(run, shown)}
    return {name: cards.cards(run, vae, own, linked=not reason) for name, own in chosen.items()}


def explorer(run: Run) -> str:
    """What needs the network; a canvas to draw on only for images that strokes can imitate."""
    ink = "ink" if run.dataset.background else ""
    drawing = fill(read("drawing.html"), {"ink": ink}) if run.dataset.drawable else ""
    return fill(read("explorer.html"), {"noun": escape(run.dataset.class_noun), "drawing": drawing})


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
    keys, params = ("model.network", "model.likelihood"), run.params
    model = ", ".join(str(params[key]).replace("_", " ") for key in keys)
    own = f"{model}, latent_dim {params['latent_dim']}, seed {params['seed']}"
    return f"{run.dataset.title}: {own}"


def summary(run: Run, vae: VAE) -> dict[str, Any]:
    """What the page knows of its run, and what another page compares with."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "heading": heading(run),
        "noun": run.dataset.class_noun,
        "classes": run.dataset.class_names,
        "params": run.params,
        "metrics": run.metrics,
        "md5": run.model_md5,
        "losses": fragments.thinned(run.losses, at_most=500),
        "kl": run.kl[by_kl(run.kl, DIMS)].tolist(),
        "shape": vae.shape,
        "proportions": proportions(*vae.shape[1:]),
        "ink": run.dataset.background,
        "drawable": run.dataset.drawable,
        "filled": run.dataset.filled,
        "blackAndWhite": vae.likelihood.DRAWS_PIXELS,
    }


def embedded(data: Any) -> str:
    """JSON inside a script element, which `</script>` would end and `<!--` would confuse."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def fill(template: str, parts: Mapping[str, str]) -> str:
    """`template` with each {{name}} replaced, once: a part may hold what it likes."""
    return re.sub(r"\{\{([\w-]+)\}\}", lambda match: parts[match[1]], template)
