"""The network and the likelihood as the page computes them: lists of steps, and their weights."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, fx, nn

from mnist_vae.errors import first_sentence
from mnist_vae.model.vae import VAE
from mnist_vae.page.translation import Step, Translation, UncomputableError

MAX_WEIGHTS = 2**24  # 64 MiB; browsers keep the page's text, a third longer, in one string


class Programs:
    """The programs of a run, which share one array of weights."""

    def __init__(self) -> None:
        self.steps: dict[str, list[Step]] = {}
        self.parts: list[np.ndarray] = []
        self.size = 0

    @property
    def weights(self) -> np.ndarray:
        """float32, one after the other, as the steps "weight" point to them."""
        return np.concatenate([*self.parts, np.zeros(0, "<f4")])

    def add(self, name: str, code: nn.Module | Callable[..., Tensor], title: str) -> None:
        """Follow `code`, which messages call `title`, as the program `name`.

        Raises UncomputableError.
        """
        tracer = fx.Tracer()
        if isinstance(code, nn.Module):
            # fx does not look into a layer of torch's own.
            code = (nn.Sequential(code) if tracer.is_leaf_module(code, "") else code).eval()
        try:
            graph = tracer.trace(code)
            self.steps[name] = Translation(tracer.root, self.add_weight).steps_of(graph)
        except UncomputableError as error:
            raise UncomputableError(f"{error} ({title})") from None
        except Exception as error:  # whatever a module of the user's own does with a tensor
            said = first_sentence(error).rstrip(".")
            raise UncomputableError(f"the page cannot follow {title}: {said}") from None

    def add_weight(self, tensor: Tensor) -> Step:
        array = tensor.detach().cpu().numpy().astype("<f4")
        at, self.size = self.size, self.size + array.size
        if self.size > MAX_WEIGHTS:
            raise UncomputableError(f"the page cannot hold more than {MAX_WEIGHTS:,} weights")
        self.parts.append(array.ravel())
        return ["weight", [], {"shape": list(array.shape), "at": at}]


def programs_of(vae: VAE, likelihood: str) -> Programs:
    """The four programs: encoder, decoder, x_mean and recon_nats.

    Raises UncomputableError, which names the file and the operation.
    """
    programs, package, own = Programs(), "src/mnist_vae", vae.likelihood
    for name in ("encoder", "decoder"):
        title = f"the {name} in {package}/networks/{vae.network}.py"
        programs.add(name, getattr(vae, name), title)
    functions = {
        "x_mean": lambda x_logits: own.x_mean(x_logits),
        "recon_nats": lambda x_logits, x: own.recon_nats(x_logits, x),
    }
    with torch.no_grad():
        for name, function in functions.items():
            programs.add(name, function, f"{name} in {package}/likelihoods/{likelihood}.py")
    return programs
