"""Parameters whose values are files: `model.network`, `model.likelihood`.

`networks/conv.py` is what `model.network: conv` means. No list of names is kept anywhere; a file
whose name begins with an underscore is no value.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_vae.errors import ParamsError, first_sentence

if TYPE_CHECKING:
    from mnist_vae.params.schema import Params

PACKAGE = Path(__file__).resolve().parents[1]
NETWORKS = "networks"
LIKELIHOODS = "likelihoods"
# What each file must define; the folder's __init__.py describes it.
CONTRACT = {
    NETWORKS: ("Params", "count_weights", "build"),
    LIKELIHOODS: ("IS_LIKELIHOOD", "DRAWS_PIXELS", "observe", "recon_nats", "x_mean"),
}


def names_in(folder: str) -> list[str]:
    """The values that `folder` of this package offers, sorted; nothing is imported."""
    names = (path.stem for path in (PACKAGE / folder).glob("[!_]*.py"))
    return sorted(name for name in names if name.isidentifier())  # no `mlp copy`


def load_plugin(folder: str, name: str) -> Any:
    """The module of one value. Raises ParamsError if it cannot be imported or lacks a part."""
    file = f"src/mnist_vae/{folder}/{name}.py"
    try:
        module = import_module(f"mnist_vae.{folder}.{name}")
    except (Exception, SystemExit) as error:  # whatever the file of the user's own network raises
        reason = f"{type(error).__name__}: {first_sentence(error)}"
        raise ParamsError(f"{file}: cannot be used: {reason}") from error
    if missing := [part for part in CONTRACT[folder] if not hasattr(module, part)]:
        raise ParamsError(f"{file}: cannot be used: it does not define {', '.join(missing)}")
    return module


def files_of(params: "Params") -> set[str]:
    """The files that the values of `params` name."""
    chosen = {NETWORKS: params.model.network, LIKELIHOODS: params.model.likelihood}
    return {f"src/mnist_vae/{folder}/{name}.py" for folder, name in chosen.items()}
