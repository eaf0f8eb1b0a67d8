"""The network and the likelihood as the page computes them: lists of steps, and their weights."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import torch
from torch import Tensor, fx, nn

from mnist_vae.errors import PipelineError, first_sentence
from mnist_vae.model.vae import VAE
from mnist_vae.report.translation import Step, Translation, UnknownOperationError

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

    def add(self, name: str, module: nn.Module, title: str) -> None:
        """Follow `module` as the program `name`. Raises UnknownOperationError, which says `title`,
        and PipelineError if there are too many weights."""
        tracer = fx.Tracer()
        if tracer.is_leaf_module(module, ""):  # a layer of torch's own, into which fx does not look
            module = nn.Sequential(module)
        try:
            graph = tracer.trace(module.eval())
            self.steps[name] = Translation(module, self.add_weight).steps_of(graph)
        except PipelineError as error:
            raise type(error)(f"{title}: {error}") from None
        except Exception as error:  # whatever a module of the user's own does with a tensor
            raise UnknownOperationError(
                f"{title}: the report cannot follow it: {first_sentence(error)}"
            ) from None

    def add_weight(self, tensor: Tensor) -> Step:
        array = tensor.detach().cpu().numpy().astype("<f4")
        at, self.size = self.size, self.size + array.size
        if self.size > MAX_WEIGHTS:
            raise PipelineError(
                f"has over {MAX_WEIGHTS:,} weights, the most that the report's page can hold"
            )
        self.parts.append(array.ravel())
        return ["weight", [], {"shape": list(array.shape), "at": at}]


class Function(nn.Module):
    """A function as a module, which torch.fx follows."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function


class OfLogits(Function):
    def forward(self, x_logits: Tensor) -> Tensor:
        return self.function(x_logits)


class OfLogitsAndPixels(Function):
    def forward(self, x_logits: Tensor, x: Tensor) -> Tensor:
        return self.function(x_logits, x)


def programs_of(vae: VAE, likelihood: str) -> Programs:
    """The four programs: encoder, decoder, x_mean and recon_nats.

    Raises UnknownOperationError, which says which file and which operation.
    """
    programs, of = Programs(), vae.likelihood
    network = f"src/mnist_vae/model/networks/{vae.network}.py"
    programs.add("encoder", vae.encoder, f"{network}: the encoder")
    programs.add("decoder", vae.decoder, f"{network}: the decoder")
    add_likelihood(programs, of, f"src/mnist_vae/model/likelihoods/{likelihood}.py")
    return programs


def add_likelihood(programs: Programs, likelihood: ModuleType, file: str) -> None:
    """Raises UnknownOperationError."""
    with torch.no_grad():
        programs.add("x_mean", OfLogits(likelihood.x_mean), f"{file}: x_mean")
        programs.add("recon_nats", OfLogitsAndPixels(likelihood.recon_nats), f"{file}: recon_nats")
