"""The points of a grid by DVC's own expansion, a name for each, and what is refused at once."""

import hashlib
import re
import tempfile
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.utils.cli_parse import to_path_overrides
from dvc.utils.hydra import apply_overrides, get_hydra_sweeps
from hydra.errors import HydraException

from mnist_vae.errors import ParamsError, first_sentence
from mnist_vae.git import git
from mnist_vae.params.datasets import untracked
from mnist_vae.params.loading import PARAMS, load_params
from mnist_vae.params.plugins import files_of
from mnist_vae.sweeps.base import Point

# What Git forbids in the last part of a ref's name, and DVC a slash
REFUSED = re.compile(r"[\x00-\x20\x7f~^:?*\[\\/]|\.\.|@\{|^\.|\.$|\.lock$")
MAX_BYTES = 240  # of a name, which becomes a file's, and Git adds .lock


def expand(arguments: list[str]) -> list[Point]:
    """The points that `dvc exp run --queue -S ...` queues for these `arguments` of -S.

    Raises ParamsError.
    """
    try:
        paths = to_path_overrides(arguments)
        sweeps = get_hydra_sweeps(paths)
    except (DvcException, HydraException) as error:
        raise ParamsError(f"-S {' -S '.join(arguments)}: {first_sentence(error)}") from None
    if other := paths.keys() - {PARAMS.name}:
        raise ParamsError(f"-S {min(other)}:...: only {PARAMS} has parameters")
    points = [Point(name(sweep[PARAMS.name]), sweep[PARAMS.name]) for sweep in sweeps]
    points = list({point.name: point for point in points}.values())  # 2,2 is one point
    faults = [point.name for point in points if not allowed(point.name)]
    if faults:
        raise ParamsError("\n".join(f"{fault}: Git allows no such name" for fault in faults))
    return points


def name(overrides: list[str]) -> str:
    """`latent_dim=8,seed=1`, in the order of the alphabet; [512,256] is 512-256, for Git allows no
    brackets. What is longer than MAX_BYTES ends with a hash."""
    values = (re.sub(r"\[(.*?)\]", lambda m: re.sub(r",\s*", "-", m[1]), o) for o in overrides)
    text = ",".join(sorted(values)).encode()
    if len(text) > MAX_BYTES:
        mark = f",{hashlib.sha256(text).hexdigest()[:16]}"
        text = text[: MAX_BYTES - len(mark)] + mark.encode()
    return text.decode(errors="ignore")


def allowed(name: str) -> bool:
    return not REFUSED.search(name)


def validate(points: list[Point]) -> int:
    """The largest number of threads that one of `points` asks for, 1 if none does. Raises
    ParamsError with a line per fault, also for a file that a clone of the commit would lack."""
    text, faults, threads = PARAMS.read_bytes(), [], 1
    needed: set[str] = set()
    names: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / PARAMS.name
        for point in points:
            copy.write_bytes(text)
            try:
                apply_overrides(copy, point.overrides)
                params = load_params(copy)
                needed |= files_of(params)
                names.add(params.dataset)
                asked = params.machine.threads
                threads = max(threads, 1 if asked == "auto" else int(asked))
            except (DvcException, HydraException) as error:
                faults.append(f"{point.name}: {first_sentence(error.__cause__ or error)}")
            except ParamsError as error:
                faults += [f"{point.name}: {fault}" for fault in str(error).splitlines()]
    if faults:
        raise ParamsError("\n".join(faults).replace(f"{copy}: ", ""))
    tracked = git("ls-files", "src", "datasets").splitlines()
    for name in sorted(names):
        if not any(
            path.startswith((f"datasets/{name}/", f"datasets/{name}.dvc")) for path in tracked
        ):
            raise ParamsError(untracked(name))
    if lacking := " ".join(sorted(needed.difference(tracked))):
        raise ParamsError(
            f"{lacking}: not in Git, and a point runs in a clone of the last commit: "
            f"`git add {lacking} && git commit` first"
        )
    return threads
