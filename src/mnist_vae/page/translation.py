"""A module's graph as steps that the page takes.

torch.fx follows a module once and notes what it calls. Each note becomes a step [operation, values,
settings], in which values are the numbers of earlier steps; the last one is the result.
"""

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor, fx, nn

from mnist_vae.page.operations import (
    ACTIVATIONS,
    ALIASES,
    IDENTITIES,
    IDENTITY_LAYERS,
    LAYERS,
    REQUIRED,
    SIGNATURES,
    Signature,
)

Step = list[Any]


class UncomputableError(Exception):
    """A network or a likelihood does what the page cannot."""


class Translation:
    """Of one module's graph into steps."""

    def __init__(self, module: nn.Module, add_weight: Callable[[Tensor], Step]) -> None:
        """`add_weight` keeps a tensor and gives the step that reads it."""
        self.module, self.add_weight = module, add_weight
        self.steps: list[Step] = []
        self.numbers: dict[fx.Node, int] = {}

    def steps_of(self, graph: fx.Graph) -> list[Step]:
        for node in graph.nodes:
            if node.op == "output":
                self.result(node.args[0])
            else:
                self.numbers[node] = self.translate(node)
        return self.steps

    def result(self, given: Any) -> None:
        """The last step. An encoder's z_mean and z_log_var, a tuple or chunks, lie side by side."""
        if isinstance(given, tuple):
            self.append(["cat", [self.value(part) for part in given], {"dim": 1}])
            return
        number = self.value(given)
        name, _, settings = self.steps[number]
        if name == "chunk":
            places = range(settings["chunks"])
            parts = [self.append(["getitem", [number], {"index": place}]) for place in places]
            self.append(["cat", parts, {"dim": 1}])
        else:
            self.append(["identity", [number], {}])

    def append(self, step: Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def value(self, argument: Any) -> int:
        """The number of the step that gives a node's value, or a constant."""
        if isinstance(argument, fx.Node):
            return self.numbers[argument]
        if isinstance(argument, (int, float)) and math.isfinite(argument):
            return self.append(["number", [], {"value": float(argument)}])
        raise UncomputableError(f"the page cannot compute with {argument!r}")

    def translate(self, node: fx.Node) -> int:
        if node.op == "placeholder":
            return self.append(["input", [], {"name": node.target}])
        if node.op == "get_attr":
            tensor: Any = self.module
            for part in str(node.target).split("."):
                tensor = getattr(tensor, part)
            return self.append(self.add_weight(tensor))
        if node.op == "call_module":
            return self.layer(node, self.module.get_submodule(str(node.target)))
        target: Any = node.target
        return self.function(node, target if isinstance(target, str) else target.__name__)

    def layer(self, node: fx.Node, layer: nn.Module) -> int:
        """A layer of torch's own: its operation, its weights as values, its settings."""
        if isinstance(layer, IDENTITY_LAYERS):
            return self.value(node.args[0])
        if getattr(layer, "inplace", False) and len(node.all_input_nodes[0].users) > 1:
            raise unknown(f"{type(layer).__name__}(inplace=True) on a value that is used again")
        if name := ACTIVATIONS.get(type(layer)):
            settings = {key: getattr(layer, key) for key in SIGNATURES[name].settings}
            return self.append([name, [self.value(node.args[0])], settings])
        if describe := LAYERS.get(type(layer)):
            try:
                name, weights, settings = describe(layer)
            except ValueError as error:
                raise unknown(str(error)) from None
            values = [self.append(self.add_weight(weight)) for weight in weights]
            return self.append([name, [self.value(node.args[0]), *values], settings])
        raise unknown(f"the layer {type(layer).__name__}")

    def function(self, node: fx.Node, name: str) -> int:
        """A function or a method, whose first argument is its tensor."""
        name = ALIASES.get(name, name)
        args: list[Any] = list(node.args)
        keywords = dict(node.kwargs)
        if name in IDENTITIES and keywords.get("training", False) is False:
            return self.value(args[0])
        if name in ("view", "reshape"):
            sizes = args[1] if isinstance(args[1], (tuple, list)) else args[1:]
            return self.append(["reshape", [self.value(part) for part in (args[0], *sizes)], {}])
        if name == "cat":
            parts = [self.value(part) for part in args[0]]
            dim = keywords.get("dim", args[1] if len(args) > 1 else 0)
            return self.append(["cat", parts, {"dim": dim}])
        if name == "getattr" and args[1] == "shape":
            return self.append(["size", [self.value(args[0])], {"dim": None}])
        if name not in SIGNATURES or keywords.pop("inplace", False):
            raise unknown(f"the operation {name}")
        values, settings = bind(name, SIGNATURES[name], args, keywords)
        if name == "getitem" and not self.is_list(values[0], settings["index"]):
            raise unknown("a part of a tensor")
        return self.append([name, [self.value(value) for value in values], settings])

    def is_list(self, value: Any, index: Any) -> bool:
        """Whether `value`[`index`] is one of several sizes or parts, not a part of a tensor."""
        return isinstance(index, int) and self.steps[self.value(value)][0] in ("size", "chunk")


def bind(
    name: str, signature: Signature, args: list[Any], keywords: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """A call's values and settings. Raises UncomputableError for what `signature` lacks."""
    count = signature.values
    keywords = {key: v for key, v in keywords.items() if v is not None and key[0] != "_"}
    given = dict(zip(signature.settings, args[count:], strict=False)) | keywords
    odd = sorted(given.keys() - signature.settings.keys())
    if odd or len(args) > count + len(signature.settings) or len(args) < count:
        raise unknown(f"{name} with other arguments than {count} and {list(signature.settings)}")
    settings = signature.settings | given
    if missing := [key for key, value in settings.items() if value is REQUIRED]:
        raise unknown(f"{name} without {missing[0]}")
    if settings.get("reduction", "none") != "none":
        raise unknown(f"{name} with reduction {settings['reduction']!r}")
    if any(isinstance(value, fx.Node) for value in settings.values()):
        raise unknown(f"{name} with a setting that is computed")
    return args[:count], plain(settings)


def plain(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as JSON has them; `dim` of one dimension as a number."""
    whole = {key: list(v) if isinstance(v, (tuple, list)) else v for key, v in settings.items()}
    dim = whole.get("dim")
    return whole | ({"dim": dim[0]} if isinstance(dim, list) and len(dim) == 1 else {})


def unknown(what: str) -> UncomputableError:
    return UncomputableError(f"the page cannot compute {what}")
