"""The part that measures an epoch with each network and each likelihood."""

from pathlib import Path

from measuring import ratio, raw_files, spread
from taking_turns import Contender, taking_turns

from mnist_vae.params.plugins import LIKELIHOODS, NETWORKS, names_in

EPOCHS = 5


def networks(folder: Path) -> dict[str, object]:
    """Seconds per epoch of each network after the first, against the conventional loop."""
    raw = raw_files(folder)
    return {
        name: faster(after_the_first([f"conventional {name}", f"ours {name}"], raw))
        for name in names_in(NETWORKS)
    }


def likelihoods(folder: Path) -> dict[str, object]:
    """Seconds per epoch of fit() after the first, with its draws and validation."""
    names = [f"fit {name}" for name in names_in(LIKELIHOODS)]
    seconds = after_the_first(names, raw_files(folder))
    return {
        name: {
            "seconds per epoch": spread(values),
            "times grey": ratio(values, seconds["fit grey"]),
        }
        for name, values in seconds.items()
    }


def faster(seconds: dict[str, list[float]]) -> dict[str, object]:
    """Of the conventional loop and ours, in this order."""
    conventional, ours = seconds.values()
    return {
        **{f"seconds per epoch, {name}": spread(values) for name, values in seconds.items()},
        "times the conventional loop": ratio(conventional, ours),
    }


def after_the_first(names: list[str], raw: Path) -> dict[str, list[float]]:
    """Seconds of EPOCHS epochs of each; they take turns."""
    running = {name: Contender(name, raw) for name in names}
    for contender in running.values():
        contender.epoch()
    return taking_turns(running, EPOCHS)
