"""params.yaml: what is accepted, and the one line that each wrong file gets."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from committed import ROOT, default_params

from mnist_vae.choices import DATASETS, NETWORKS, names_in
from mnist_vae.errors import ParamsError
from mnist_vae.params import Params, load_params


def with_value(key: str, value: str, text: str = "") -> str:
    """params.yaml with `value`, as it is, for the only key of that name."""
    changed, count = re.subn(
        rf"(?m)^( *{key}:).*$", lambda found: f"{found[1]} {value}", text or default_params()
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


def test_the_options_are_those_of_the_network_in_use(tmp_path) -> None:
    text = with_value("hidden_dims", "[7, 5]", with_value("network", "mlp"))
    assert load(tmp_path, text).model.options.hidden_dims == (7, 5)


INTEGER = "an integer from "
POSITIVE = "a finite number above 0"
RATE = "a number from 1e-08 to 1000"
LIST = "a list of one or more integers from 1 to 65536"


@pytest.mark.parametrize(
    ("key", "value", "named", "shown", "allowed"),
    [
        ("latent_dim", "0", "latent_dim", "0", f"{INTEGER}1 to 65536"),
        ("latent_dim", "two", "latent_dim", "'two'", INTEGER),
        ("latent_dim", "'2'", "latent_dim", "'2'", INTEGER),
        ("latent_dim", "true", "latent_dim", "True", INTEGER),
        ("latent_dim", "010", "latent_dim", "'010'", INTEGER),
        ("latent_dim", "[2]", "latent_dim", "[2]", INTEGER),
        ("latent_dim", "x" * 100, "latent_dim", "'" + "x" * 56 + "...", INTEGER),
        ("seed", "-1", "seed", "-1", f"{INTEGER}0 to 4294967295"),
        ("seed", "4294967296", "seed", "4294967296", f"{INTEGER}0 to 4294967295"),
        ("seed", "", "seed", "None", INTEGER),
        ("epochs", "2.5", "train.epochs", "2.5", f"{INTEGER}1 to 100000"),
        ("threads", "0", "machine.threads", "0", f"auto, or {INTEGER}1 to 1024"),
        ("device", "tpu", "machine.device", "'tpu'", "one of auto, cpu, cuda, mps"),
        ("learning_rate", "nan", "train.learning_rate", "'nan'", RATE),
        ("learning_rate", ".nan", "train.learning_rate", "nan", RATE),
        ("learning_rate", ".inf", "train.learning_rate", "inf", RATE),
        ("learning_rate", "1e400", "train.learning_rate", "inf", RATE),
        ("learning_rate", "-1e-3", "train.learning_rate", "-0.001", RATE),
        ("schedule", "step", "train.schedule", "'step'", "one of constant, linear, cosine"),
        ("validation_fraction", "1", "train.validation_fraction", "1", "a number between 0 and 1"),
        ("hidden_dims", "[]", "model.mlp.hidden_dims", "[]", LIST),
        ("hidden_dims", "256", "model.mlp.hidden_dims", "256", LIST),
        ("hidden_dims", "[256, 0]", "model.mlp.hidden_dims.1", "0", LIST),
        ("C", "0", "classify.C", "0", POSITIVE),
    ],
)
def test_a_wrong_value_is_named(tmp_path, key, value, named, shown, allowed) -> None:
    line = refusal(tmp_path, with_value(key, value))
    assert f"params.yaml: {named} is {shown}; it must be {allowed}" in line
    assert "\n" not in line


def test_a_section_that_is_none_is_named(tmp_path) -> None:
    tree = yaml.safe_load(default_params()) | {"generate": 7}
    message = refusal(tmp_path, yaml.safe_dump(tree))
    assert message.endswith("params.yaml: generate is 7; it must be a section")


@pytest.mark.parametrize(
    ("key", "named", "folder"),
    [("dataset", "dataset", DATASETS), ("network", "model.network", NETWORKS)],
)
@pytest.mark.parametrize("value", ["cifar", "_idx", "__init__", "mnist mlp", "../mlp"])
def test_only_the_names_of_files_are_accepted(tmp_path, key, named, folder, value) -> None:
    line = refusal(tmp_path, with_value(key, value))
    allowed = ", ".join(names_in(folder))
    assert line.endswith(f"params.yaml: {named} is '{value}'; it must be one of {allowed}")


def test_a_missing_key_is_named(tmp_path) -> None:
    line = refusal(tmp_path, default_params().replace("  epochs:", "  # epochs:"))
    assert line.endswith("train.epochs is missing; it must be an integer from 1 to 100000")


@pytest.mark.parametrize(("path", "named"), [(["model", "mlp"], "model.mlp"), (["train"], "train")])
def test_a_missing_section_is_named(tmp_path, path, named) -> None:
    tree = yaml.safe_load(default_params())
    section = tree["model"] if len(path) == 2 else tree
    del section[path[-1]]
    line = refusal(tmp_path, yaml.safe_dump(tree))
    assert line.endswith(f"params.yaml: {named} is missing; it must be a section")


def test_every_fault_gets_a_line_of_its_own(tmp_path) -> None:
    text = with_value("seed", "-1", with_value("epochs", "0"))
    first, second = refusal(tmp_path, text).splitlines()
    assert "seed is -1" in first
    assert "train.epochs is 0" in second


@pytest.mark.parametrize(
    ("key", "misspelt", "named"),
    [("epochs", "epoch", "train.epoch"), ("hidden_dims", "hiden_dims", "model.mlp.hiden_dims")],
)
def test_a_misspelt_key_is_named_once_with_its_correction(tmp_path, key, misspelt, named) -> None:
    line = refusal(tmp_path, default_params().replace(f" {key}: ", f" {misspelt}: "))
    assert f"params.yaml: {named} is unknown: did you mean {key}? (value " in line
    assert f"; allowed: {key}" in line
    assert "\n" not in line


def test_a_key_like_no_other_is_named_on_one_line_with_those_allowed(tmp_path) -> None:
    line = refusal(tmp_path, default_params() + '\n"two\\nlines": 1\n')
    assert "params.yaml: 'two\\nlines' is unknown: there is no such key (value 1; allowed: " in line
    assert "allowed: dataset, latent_dim, seed, model, objective, train, evaluate, " in line
    assert "\n" not in line


def test_a_key_given_twice_is_refused(tmp_path) -> None:
    line = refusal(tmp_path, default_params() + "\nseed: 1\n")
    assert re.search(r"params\.yaml, line \d+: is not a YAML file: seed twice$", line)


@pytest.mark.parametrize("text", ["a: [1", "", "- 1", "\0", "[" * 1000, "x: !!python/name:os.a 1"])
def test_what_is_no_mapping_is_refused_in_a_line(tmp_path, text) -> None:
    assert "\n" not in refusal(tmp_path, text)


@pytest.mark.parametrize("tagged", ["!!map [a, b]", "!!bool maybe", '!!int ""', "!!timestamp x"])
def test_tags_that_yaml_cannot_build_are_refused_in_a_line(tmp_path, tagged) -> None:
    assert "\n" not in refusal(tmp_path, with_value("latent_dim", tagged))


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ParamsError, match=r"params\.yaml: cannot be read: No such file"):
        load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize(("text", "value"), [("3e-05", 3e-05), ("1", 1.0)])
def test_a_learning_rate_may_have_an_exponent_or_be_whole(tmp_path, text, value) -> None:
    assert load(tmp_path, with_value("learning_rate", text)).train.learning_rate == value


def test_params_are_frozen(tmp_path) -> None:
    params = load(tmp_path, default_params())
    with pytest.raises(ValueError, match="frozen"):
        params.train.epochs = 1


def test_reading_them_imports_no_slow_library(tmp_path) -> None:
    load(tmp_path, default_params())
    code = (
        "import pathlib, sys; sys.path.insert(0, 'src');"
        "from mnist_vae.params import load_params;"
        "load_params(pathlib.Path(sys.argv[1])); print(*sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "params.yaml")]
    modules = subprocess.check_output(command, cwd=ROOT, text=True).split()
    assert "mnist_vae.model.networks.mlp" in modules
    assert not {"torch", "torchvision", "numpy", "sklearn", "matplotlib"} & set(modules)
