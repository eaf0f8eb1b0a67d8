"""Run a function of tensors once, then repeat its tensor operations alone."""

import operator
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, fx
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from mnist_vae.machine import products
from mnist_vae.machine.arithmetic import OWN_DIGITS, say_own_digits

aten = torch.ops.aten


class RecordingError(Exception):
    """The function does more than its tensor operations, so that these do not repeat it."""


class WritesElsewhereError(RecordingError):
    """It writes to a tensor that it should not change."""


def record_operations(
    function: Callable[..., Tensor], inputs: Sequence[Tensor], state: Sequence[Tensor] = ()
) -> Callable[..., Tensor]:
    """Call `function` once, on copies of `inputs`; return what repeats its tensor operations.

    A training step spends a fifth of its time on Python and on building an autograd graph that
    looks the same in every step. The recording holds only torch's operations, including those of
    the backward pass, in-place ones and random ones, which draw anew each time. It may be called
    with inputs of other values but the same shapes; what the function computes in Python, and which
    tensors it uses besides `inputs`, is fixed when it is recorded. Raises RecordingError if the
    function looks at a tensor's values in Python, and WritesElsewhereError if it writes to a tensor
    from outside that is not in `state`.
    """
    # Copies, because the recorder tells tensors apart by identity: one may be passed twice.
    inputs = [tensor.clone() for tensor in inputs]
    recorder = OperationRecorder(inputs)
    with recorder:
        result = function(*inputs)
    recorder.expect_writes_only_to([*inputs, *state])
    recorder.graph.output(recorder.node(result))
    fuse_relu(recorder.graph)
    replay = torch.inference_mode()(fx.GraphModule({}, recorder.graph).forward)
    return partial(replay, *recorder.captured)


class OperationRecorder(TorchDispatchMode):
    """Records each operation below autograd as a node of `graph`."""

    def __init__(self, inputs: Sequence[Tensor]) -> None:
        super().__init__()
        self.graph = fx.Graph()
        self.captured: list[Tensor] = []  # besides the inputs, last one first: parameters, ...
        self.alive: list[Tensor] = []  # a freed tensor could pass its id on to a new one
        self.nodes: dict[int, fx.Node] = {}
        self.written: set[int] = set()  # the memory that in-place operations changed
        for number, tensor in enumerate(inputs):
            self.name(tensor, self.graph.placeholder(f"input_{number}"))

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # otherwise torch imports its compiler, which takes a second

    def name(self, tensor: Tensor, node: fx.Node) -> None:
        if id(tensor) not in self.nodes:  # an in-place operation returns what it was given
            self.nodes[id(tensor)] = node
            self.alive.append(tensor)

    def node(self, tensor: Tensor) -> fx.Node:
        if id(tensor) not in self.nodes:
            with self.graph.inserting_before():  # the beginning
                self.name(tensor, self.graph.placeholder(f"captured_{len(self.captured)}"))
            self.captured.insert(0, tensor)
        return self.nodes[id(tensor)]

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if operation in products.IN_USE and args[0].device.type == "cpu":
            with self:  # to record what it calls: a call of Python less in each step
                return products.IN_USE[operation](*args, **kwargs)
        expect_same_for_all_values(operation, args)
        if operation is aten.lift_fresh.default:  # torch.tensor(0.0): a new one in each call
            operation = aten.clone.default
        say_if_own_digits(operation, args)
        self.note_writes(operation, args, kwargs)
        result = operation(*args, **kwargs)
        if operation.is_view and isinstance(result, Tensor) and self.is_constant(args[0]):
            return result  # a view of a weight follows the weight, so one serves all steps
        args, kwargs = tree_map_only(Tensor, self.node, (args, kwargs))
        if operation is aten.detach.default:  # only autograd needs it
            self.name(result, args[0])
            return result
        if operation is aten.t.default and args[0].target is direct(operation):
            self.name(result, args[0].args[0])  # transposed twice
            return result
        node = self.graph.call_function(direct(operation), tuple(args), kwargs)
        if isinstance(result, Tensor):
            self.name(result, node)
        elif isinstance(result, (tuple, list)):
            for number, part in enumerate(result):
                self.name(part, self.graph.call_function(operator.getitem, (node, number)))
        return result

    def is_constant(self, tensor: Tensor) -> bool:
        """Whether it is neither an input nor a result: a weight, say."""
        node = self.nodes.get(id(tensor))
        return node is None or node.name.startswith("captured")

    def note_writes(self, operation: Any, args: Any, kwargs: Any) -> None:
        for position, argument in enumerate(operation._schema.arguments):
            if argument.alias_info and argument.alias_info.is_write:
                given = args[position] if position < len(args) else kwargs.get(argument.name)
                for tensor in given if isinstance(given, (list, tuple)) else [given]:
                    if isinstance(tensor, Tensor):
                        self.written.add(memory(tensor))

    def expect_writes_only_to(self, allowed: Sequence[Tensor]) -> None:
        """Raises WritesElsewhereError."""
        foreign = self.written & {memory(tensor) for tensor in self.captured}
        if foreign - {memory(tensor) for tensor in allowed}:
            raise WritesElsewhereError(
                "it changes a tensor that is neither a parameter nor a buffer, and that is saved "
                "nowhere: use register_buffer"
            )


def say_if_own_digits(operation: Any, args: Any) -> None:
    name = operation.overloadpacket.__name__.removesuffix("_")
    if operation is aten.pow.Tensor_Scalar and args[1] == 0.5:
        name = "sqrt"
    if name in OWN_DIGITS and args[0].device.type == "cpu":
        say_own_digits(name)


def fuse_relu(graph: fx.Graph) -> None:
    """Let oneDNN apply a ReLU to a product in the pass that writes it. That turns nan into 0, so
    that a training that diverges shows it in the validation loss alone."""
    if not products.IN_USE:
        return
    for node in graph.find_nodes(op="call_function", target=direct(aten.relu.default)):
        product = node.args[0]
        if product.target is direct(products.linear.default) and len(product.users) == 1:
            product.args = (*product.args[:3], "relu", *product.args[4:])
            node.replace_all_uses_with(product)
            graph.erase_node(node)


@cache
def direct(operation: Any) -> Callable[..., Any]:
    """`operation` without the call in Python that torch puts around its own code; fx wants a
    name."""
    call: Any = partial(operation._op)
    call.__module__, call.__name__ = __name__, str(operation).replace(".", "_")
    return call


def memory(tensor: Tensor) -> int:
    """The same for a tensor and its views."""
    return tensor.untyped_storage().data_ptr()


def expect_same_for_all_values(operation: Any, args: Any) -> None:
    """Raises RecordingError if what Python sees of the result depends on the values in `args`."""
    by_shape = torch.Tag.dynamic_output_shape in operation.tags
    if operation is aten.index.Tensor:  # tagged for the sake of masks
        by_shape = any(i is not None and i.dtype in (torch.bool, torch.uint8) for i in args[1])
    if by_shape or torch.Tag.data_dependent_output in operation.tags:
        raise RecordingError(f"it looks at a tensor's values in Python ({operation})")
