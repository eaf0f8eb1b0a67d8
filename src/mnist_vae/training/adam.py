"""Adam (Kingma & Ba 2015) with its state as plain tensors."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.optim.adam import adam


def overwrite(tensors: Iterable[Tensor], values: Iterable[Tensor]) -> None:
    """Copy in place, because graphs and recordings keep references to the tensors."""
    with torch.no_grad():
        for tensor, value in zip(tensors, values, strict=True):
            tensor.copy_(value)


@contextmanager
def restored(tensors: Sequence[Tensor]) -> Iterator[None]:
    """Give `tensors` back the values that they had on entry."""
    before = [tensor.detach().clone() for tensor in tensors]
    yield
    overwrite(tensors, before)


class Adam:
    """torch's fused Adam with its defaults (betas 0.9 and 0.999, eps 1e-8).

    torch.optim.Adam calls the same kernel, but its bookkeeping takes a tenth of a step here,
    and a CUDA graph and a checkpoint both want the state as tensors: `state`.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self.parameters = list(parameters)
        self.state = {
            "exp_avgs": [torch.zeros_like(p) for p in self.parameters],
            "exp_avg_sqs": [torch.zeros_like(p) for p in self.parameters],
            "state_steps": [torch.zeros((), device=p.device) for p in self.parameters],
        }

    def step(self, loss: Tensor, learning_rate: Tensor) -> None:
        """Move the parameters against the gradient of `loss`; it and learning_rate are scalars."""
        gradients = list(torch.autograd.grad(loss, self.parameters))
        with torch.no_grad():
            adam(
                self.parameters,
                gradients,
                max_exp_avg_sqs=[],
                exp_avgs=self.state["exp_avgs"],
                exp_avg_sqs=self.state["exp_avg_sqs"],
                state_steps=self.state["state_steps"],
                fused=True,
                capturable=learning_rate.is_cuda,
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=learning_rate,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )
