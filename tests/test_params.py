"""params.yaml: what is accepted, and the one line that each wrong file gets."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from conftest import default_params

from mnist_vae import params as params_module
from mnist_vae.errors import ParamsError
from mnist_vae.params import Params, flat, load_params

TEXT = default_params()


def load(tmp_path: Path, text: str) -> Params:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    return load_params(path)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ParamsError) as caught:
        load(tmp_path, text)
    assert caught.value.status == 2
    return str(caught.value)


def test_the_committed_file_is_accepted_whole(tmp_path) -> None:
    params = load(tmp_path, TEXT).model_dump(mode="json")
    params["model"]["hidden_dims"] = list(params["model"]["hidden_dims"])
    assert params == yaml.safe_load(TEXT)


@pytest.mark.parametrize(
    ("old", "new", "key", "value", "allowed"),
    [
        ("latent_dim: 2", "latent_dim: 0", "latent_dim", "0", "a whole number from 1"),
        ("latent_dim: 2", "latent_dim: two", "latent_dim", "'two'", "a whole number from 1"),
        ("latent_dim: 2", "latent_dim: '2'", "latent_dim", "'2'", "a whole number from 1"),
        ("latent_dim: 2", "latent_dim: true", "latent_dim", "True", "a whole number from 1"),
        ("latent_dim: 2", "latent_dim: 010", "latent_dim", "'010'", "a whole number from 1"),
        ("seed: 0", "seed: -1", "seed", "-1", "a whole number from 0"),
        ("seed: 0", "seed:", "seed", "None", "a whole number from 0"),
        ("dataset: mnist", "dataset: cifar", "dataset", "'cifar'", "mnist, mnist_5k"),
        ("epochs: 30", "epochs: 2.5", "train.epochs", "2.5", "a whole number from 1"),
        ("0.005", "nan", "train.learning_rate", "'nan'", "a finite number above 0"),
        ("0.005", ".nan", "train.learning_rate", "nan", "a finite number above 0"),
        ("0.005", ".inf", "train.learning_rate", "inf", "a finite number above 0"),
        ("0.005", "1e400", "train.learning_rate", "inf", "a finite number above 0"),
        ("0.005", "-1e-3", "train.learning_rate", "-0.001", "a finite number above 0"),
        ("linear", "step", "train.schedule", "'step'", "constant, linear, cosine"),
        ("fraction: 0.1", "fraction: 1", "train.validation_fraction", "1", "between 0 and 1"),
        ("[256]", "[]", "model.hidden_dims", "[]", "one or more whole numbers"),
        ("[256]", "256", "model.hidden_dims", "256", "one or more whole numbers"),
        ("[256]", "[256, 0]", "model.hidden_dims.1", "0", "one or more whole numbers"),
        ("C: 1.0", "C: 0", "classify.C", "0", "a finite number above 0"),
        ("mlp", "cnn", "model.architecture", "'cnn'", "mlp"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, old, new, key, value, allowed) -> None:
    text = TEXT.replace(old, new, 1)
    assert text != TEXT
    line = refusal(tmp_path, text)
    assert line.startswith(f"{tmp_path / 'params.yaml'}: {key} is {value}; it must be ")
    assert allowed in line
    assert "\n" not in line


def test_a_missing_key_is_named(tmp_path) -> None:
    line = refusal(tmp_path, TEXT.replace("  epochs: 30", "  #"))
    assert "train.epochs is missing; it must be a whole number from 1" in line


def test_a_misspelt_key_is_named_once_with_its_correction(tmp_path) -> None:
    line = refusal(tmp_path, TEXT.replace("epochs: 30", "epoch: 30"))
    assert "train.epoch is unknown: did you mean epochs? (value 30; allowed: epochs, batch" in line
    assert "\n" not in line


def test_a_key_given_twice_is_refused(tmp_path) -> None:
    assert "seed twice" in refusal(tmp_path, TEXT + "\nseed: 1\n")


@pytest.mark.parametrize("text", ["a: [1", "", "- 1", "\0", "[" * 5000, "x: !!python/name:os.a 1"])
def test_what_is_no_mapping_is_refused_in_a_line(tmp_path, text) -> None:
    assert refusal(tmp_path, text).startswith(str(tmp_path / "params.yaml"))


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ParamsError, match="cannot be read: No such file"):
        load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize("number", ["3e-05", "3e-5", "0.00003", "3.0E-5", "+3e-5"])
def test_numbers_are_read_as_dvc_writes_them(tmp_path, number) -> None:
    assert load(tmp_path, TEXT.replace("0.005", number)).train.learning_rate == 3e-05


def test_a_whole_learning_rate_is_a_number(tmp_path) -> None:
    assert load(tmp_path, TEXT.replace("0.005", "1")).train.learning_rate == 1.0


def test_params_are_frozen(tmp_path) -> None:
    params = load(tmp_path, TEXT)
    with pytest.raises(ValueError, match="frozen"):
        params.train.epochs = 1


def test_flat_names_each_parameter_once_by_its_dotted_key(tmp_path) -> None:
    found = flat(load(tmp_path, TEXT), ("dataset", "model"))
    expected = {"dataset": "mnist", "model.architecture": "mlp", "model.hidden_dims": [256]}
    assert found == expected
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("fraction: 0.1", "fraction: 0.000001", "of 60000 images it holds out 0"),
        ("fraction: 0.1", "fraction: 0.999999", "of 60000 images it holds out 60000"),
        ("batch_size: 128", "batch_size: 54001", "batch_size is 54001; of mnist 54000 images are"),
    ],
)
def test_values_that_leave_no_images_are_refused(tmp_path, old, new, message) -> None:
    assert old in TEXT
    assert message in refusal(tmp_path, TEXT.replace(old, new))


def test_a_batch_of_all_images_is_accepted(tmp_path) -> None:
    text = TEXT.replace("batch_size: 128", "batch_size: 54000")
    assert load(tmp_path, text).train.batch_size == 54000


def test_sizes_beyond_the_machines_memory_are_refused(tmp_path, monkeypatch) -> None:
    """By hand: 784 x 10,000 weights twice and 10,000 x 100 three times, 16 bytes each."""
    wide = TEXT.replace("[256]", "[10000]").replace("latent_dim: 2", "latent_dim: 100")
    needed = 16 * (2 * 784 * 10_000 + 3 * 10_000 * 100)
    assert load(tmp_path, wide)
    memory = SimpleNamespace(total=needed - 1)
    monkeypatch.setattr(params_module.psutil, "virtual_memory", lambda: memory)
    message = refusal(tmp_path, wide)
    assert (
        "latent_dim is 100 and model.hidden_dims is [10000]; this takes at least 0.3 GB" in message
    )
    memory.total = needed
    assert load(tmp_path, wide)


def test_latents_beyond_the_machines_memory_are_refused(tmp_path, monkeypatch) -> None:
    """By hand: 70,000 images, two numbers of 4 bytes each, in memory and in the file's buffer."""
    memory = SimpleNamespace(total=16 * 70_000 * 5_000 - 1)
    monkeypatch.setattr(params_module.psutil, "virtual_memory", lambda: memory)
    message = refusal(tmp_path, TEXT.replace("latent_dim: 2", "latent_dim: 5000"))
    assert "latent_dim is 5000" in message
    assert "at least 5.6 GB of memory, and this machine has 5.6 GB" in message


@pytest.mark.parametrize("tagged", ["!!map [a, b]", "!!bool maybe", '!!int ""', "!!timestamp x"])
def test_tags_that_yaml_cannot_build_are_refused(tmp_path, tagged) -> None:
    message = refusal(tmp_path, TEXT.replace("latent_dim: 2", f"latent_dim: {tagged}"))
    assert "params.yaml" in message
    assert message.count("\n") == 0
