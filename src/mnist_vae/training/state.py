"""A training's state between two epochs, as a checkpoint holds it."""

from typing import Any, NamedTuple

from mnist_vae.model.vae import VAE
from mnist_vae.training.adam import Adam, overwrite
from mnist_vae.training.checkpoints import Checkpoint


class Epoch(NamedTuple):
    """Nats per image of epoch `number`: `train` is the mean while the weights were moving."""

    number: int
    seconds: float
    train: dict[str, float]
    validation: dict[str, float]


def training_state(history: list[Epoch], vae: VAE, optimiser: Adam) -> dict[str, Any]:
    """What a checkpoint holds. An epoch's random numbers need no history."""
    return {
        "history": [tuple(epoch) for epoch in history],
        "weights": vae.state_dict(),
        "numbers": numbers_of(vae),
        "moments": optimiser.state,
    }


def resume(checkpoint: Checkpoint, vae: VAE, optimiser: Adam) -> list[Epoch]:
    """Load what `training_state` saved; returns the epochs that are done."""
    state = checkpoint.load()
    if state is None:
        return []
    vae.load_state_dict(state["weights"])
    set_numbers(vae, state["numbers"])
    for name, tensors in optimiser.state.items():
        overwrite(tensors, state["moments"][name])
    history = [Epoch(*fields) for fields in state["history"]]
    print(f"resumes after epoch {len(history)} from {checkpoint.path}", flush=True)
    return history


def numbers_of(vae: VAE) -> dict[str, Any]:
    """Each module's numbers and texts by dotted name: a network may count outside its tensors."""
    return {
        f"{name}.{key}": float(value) if isinstance(value, float) else value  # numpy's, too
        for name, module in vae.named_modules()
        for key, value in vars(module).items()
        if isinstance(value, (int, float, str))
    }


def set_numbers(vae: VAE, numbers: dict[str, Any]) -> None:
    """The reverse of `numbers_of`: attributes that are not among them are deleted."""
    for name in numbers_of(vae).keys() - numbers.keys():
        module, _, key = name.rpartition(".")
        delattr(vae.get_submodule(module), key)
    for name, value in numbers.items():
        module, _, key = name.rpartition(".")
        setattr(vae.get_submodule(module), key, value)
