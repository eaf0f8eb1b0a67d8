"""Which parameters a file says that it was made with."""

import json

import yaml
from committed import default_params, params_with

from mnist_vae.files import provenance
from mnist_vae.model.networks import mlp
from mnist_vae.params import ModelParams, Params
from mnist_vae.sections import Section, subsection


class OtherParams(Section):
    width: int


class TwoNetworks(ModelParams):
    mlp: mlp.Params
    other: OtherParams


class TwoNetworksParams(Params):
    model: TwoNetworks = subsection()


def params_of_two_networks() -> Params:
    tree = yaml.safe_load(default_params())
    tree["model"] = {"network": "mlp", "likelihood": "grey"}
    tree["model"] |= {"mlp": {"hidden_dims": [8]}, "other": {"width": 3}}
    return TwoNetworksParams.model_validate(tree)


def test_images_depend_on_the_data_set_alone() -> None:
    assert provenance.of_images(params_with(dataset="mnist_5k")) == {"dataset": "mnist_5k"}


def test_a_model_depends_on_what_training_reads(params) -> None:
    expected = {
        "dataset": "mnist",
        "latent_dim": 2,
        "seed": 0,
        "model.network": "mlp",
        "model.likelihood": "grey",
        "model.mlp.hidden_dims": [256],
        "train.epochs": 30,
    }
    expected |= {f"train.{key}": value for key, value in params.train.model_dump().items()}
    expected |= {f"objective.{key}": v for key, v in params.objective.model_dump().items()}
    expected["machine.device"] = "cpu"  # not the threads, which decide speed alone
    found = provenance.of_model(params)
    assert found == expected
    assert json.loads(json.dumps(found)) == found


def test_a_model_does_not_depend_on_what_later_stages_read() -> None:
    changed = params_with(plot_latent__points=7, generate__grid=3, classify__C=2.0)
    assert provenance.of_model(changed) == provenance.of_model(params_with())


def test_of_several_networks_only_the_one_in_use_counts() -> None:
    params = params_of_two_networks()
    with_mlp = provenance.of_model(params)
    assert with_mlp["model.mlp.hidden_dims"] == [8]
    assert not any(key.startswith("model.other") for key in with_mlp)

    other = params.model.model_copy(update={"network": "other"})
    with_other = provenance.of_model(params.model_copy(update={"model": other}))
    assert with_other["model.network"] == "other"
    assert with_other["model.other.width"] == 3
    assert not any(key.startswith("model.mlp") for key in with_other)


def test_flatten_joins_the_keys_by_dots_and_keeps_lists() -> None:
    tree = {"a": 1, "b": {"c": [2, 3], "d": {"e": None}}, "f": {}}
    assert provenance.flatten(tree) == {"a": 1, "b.c": [2, 3], "b.d.e": None}
