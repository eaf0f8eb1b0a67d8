"""The operations of torch that the page computes with: what they are called there, and what of
their arguments is a value and what a setting.

A network's own layers and functions meet here under one name each: `nn.SiLU()` and `F.silu(x)` are
both "silu". web/operations/ computes them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class Signature(NamedTuple):
    """How many values an operation takes, and its settings in torch's order, by default value."""

    values: int
    settings: dict[str, Any]


REQUIRED = object()  # a setting without a default
ELEMENTWISE = {
    name: Signature(1, {})
    for name in [
        *("relu", "silu", "sigmoid", "tanh", "exp", "expm1", "log", "log1p", "abs", "neg"),
        *("square", "sqrt", "log_sigmoid", "softsign", "hardswish", "hardsigmoid", "mish"),
        *("relu6", "invert"),
    ]
} | {
    "gelu": Signature(1, {"approximate": "none"}),
    "elu": Signature(1, {"alpha": 1.0}),
    "leaky_relu": Signature(1, {"negative_slope": 0.01}),
    "softplus": Signature(1, {"beta": 1.0, "threshold": 20.0}),
    "hardtanh": Signature(1, {"min_val": -1.0, "max_val": 1.0}),
}
OF_TWO = ("add", "sub", "mul", "truediv", "pow", "lt", "le", "gt", "ge")
SEVERAL_VALUES = {name: Signature(2, {}) for name in OF_TWO}
SEVERAL_VALUES |= {"masked_fill": Signature(3, {}), "where": Signature(3, {})}
SEVERAL_VALUES["binary_cross_entropy_with_logits"] = Signature(2, {"reduction": REQUIRED})
SHAPES = {
    "flatten": Signature(1, {"start_dim": 0, "end_dim": -1}),
    "unflatten": Signature(1, {"dim": REQUIRED, "sizes": REQUIRED}),
    "chunk": Signature(1, {"chunks": REQUIRED, "dim": 0}),
    "size": Signature(1, {"dim": None}),
    "getitem": Signature(1, {"index": REQUIRED}),
    "sum": Signature(1, {"dim": REQUIRED}),
    "mean": Signature(1, {"dim": REQUIRED}),
    "softmax": Signature(1, {"dim": REQUIRED}),
}
SIGNATURES = ELEMENTWISE | SEVERAL_VALUES | SHAPES
ALIASES = {"div": "truediv", "multiply": "mul", "subtract": "sub", "negative": "neg"}
# What evaluation leaves as it is
IDENTITIES = "identity", "dropout", "contiguous", "clone"

ACTIVATIONS: dict[type[nn.Module], str] = {
    nn.ReLU: "relu",
    nn.SiLU: "silu",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.GELU: "gelu",
    nn.ELU: "elu",
    nn.LeakyReLU: "leaky_relu",
    nn.Softplus: "softplus",
    nn.Hardtanh: "hardtanh",
    nn.LogSigmoid: "log_sigmoid",
    nn.Softsign: "softsign",
    nn.Hardswish: "hardswish",
    nn.Hardsigmoid: "hardsigmoid",
    nn.Mish: "mish",
    nn.ReLU6: "relu6",
    nn.Softmax: "softmax",
}
IDENTITY_LAYERS = nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout

Layer = tuple[str, list[Tensor], dict[str, Any]]  # name, weights, settings


def linear(layer: nn.Linear) -> Layer:
    return "linear", [layer.weight, bias_of(layer, layer.out_features)], {}


def convolution(layer: nn.Conv2d | nn.ConvTranspose2d) -> Layer:
    if layer.padding_mode != "zeros" or isinstance(layer.padding, str):
        raise ValueError(f"{type(layer).__name__} with other padding than zeros, given in numbers")
    settings = {
        "stride": layer.stride,
        "padding": layer.padding,
        "dilation": layer.dilation,
        "groups": layer.groups,
    }
    name = "conv2d"
    if isinstance(layer, nn.ConvTranspose2d):
        name, settings["output_padding"] = "conv_transpose2d", layer.output_padding
    return name, [layer.weight, bias_of(layer, layer.out_channels)], settings


def batch_norm(layer: nn.BatchNorm1d | nn.BatchNorm2d) -> Layer:
    """In evaluation, a scale and a shift of each channel."""
    if layer.running_mean is None or layer.running_var is None:
        raise ValueError(f"{type(layer).__name__} without running statistics")
    weight, bias = weight_and_bias(layer, layer.running_var.shape)
    scale = weight.double() / (layer.running_var.double() + layer.eps).sqrt()
    shift = bias.double() - layer.running_mean.double() * scale
    return "scale_channels", [scale.float(), shift.float()], {}


def layer_norm(layer: nn.LayerNorm) -> Layer:
    return "layer_norm", weight_and_bias(layer, layer.normalized_shape), {"eps": layer.eps}


def group_norm(layer: nn.GroupNorm) -> Layer:
    settings = {"groups": layer.num_groups, "eps": layer.eps}
    return "group_norm", weight_and_bias(layer, [layer.num_channels]), settings


def pooling(layer: nn.MaxPool2d | nn.AvgPool2d) -> Layer:
    kernel, stride = pair(layer.kernel_size), pair(layer.stride or layer.kernel_size)
    plain = pair(layer.padding) == [0, 0] and not layer.ceil_mode
    if not plain or pair(getattr(layer, "dilation", 1)) != [1, 1]:
        raise ValueError(f"{type(layer).__name__} with padding, dilation or ceil_mode")
    name = "max_pool2d" if isinstance(layer, nn.MaxPool2d) else "avg_pool2d"
    return name, [], {"kernel": kernel, "stride": stride}


def upsample(layer: nn.Upsample) -> Layer:
    factor = pair(layer.scale_factor)
    if layer.mode != "nearest" or None in factor or any(f != int(f) for f in factor):
        raise ValueError("Upsample other than nearest by whole factors")
    return "upsample", [], {"factor": [int(f) for f in factor]}


def flatten(layer: nn.Flatten) -> Layer:
    return "flatten", [], {"start_dim": layer.start_dim, "end_dim": layer.end_dim}


def unflatten(layer: nn.Unflatten) -> Layer:
    return "unflatten", [], {"dim": layer.dim, "sizes": list(layer.unflattened_size)}


LAYERS: dict[type[nn.Module], Callable[[Any], Layer]] = {
    nn.Linear: linear,
    nn.Conv2d: convolution,
    nn.ConvTranspose2d: convolution,
    nn.BatchNorm1d: batch_norm,
    nn.BatchNorm2d: batch_norm,
    nn.LayerNorm: layer_norm,
    nn.GroupNorm: group_norm,
    nn.MaxPool2d: pooling,
    nn.AvgPool2d: pooling,
    nn.Upsample: upsample,
    nn.Flatten: flatten,
    nn.Unflatten: unflatten,
}


def bias_of(layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d, size: int) -> Tensor:
    return torch.zeros(size) if layer.bias is None else layer.bias


def weight_and_bias(layer: Any, shape: Any) -> list[Tensor]:
    weight = torch.ones(shape) if layer.weight is None else layer.weight
    return [weight, torch.zeros(shape) if getattr(layer, "bias", None) is None else layer.bias]


def pair(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (tuple, list)) else [value, value]
