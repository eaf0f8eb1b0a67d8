"""Whatever params.yaml holds: it trains, or it gets a named error."""

import math
from pathlib import Path

import numpy as np
import pytest
import yaml
from default_run import MNIST_SHAPE, default_params
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_vae.errors import PipelineError
from mnist_vae.model.vae import build_vae
from mnist_vae.params.loading import load_params
from mnist_vae.training.fit import fit

pytestmark = pytest.mark.slow
WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(-1, 300), max_size=3),
    st.sampled_from([[], {}, [[]], "1e-3", "0x10", "12:30", "2001-01-01", 10**6, 100_000]),
)
SANE = {
    ("latent_dim",): st.integers(1, 20),
    ("seed",): st.integers(0, 2**32 - 1),
    ("model", "mlp", "hidden_dims"): st.lists(st.integers(1, 40), min_size=1, max_size=3),
    ("train", "batch_size"): st.integers(1, 200),
    ("train", "learning_rate"): st.floats(1e-12, 1e-2, exclude_min=True),
    ("train", "schedule"): st.sampled_from(["constant", "linear", "cosine"]),
    ("train", "validation_fraction"): st.floats(0.001, 0.9),
}


@st.composite
def files(draw: st.DrawFn) -> str:
    """params.yaml with some values replaced by sane or wrong ones, and keys lost or invented."""
    tree = yaml.safe_load(default_params()) | {"dataset": "mnist_5k"}
    for path, sane in SANE.items():
        *sections, key = path
        target = tree
        for section in sections:
            target = target[section]
        kind = draw(st.sampled_from(["keep", "sane", "sane", "wrong", "lost", "invented"]))
        if kind in ("sane", "wrong"):
            target[key] = draw(sane if kind == "sane" else WRONG)
        if kind == "lost" and draw(st.booleans()):
            del target[key]
        if kind == "invented" and draw(st.booleans()):
            target[draw(st.text(max_size=8))] = draw(WRONG)
    return yaml.safe_dump(tree)


def outcome(file: Path) -> str:
    """`trained`, or the named error."""
    try:
        params = load_params(file)
        vae = build_vae(params.model, params.latent_dim, params.seed, MNIST_SHAPE)
        images = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)
        train = params.train.model_copy(update={"epochs": 1})
        (epoch,) = fit(vae, images, images[:3], train, params.seed)
    except PipelineError as error:
        return str(error)
    return "trained" if math.isfinite(epoch.validation["neg_elbo_nats"]) else "a wrong result"


def test_any_params_file_trains_a_step_or_gets_a_named_error(tmp_path) -> None:
    file, outcomes = tmp_path / "params.yaml", []

    @settings(max_examples=120, deadline=None, derandomize=True)
    @given(text=files())
    def check(text: str) -> None:
        file.write_text(text, encoding="utf-8")
        outcomes.append(outcome(file))
        if outcomes[-1] != "trained" and "diverged in epoch 1" not in outcomes[-1]:
            assert all(
                line.startswith((f"{file}: ", f"{file}, line "))
                for line in outcomes[-1].splitlines()
            )

    check()
    trained = outcomes.count("trained")
    assert 15 < trained < len(outcomes) - 15, "both outcomes must have been tried"
