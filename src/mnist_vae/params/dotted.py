"""Nested mappings by dotted key: `{"train": {"epochs": 2}}` is `{"train.epochs": 2}`."""

from collections.abc import Mapping
from typing import Any


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """What `flatten` made flat."""
    tree: dict[str, Any] = {}
    for key, value in flat.items():
        *sections, last = key.split(".")
        section = tree
        for name in sections:
            section = section.setdefault(name, {})
        section[last] = value
    return tree


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """`latent_dim 8 instead of 2` for each key of two flat mappings whose values differ."""
    keys = dict.fromkeys([*there, *here])
    pairs = [(key, there.get(key), here.get(key)) for key in keys]
    return [f"{key} {new} instead of {old}" for key, old, new in pairs if repr(old) != repr(new)]
