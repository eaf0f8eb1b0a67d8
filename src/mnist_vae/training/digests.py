"""A fingerprint of tensors and numbers."""

import hashlib
from typing import Any

import torch
from torch import Tensor


def digest(value: Any) -> str:
    """SHA-256 of nested mappings and sequences of tensors, numbers and text."""
    sha = hashlib.sha256()
    add(sha, value)
    return sha.hexdigest()


def add(sha: Any, value: Any) -> None:
    if isinstance(value, Tensor):
        sha.update(f"{value.dtype} {tuple(value.shape)} ".encode())
        content = value.detach().cpu().contiguous().flatten()
        sha.update(content.view(torch.uint8).numpy().data)
    elif isinstance(value, dict):
        add(sha, list(value.items()))
    elif isinstance(value, (list, tuple)):
        sha.update(f"{len(value)} of ".encode())
        for part in value:
            add(sha, part)
    else:
        sha.update(f"{value!r} ".encode())
