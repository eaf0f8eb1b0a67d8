"""The part that measures an epoch with each network and each likelihood."""

from pathlib import Path

from contenders import Contender, taking_turns
from measuring import ratio, raw_files, spread

from mnist_vae.choices import LIKELIHOODS, NETWORKS, names_in

EPOCHS = 5


def choices(folder: Path) -> dict[str, object]:
    """Seconds per epoch after the first; the contenders of a row take turns."""
    raw = raw_files(folder)
    networks = {
        name: faster(after_the_first([f"conventional {name}", f"ours {name}"], raw))
        for name in names_in(NETWORKS)
    }
    likelihoods = after_the_first([f"fit {name}" for name in names_in(LIKELIHOODS)], raw)
    return {
        "networks, against the conventional loop": networks,
        "likelihoods, with draws and validation": {
            name: {
                "seconds per epoch": spread(seconds),
                "times grey": ratio(seconds, likelihoods["fit grey"]),
            }
            for name, seconds in likelihoods.items()
        },
    }


def faster(seconds: dict[str, list[float]]) -> dict[str, object]:
    """Of the conventional loop and ours, in this order."""
    conventional, ours = seconds.values()
    return {
        **{f"seconds per epoch, {name}": spread(values) for name, values in seconds.items()},
        "times the conventional loop": ratio(conventional, ours),
    }


def after_the_first(names: list[str], raw: Path) -> dict[str, list[float]]:
    """Seconds of EPOCHS epochs of each."""
    running = {name: Contender(name, raw) for name in names}
    for contender in running.values():
        contender.epoch()
    return taking_turns(running, EPOCHS)
