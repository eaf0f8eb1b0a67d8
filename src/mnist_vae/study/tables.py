"""The tables of README and docs, made from the files of results."""

import shlex
from collections.abc import Callable, Collection
from functools import partial

from mnist_vae.compare.experiments import Experiment
from mnist_vae.compare.settings import LIKELIHOOD, SEED, Setting
from mnist_vae.compare.table import OF_SETTINGS, SHOWN, Grid, show
from mnist_vae.errors import DataError
from mnist_vae.study.plan import load_plan, rows_of
from mnist_vae.study.rows import CHOOSING, FOUND, Row, params_of

ORDER = "mlp", "residual", "conv"  # of networks, simple ones first
DIM = "latent_dim"
SUMMARY = {
    "default": ("mlp", 2),
    "`-S latent_dim=8`": ("mlp", 8),
    "`-S latent_dim=32`": ("mlp", 32),
    "`-S model.network=residual -S train.learning_rate=1e-3`": ("residual", 2),
}


def table(name: str) -> str:
    """Raises DataError and FileError."""
    if name not in TABLES:
        raise DataError(f"results: {name} is none of {', '.join(TABLES)}")
    return markdown(TABLES[name]())


def markdown(grid: Grid) -> str:
    lines = [grid.header, ["---"] * len(grid.header), *grid.rows]
    texts = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in texts)


def grid_settings(likelihood: str) -> list[Setting]:
    """Of the study `grid`, by network and latent_dim: each network has a learning rate of its
    own. Raises DataError if it has two such runs of one seed, and GitError."""
    settings: dict[str, Setting] = {}
    for run in runs("grid"):
        if run.params[LIKELIHOOD] == likelihood:
            values = {"network": run.params["model.network"], DIM: run.params[DIM]}
            setting = settings.setdefault(repr(values), Setting(values, {}))
            if setting.runs.setdefault(run.params[SEED], run) is not run:
                raise DataError(f"grid: {run.name} has a place in its table that another run has")
    return sorted(settings.values(), key=place_of)


def place_of(setting: Setting) -> tuple[int, str, int]:
    """By network, the known ones first, and by latent_dim."""
    network, dim = setting.values["network"], setting.values[DIM]
    return ORDER.index(network) if network in ORDER else len(ORDER), network, dim


def grid_table(likelihood: str) -> Grid:
    """A row for each latent_dim, and for each metric a column for each network."""
    settings = grid_settings(likelihood)
    cells = {(s.values["network"], s.values[DIM]): s for s in settings}
    networks = dict.fromkeys(network for network, _ in cells)
    metrics = metrics_of(settings)
    header = [f"{SHOWN[metric][0]}: {network}" for metric in metrics for network in networks]
    rows = [
        [str(dim), *(cell(cells.get((network, dim)), m) for m in metrics for network in networks)]
        for dim in sorted({dim for _, dim in cells})
    ]
    return Grid([DIM, *header], rows, 1)


def metrics_of(settings: Collection[Setting]) -> list[str]:
    """Those that a table of `settings` shows."""
    return [metric for metric in OF_SETTINGS if any(s.estimate(metric) for s in settings)]


def cell(setting: Setting | None, metric: str) -> str:
    return show(setting.estimate(metric) if setting else None, SHOWN[metric][1])


def runs(study: str) -> list[Experiment]:
    """In the order of the plan."""
    return [experiment_of(*found) for found in rows_of(load_plan()[study]).items()]


def experiment_of(run: str, row: Row) -> Experiment:
    metrics = {key: float(row[key]) for key in (*CHOOSING, *FOUND) if row[key]}
    return Experiment(run, params_of(run), metrics, {})


def summary() -> Grid:
    """README's: the default, a larger latent space, another network."""
    by_run = {(s.values["network"], s.values[DIM]): s for s in grid_settings("grey")}
    rows = []
    for name, key in SUMMARY.items():
        if setting := by_run.get(key):
            rows.append(
                [name, *(cell(setting, m) for m in ("test.neg_elbo_nats", "latent.accuracy"))]
            )
    pixels = [e.mean for s in by_run.values() if (e := s.estimate("pixels.accuracy"))]
    rows += [["the raw pixels, without a VAE", "", f"{mean:.4f}"] for mean in pixels[:1]]
    return Grid(["full MNIST, seeds 0 to 2", "test negative ELBO", "test accuracy"], rows, 1)


def one_flag() -> Grid:
    """What each flag asks, and the answer of seed 0."""
    asks, rows = load_plan()["flags"].asks, []
    for run in runs("flags"):
        words = (shlex.quote(word) for word in run.name.split() if word != f"{SEED}=0")
        flags = " ".join(f"-S {word}" for word in words)
        name = f"`{flags}`" if flags else "none: the default"
        rows.append([name, asks[run.name], answer(run)])
    return Grid(["flag", "what it asks", "test result"], rows, 2)


def answer(run: Experiment) -> str:
    """`109.73 nats; accuracy 0.878`; of a likelihood, -log p(x)."""
    nats = f"{run.metrics['test.neg_elbo_nats']:.2f} nats"
    if "test.refined_neg_elbo_nats" in run.metrics:
        nats += f", {run.metrics['test.refined_neg_elbo_nats']:.2f} refined"
    if "test.nll_nats" in run.metrics:
        nats = f"-log p(x) <= {run.metrics['test.nll_nats']:,.2f} nats"
    return f"{nats}; accuracy {run.metrics['latent.accuracy']:.3f}"


def records() -> Grid:
    """What the most that was tried reaches; the plan has the parameters."""
    study = load_plan()["records"]
    minutes = {run: float(row["seconds"]) / 60 for run, row in rows_of(study).items()}
    names = {without_seed(run): text for run, text in study.asks.items()}
    settings = by_variant("records")
    metrics = metrics_of(settings.values())
    rows = []
    for variant, setting in settings.items():
        cells = [cell(setting, metric) for metric in metrics]
        longest = max(minutes[run.name] for run in setting.runs.values())
        rows.append([names[variant], *cells, f"{longest:.0f} min"])
    return Grid(["record", *(SHOWN[m][0] for m in metrics), "one run takes at most"], rows, 1)


def search() -> Grid:
    """What validation images chose between."""
    rows = []
    for variant, setting in by_variant("search").items():
        estimates = [setting.estimate(metric) for metric in CHOOSING]
        count = str(len(setting.runs))
        rows.append([f"`{variant}`", count, *(show(estimate, 2) for estimate in estimates)])
    return Grid(["parameters", "seeds", "validation", "training"], rows, 1)


def by_variant(study: str) -> dict[str, Setting]:
    """The runs of a study that differ in their seed alone, by the other parameters, in the order of
    the plan."""
    settings: dict[str, Setting] = {}
    for run in runs(study):
        settings.setdefault(without_seed(run.name), Setting({}, {})).runs[run.params[SEED]] = run
    return settings


def without_seed(run: str) -> str:
    return " ".join(word for word in run.split() if not word.startswith(f"{SEED}="))


TABLES: dict[str, Callable[[], Grid]] = {
    "grid-grey": partial(grid_table, "grey"),
    "grid-binarised": partial(grid_table, "binarised"),
    "summary": summary,
    "one-flag": one_flag,
    "records": records,
    "search": search,
}
