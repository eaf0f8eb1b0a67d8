"""The parameters that a file was made with, as they are kept inside it."""

from typing import Any

from mnist_vae.params.dotted import flatten
from mnist_vae.params.schema import Params

OF_MODEL = {"dataset", "latent_dim", "seed", "model", "objective", "train"}


def of_images(params: Params) -> dict[str, Any]:
    """What data/images.npz depends on, by dotted key."""
    return {"dataset": params.dataset}


def of_model(params: Params) -> dict[str, Any]:
    """What models/vae.pt and the latents depend on; of the networks' sections, the one in use."""
    tree = params.model_dump(mode="json", include=OF_MODEL)
    tree["machine"] = {"device": params.machine.device}  # threads decide speed alone
    network = params.model.network
    in_use = "network", "likelihood", network
    tree["model"] = {key: tree["model"][key] for key in in_use}
    if not params.train.max_grad_norm:  # a limit that is not in use
        del tree["train"]["max_grad_norm"]
    return flatten(tree)
