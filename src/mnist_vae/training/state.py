"""What the next epoch needs of those before it, as a checkpoint holds it."""

import math
from typing import Any, NamedTuple

from mnist_vae.errors import DataError
from mnist_vae.files.weights import expect_tensors
from mnist_vae.model.vae import VAE
from mnist_vae.training.adam import Adam, overwrite
from mnist_vae.training.checkpoints import Checkpoint

NATS = ["neg_elbo_nats", "recon_nats", "kl_nats"]


class Epoch(NamedTuple):
    """Nats per image of epoch `number`: `train` is the mean while the weights were moving."""

    number: int
    seconds: float
    train: dict[str, float]
    validation: dict[str, float]


def training_state(history: list[Epoch], vae: VAE, optimiser: Adam) -> dict[str, Any]:
    """All that the next epoch needs; its random numbers need no history."""
    moments = {
        f"{name}.{number}": tensor
        for name, tensors in optimiser.state.items()
        for number, tensor in enumerate(tensors)
    }
    epochs = [tuple(epoch) for epoch in history]
    return {"history": epochs, "weights": vae.state_dict(), "moments": moments}


def resume(checkpoint: Checkpoint, vae: VAE, optimiser: Adam) -> list[Epoch]:
    """Load what `training_state` saved; returns the epochs that are done."""
    ours = training_state([], vae, optimiser)
    state = checkpoint.load(lambda found: expect_state(found, ours))
    if state is None:
        return []
    vae.load_state_dict(state["weights"])
    overwrite(ours["moments"].values(), [state["moments"][name] for name in ours["moments"]])
    history = [Epoch(*fields) for fields in state["history"]]
    print(f"resumes after epoch {len(history)} from {checkpoint.path}", flush=True)
    return history


def expect_state(found: Any, wanted: dict[str, Any]) -> None:
    """Raises DataError, or whatever Python raises, unless `resume` can use `found`."""
    expect_tensors(found["weights"], wanted["weights"])
    expect_tensors(found["moments"], wanted["moments"])
    for number, fields in enumerate(found["history"], start=1):
        epoch = Epoch(*fields)
        values = [epoch.seconds, *epoch.train.values(), *epoch.validation.values()]
        named = list(epoch.train) == list(epoch.validation) == NATS
        if epoch.number != number or not named or not all(map(math.isfinite, values)):
            raise DataError(f"it holds no epoch {number}")
