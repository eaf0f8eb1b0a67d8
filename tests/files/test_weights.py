"""models/vae.pt: the way out and back, and refusals of what cannot be."""

import pytest
import torch
from files.examples import some_weights

from mnist_vae.errors import DataError
from mnist_vae.files import provenance
from mnist_vae.files.weights import load_weights, save_weights


def test_weights_come_back_as_they_were(folder, params) -> None:
    save_weights(folder / "vae.pt", params, some_weights())
    back = load_weights(folder / "vae.pt", params, some_weights())
    assert back.keys() == some_weights().keys()
    assert all(torch.equal(back[name], value) for name, value in some_weights().items())


def test_weights_of_other_parameters_say_which_differ(folder, params) -> None:
    save_weights(folder / "vae.pt", params, some_weights())
    mlp = params.model.options.model_copy(update={"hidden_dims": (8,)})
    now = params.model_copy(update={"model": params.model.model_copy(update={"mlp": mlp})})
    message = (
        r"vae\.pt: was made with model\.mlp\.hidden_dims \[256\]; params\.yaml says \[8\]; "
        "`dvc repro` makes it again$"
    )
    with pytest.raises(DataError, match=message):
        load_weights(folder / "vae.pt", now, some_weights())


@pytest.mark.parametrize(
    ("bias", "message"),
    [
        (torch.full((2,), torch.nan), "holds nan or inf"),
        (torch.ones(2).double(), r"is float64 \(2,\) instead of float32 \(2,\)"),
        (torch.ones(3), r"is float32 \(3,\) instead of float32 \(2,\)"),
        (torch.ones(2).to_sparse(), r"is no dense tensor instead of float32 \(2,\)"),
        ([1.0, 2.0], r"is no dense tensor instead of float32 \(2,\)"),
        (torch.ones(1).expand(10**12), "is float32 .* instead"),  # 4 bytes that claim to be 4 TB
        (torch.ones(1).expand(2), "is not contiguous"),
    ],
)
def test_weights_that_cannot_be_are_refused(folder, params, bias, message) -> None:
    saved = {"params": provenance.of_model(params)}
    saved["state_dict"] = {**some_weights(), "a.bias": bias}
    torch.save(saved, folder / "vae.pt")
    with pytest.raises(DataError, match=rf"vae\.pt: a\.bias {message}"):
        load_weights(folder / "vae.pt", params, some_weights())


def test_names_that_are_missing_or_unknown_are_refused(folder, params) -> None:
    save_weights(folder / "vae.pt", params, some_weights())
    fewer = {name: tensor for name, tensor in some_weights().items() if name != "a.bias"}
    with pytest.raises(DataError, match=r"vae\.pt: a\.bias is not of this network; `dvc repro`"):
        load_weights(folder / "vae.pt", params, fewer)
    with pytest.raises(DataError, match=r"vae\.pt: b is missing; `dvc repro`"):
        load_weights(folder / "vae.pt", params, {**some_weights(), "b": torch.ones(1)})


def test_counters_and_masks_are_kept_as_they_are(folder, params) -> None:
    buffers = {"count": torch.tensor(7), "mask": torch.tensor([True, False])}
    save_weights(folder / "vae.pt", params, {**some_weights(), **buffers})
    back = load_weights(folder / "vae.pt", params, {**some_weights(), **buffers})
    assert back["count"].item() == 7
    assert back["mask"].tolist() == [True, False]


@pytest.mark.parametrize("saved", [{}, [1], {"params": [1], "state_dict": {}}])
def test_what_is_not_a_model_is_refused(folder, params, saved) -> None:
    torch.save(saved, folder / "vae.pt")
    with pytest.raises(DataError, match=r"vae\.pt: .*; `dvc repro` makes it again"):
        load_weights(folder / "vae.pt", params, some_weights())
