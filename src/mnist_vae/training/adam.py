"""Adam (Kingma & Ba 2015) with its state as plain tensors."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor


def overwrite(tensors: Iterable[Tensor], values: Iterable[Tensor]) -> None:
    """Copy in place, because recordings keep references to the tensors."""
    with torch.no_grad():
        for tensor, value in zip(tensors, values, strict=True):
            tensor.copy_(value)


@contextmanager
def restored(tensors: Sequence[Tensor]) -> Iterator[None]:
    """Give `tensors` back the values that they had on entry."""
    before = [tensor.detach().clone() for tensor in tensors]
    try:
        yield
    finally:
        overwrite(tensors, before)


class Adam:
    """torch's fused Adam with its defaults (betas 0.9 and 0.999, eps 1e-8).

    torch.optim.Adam calls the same kernel, but counts the steps of each parameter anew and keeps
    gradients between steps, of which a recording would repeat every operation.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self.parameters = list(parameters)
        self.state = {
            "exp_avgs": [torch.zeros_like(p) for p in self.parameters],
            "exp_avg_sqs": [torch.zeros_like(p) for p in self.parameters],
            "steps": [torch.zeros((), device=self.parameters[0].device)],
        }

    def step(self, loss: Tensor, learning_rate: Tensor) -> None:
        """Move the parameters against the gradient of `loss`; it and learning_rate are scalars."""
        gradients = torch.autograd.grad(loss, self.parameters)
        (steps,) = self.state["steps"]
        with torch.no_grad():
            torch.ops.aten._fused_adam_(
                self.parameters,
                gradients,
                self.state["exp_avgs"],
                self.state["exp_avg_sqs"],
                [],  # of AMSGrad alone
                [steps.add_(1)] * len(self.parameters),
                lr=learning_rate,
                beta1=0.9,
                beta2=0.999,
                weight_decay=0.0,
                eps=1e-8,
                amsgrad=False,
                maximize=False,
            )
