"""A params.yaml made to hang or swamp its reader is refused at once, in a line."""

import os
import time

import pytest
from committed import default_params

from mnist_vae.errors import ParamsError
from mnist_vae.params import load_params

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def refusal(path) -> str:
    start = time.monotonic()
    with pytest.raises(ParamsError) as caught:
        load_params(path)
    assert time.monotonic() - start < 20
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LAUGHS, "line 1: is not a YAML file: it has an anchor or alias"),
        ("latent_dim: &n 2\n", "line 1: is not a YAML file: it has an anchor or alias"),
        ("seed: 0\nlatent_dim: *n\n", "line 2: is not a YAML file: it has an anchor or alias"),
        ("".join(f"key{i}: 1\n" for i in range(60_000)), "it has 708,890 bytes, over 16,384"),
    ],
    ids=["laughs", "anchor", "alias", "keys"],
)
def test_it_is_refused_in_one_line(tmp_path, text, reason) -> None:
    (tmp_path / "params.yaml").write_text(text)
    line = refusal(tmp_path / "params.yaml")
    assert reason in line
    assert "\n" not in line


def test_of_very_many_faults_the_first_are_named(tmp_path) -> None:
    unknown = "".join(f"k{i}: 1\n" for i in range(1000))
    (tmp_path / "params.yaml").write_text(default_params() + unknown)
    *lines, last = refusal(tmp_path / "params.yaml").splitlines()
    assert len(lines) == 20
    assert all("is unknown" in line for line in lines)
    assert last.endswith("params.yaml: and 980 more faults")


def test_a_pipe_or_a_device_is_not_waited_for(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        line = refusal(tmp_path / name)
        assert line.endswith(f"{name}: cannot be read: it is a pipe, a device or a socket")


@pytest.mark.parametrize("value", ["1e-300", "9e-9", "1001", "2e7", "0", "-0.001", ".nan", ".inf"])
def test_a_learning_rate_that_cannot_train_is_refused(tmp_path, value) -> None:
    text = default_params()
    start = text.index("learning_rate:")
    end = text.index("\n", start)
    (tmp_path / "params.yaml").write_text(f"{text[:start]}learning_rate: {value}{text[end:]}")
    line = refusal(tmp_path / "params.yaml")
    assert "train.learning_rate is " in line
    assert line.endswith("it must be a number from 1e-08 to 1000")
