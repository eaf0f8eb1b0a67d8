"""Parameters whose values are files: `model.network`, `model.likelihood`.

`networks/conv.py` is what `model.network: conv` means. No list of names is kept anywhere; a file
whose name begins with an underscore is no value.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_vae.errors import ParamsError, PipelineError, first_sentence, lacks_memory

if TYPE_CHECKING:
    from mnist_vae.params.schema import Params

PACKAGE = Path(__file__).resolve().parents[1]
NETWORKS = "networks"
LIKELIHOODS = "likelihoods"
# What each file must define; the folder's __init__.py describes it.
CONTRACT = {
    NETWORKS: ("Params", "count_weights", "build"),
    LIKELIHOODS: ("IS_LIKELIHOOD", "IS_LINEAR", "DRAWS_PIXELS", "observe", "recon_nats", "x_mean"),
}


def names_in(folder: str) -> list[str]:
    """The values that `folder` of this package offers, sorted; nothing is imported."""
    names = (path.stem for path in (PACKAGE / folder).glob("[!_]*.py"))
    return sorted(name for name in names if name.isidentifier())  # no `mlp copy`


def load_plugin(folder: str, name: str) -> Any:
    """The module of one value. Raises ParamsError if it cannot be imported or lacks a part."""
    file = file_of(folder, name)
    with faults_in(file, "cannot be used"):
        module = import_module(f"mnist_vae.{folder}.{name}")
    if missing := [part for part in CONTRACT[folder] if not hasattr(module, part)]:
        raise ParamsError(f"{file}: cannot be used: it does not define {', '.join(missing)}")
    return module


def file_of(folder: str, name: str) -> str:
    return f"src/mnist_vae/{folder}/{name}.py"


@contextmanager
def faults_in(file: str, what: str) -> Iterator[None]:
    """Whatever a file of the user's own raises becomes a line with its own last line. Raises
    ParamsError."""
    try:
        yield
    except (Exception, SystemExit) as error:
        if isinstance(error, PipelineError) or lacks_memory(error):
            raise
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno for f in frames if Path(f.filename).as_posix().endswith(file)]
        where = f"{file}, line {lines[-1]}" if lines else file
        reason = f"{type(error).__name__}: {first_sentence(error)}"
        raise ParamsError(f"{where}: {what}: {reason}") from error


def files_of(params: "Params") -> set[str]:
    """The files that the values of `params` name."""
    chosen = {NETWORKS: params.model.network, LIKELIHOODS: params.model.likelihood}
    return {file_of(folder, name) for folder, name in chosen.items()}
