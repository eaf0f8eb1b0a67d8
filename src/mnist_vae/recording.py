"""record(): run a function of tensors once, then repeat its operations alone."""

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, fx
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

aten = torch.ops.aten
# The commonest operations of a step, and torch's own bindings of them, which take the same
# arguments and are called a third quicker. Not every operation has such a one: the arguments and
# defaults of binary_cross_entropy_with_logits, for one, are others.
QUICK = {
    aten.add.Tensor: torch.add,
    aten.addmm.default: torch.addmm,
    aten.div.Tensor: torch.div,
    aten.exp.default: torch.exp,
    aten.mm.default: torch.mm,
    aten.mul.Tensor: torch.mul,
    aten.neg.default: torch.neg,
    aten.pow.Tensor_Scalar: torch.pow,
    aten.relu.default: torch.relu,
    aten.sigmoid.default: torch.sigmoid,
    aten.sub.Tensor: torch.sub,
    aten.sum.default: torch.sum,
    aten.sum.dim_IntList: torch.sum,
    aten.t.default: torch.t,
}


def record(function: Callable[..., Tensor], inputs: Sequence[Tensor]) -> Callable[..., Tensor]:
    """Call `function(*inputs)` once and return a function that repeats its tensor operations.

    A training step spends a fifth of its time on Python and on building the autograd graph, which
    looks the same in every step. The recording holds what is left of it: torch's operations, those
    of the backward pass and in-place ones included. Inputs of other values but the same shapes may
    follow; what the function computes in Python, and which tensors it finds outside of `inputs`,
    stays as it was.
    """
    recorder = Recorder(inputs)
    with recorder:
        result = function(*inputs)
    recorder.graph.output(recorder.node(result))
    replay = torch.inference_mode()(fx.GraphModule({}, recorder.graph).forward)
    return partial(replay, *recorder.found)


class Recorder(TorchDispatchMode):
    """Writes down each operation below autograd as a node of `graph`."""

    def __init__(self, inputs: Sequence[Tensor]) -> None:
        super().__init__()
        self.graph = fx.Graph()
        self.found: list[Tensor] = []  # outside, the last one first: parameters, constants, ...
        self.alive: list[Tensor] = []  # a tensor that is gone could lend its id to a new one
        self.nodes: dict[int, fx.Node] = {}
        for number, tensor in enumerate(inputs):
            self.name(tensor, self.graph.placeholder(f"input_{number}"))

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # or torch imports its compiler, which takes a second, to keep it away

    def name(self, tensor: Tensor, node: fx.Node) -> None:
        if id(tensor) not in self.nodes:  # an in-place operation returns what it was given
            self.nodes[id(tensor)] = node
            self.alive.append(tensor)

    def node(self, tensor: Tensor) -> fx.Node:
        if id(tensor) not in self.nodes:
            with self.graph.inserting_before():  # the beginning
                self.name(tensor, self.graph.placeholder(f"found_{len(self.found)}"))
            self.found.insert(0, tensor)
        return self.nodes[id(tensor)]

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = operation(*args, **(kwargs or {}))
        args, kwargs = tree_map_only(Tensor, self.node, (args, kwargs or {}))
        if operation is aten.detach.default:  # only autograd needs it
            self.name(result, args[0])
            return result
        node = self.graph.call_function(QUICK.get(operation, operation), tuple(args), kwargs)
        if isinstance(result, Tensor):
            self.name(result, node)
        elif isinstance(result, (tuple, list)):
            for number, part in enumerate(result):
                self.name(part, self.graph.call_function(operator.getitem, (node, number)))
        return result
