"""params.yaml: what is accepted, and the one line that each wrong file gets."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from default_run import ROOT, default_params

from mnist_vae.errors import ParamsError
from mnist_vae.params.loading import load_params
from mnist_vae.params.plugins import NETWORKS, names_in
from mnist_vae.params.schema import Params


def with_value(key: str, value: str, text: str = "") -> str:
    """params.yaml with `value`, as it is, for the only key of that name."""
    changed, count = re.subn(
        rf"(?m)^( *{key}:).*$(\n *- .*$)*",
        lambda found: f"{found[1]} {value}",
        text or default_params(),
    )
    assert count == 1
    return changed


def load(folder: Path, text: str) -> Params:
    path = folder / "params.yaml"
    path.write_text(text)
    return load_params(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ParamsError) as caught:
        load(folder, text)
    assert caught.value.status == 2
    message = str(caught.value)
    assert message.startswith(f"{folder / 'params.yaml'}")
    return message


def test_the_committed_file_is_accepted_whole(tmp_path) -> None:
    params = load(tmp_path, default_params())
    assert params.model_dump(mode="json") == yaml.safe_load(default_params())
    text = with_value("hidden_dims", "[7, 5]", with_value("network", "mlp"))
    assert load(tmp_path, text).model.options.hidden_dims == (7, 5)
    assert load(tmp_path, with_value("learning_rate", "3e-05")).train.learning_rate == 3e-05
    assert load(tmp_path, with_value("learning_rate", "1")).train.learning_rate == 1.0


INTEGER = "an integer from "
RATE = "a number from 1e-08 to 1000"
LIST = "a list of one or more integers from 1 to 65536"


@pytest.mark.parametrize(
    ("key", "value", "named", "shown", "allowed"),
    [
        ("latent_dim", "0", "latent_dim", "0", f"{INTEGER}1 to 65536"),
        ("latent_dim", "'2'", "latent_dim", "'2'", INTEGER),
        ("latent_dim", "010", "latent_dim", "'010'", INTEGER),
        ("latent_dim", "x" * 100, "latent_dim", "'" + "x" * 56 + "...", INTEGER),
        ("seed", "4294967296", "seed", "4294967296", f"{INTEGER}0 to 4294967295"),
        ("epochs", "2.5", "train.epochs", "2.5", f"{INTEGER}1 to 100000"),
        ("threads", "0", "machine.threads", "0", f"auto, or {INTEGER}1 to 1024"),
        ("device", "tpu", "machine.device", "'tpu'", "one of auto, cpu, cuda, mps"),
        ("learning_rate", ".nan", "train.learning_rate", "nan", RATE),
        ("learning_rate", "9e-9", "train.learning_rate", "9e-09", RATE),
        ("validation_fraction", "1", "train.validation_fraction", "1", "a number between 0 and 1"),
        ("hidden_dims", "[256, 0]", "model.mlp.hidden_dims.1", "0", LIST),
        ("C", "0", "classify.C", "0", "a number above 0, up to 1,000,000"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, key, value, named, shown, allowed) -> None:
    line = refusal(tmp_path, with_value(key, value))
    assert f"params.yaml: {named} is {shown}; it must be {allowed}" in line
    assert "\n" not in line


@pytest.mark.parametrize("value", ["cifar", "__init__", "../mlp"])
def test_only_the_names_of_files_are_accepted(tmp_path, value) -> None:
    allowed = ", ".join(names_in(NETWORKS))
    line = refusal(tmp_path, with_value("network", value))
    assert line.endswith(f"params.yaml: model.network is '{value}'; it must be one of {allowed}")


def test_missing_keys_and_sections_and_what_is_no_section_are_named(tmp_path) -> None:
    line = refusal(tmp_path, default_params().replace("  epochs:", "  # epochs:"))
    assert line.endswith("train.epochs is missing; it must be an integer from 1 to 100000")
    tree = yaml.safe_load(default_params())
    line = refusal(tmp_path, yaml.safe_dump(tree | {"generate": 7}))
    assert line.endswith("params.yaml: generate is 7; it must be a section")
    del tree["model"]["mlp"]
    line = refusal(tmp_path, yaml.safe_dump(tree))
    assert "params.yaml: model.mlp is missing; it must be a section, as src/mnist_vae/net" in line


def test_only_the_network_in_use_needs_a_section_that_fits_its_file(tmp_path) -> None:
    """A file of another that is unfinished, or whose section is gone, stops nothing."""
    tree = yaml.safe_load(default_params())
    tree["model"] |= {"conv": {"channels": [8] * 7}}
    del tree["model"]["residual"]
    assert load(tmp_path, yaml.safe_dump(tree)).model.network == "mlp"
    tree["model"]["network"] = "conv"
    line = refusal(tmp_path, yaml.safe_dump(tree))
    assert "model.conv.dense_dims is missing" in line
    assert "model.conv.channels is [8, 8, 8, 8, 8, 8, 8]; it must be a list of one" in line


def test_every_fault_gets_a_line_of_its_own_and_of_very_many_the_first(tmp_path) -> None:
    text = with_value("seed", "-1", with_value("epochs", "0"))
    first, second = refusal(tmp_path, text).splitlines()
    assert "seed is -1" in first
    assert "train.epochs is 0" in second
    unknown = "".join(f"k{i}: 1\n" for i in range(1000))
    *lines, last = refusal(tmp_path, default_params() + unknown).splitlines()
    assert len(lines) == 20
    assert last.endswith("params.yaml: and 980 more faults")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (" epochs:", " epoch:", "train.epoch is unknown: did you mean epochs? (value "),
        (" hidden_dims:", " hiden_dims:", "model.mlp.hiden_dims is unknown: did you mean hidden_"),
        (
            "seed:",
            '"two\\nlines": 1\nseed:',
            r"'two\nlines' is unknown: there is no such key (value 1",
        ),
    ],
)
def test_an_unknown_key_is_named_once_with_those_allowed(tmp_path, old, new, said) -> None:
    line = refusal(tmp_path, default_params().replace(old, new))
    assert f"params.yaml: {said}" in line
    assert f"allowed: {'dataset, latent_dim, seed, ' if old == 'seed:' else old[1:-1]}" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 0\nseed: 1\n", ", line 1: is not a YAML file: seed twice"),
        ("latent_dim: &n 2\n", ", line 1: is not a YAML file: it has an anchor or alias"),
        ("seed: 0\nlatent_dim: *n\n", ", line 2: is not a YAML file: it has an anchor or alias"),
        ("a: [1", ", line 1: is not a YAML file: "),
        ("[" * 1000, ": is not a YAML file: RecursionError"),
        ("latent_dim: !!bool maybe", ": is not a YAML file: "),
        ("x: !!python/name:os.a 1", ", line 1: is not a YAML file: "),
        ("", ": must hold the keys dataset, latent_dim, seed, "),
        ("- 1", ": must hold the keys dataset, latent_dim, seed, "),
    ],
)
def test_what_is_no_mapping_is_refused_in_a_line(tmp_path, text, said) -> None:
    line = refusal(tmp_path, text)
    assert line.startswith(f"{tmp_path / 'params.yaml'}{said}")
    assert "\n" not in line


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ParamsError, match=r"params\.yaml: cannot be read: No such file"):
        load_params(tmp_path / "params.yaml")


def test_reading_them_imports_no_slow_library(tmp_path) -> None:
    load(tmp_path, default_params())
    code = (
        "import pathlib, sys; sys.path.insert(0, 'src');"
        "from mnist_vae.params.loading import load_params;"
        "load_params(pathlib.Path(sys.argv[1])); print(*sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "params.yaml")]
    modules = subprocess.check_output(command, cwd=ROOT, text=True).split()
    assert "mnist_vae.networks.mlp" in modules
    assert not {"torch", "torchvision", "numpy", "sklearn", "matplotlib"} & set(modules)
