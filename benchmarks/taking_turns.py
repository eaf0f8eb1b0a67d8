"""Training loops in processes of their own, which take turns: one epoch at a time."""

import multiprocessing
from contextlib import nullcontext
from multiprocessing.connection import Connection
from pathlib import Path

from measuring import environment_of_shell
from training_loops import epochs_of


def serve(name: str, raw: Path, pipe: Connection) -> None:
    epochs = epochs_of(name, raw)
    pipe.send("ready")
    while pipe.recv() == "epoch":
        pipe.send(next(epochs))


class Contender:
    """A training process that runs one epoch per request, in the environment of our stages or, for
    the conventional loop and torch's default products, in that of the shell."""

    def __init__(self, name: str, raw: Path) -> None:
        plain = name.startswith("conventional") or name.endswith("default")
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(name, raw, other), daemon=True)
        with environment_of_shell() if plain else nullcontext():
            self.process.start()
        self.epochs: list[tuple[float, float]] = []
        self.ready = False

    def wait_until_ready(self) -> None:
        """Until it has loaded its libraries."""
        self.ready = self.ready or bool(self.pipe.recv())

    def epoch(self) -> float:
        self.start_epoch()
        return self.end_epoch()

    def start_epoch(self) -> None:
        self.wait_until_ready()
        self.pipe.send("epoch")

    def end_epoch(self) -> float:
        self.epochs.append(self.pipe.recv())
        return self.epochs[-1][0]

    def stop(self) -> None:
        self.pipe.send("stop")
        self.process.join()


def taking_turns(running: dict[str, Contender], epochs: int) -> dict[str, list[float]]:
    """Seconds of so many epochs of each; then they are stopped."""
    seconds: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(epochs):
        for name, contender in running.items():
            seconds[name].append(contender.epoch())
    for contender in running.values():
        contender.stop()
    return seconds
