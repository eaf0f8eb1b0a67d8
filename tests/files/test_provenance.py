"""Which parameters a file says that it was made with."""

import json

from default_run import params_with

from mnist_vae.files import provenance


def test_a_model_depends_on_what_training_reads_and_on_the_network_in_use(params) -> None:
    expected = {
        "dataset": "mnist",
        "latent_dim": 2,
        "seed": 0,
        "model.network": "mlp",
        "model.likelihood": "grey",
        "model.mlp.hidden_dims": list(params.model.options.hidden_dims),
        "machine.device": "cpu",  # not the threads, which decide speed alone
    }
    train = params.train.model_dump()
    assert train.pop("max_grad_norm") == 0, "which limits nothing, and is left out"
    expected |= {f"train.{key}": value for key, value in train.items()}
    expected |= {f"objective.{key}": v for key, v in params.objective.model_dump().items()}
    assert provenance.of_images(params) == {"dataset": "mnist"}
    found = provenance.of_model(params)
    assert found == expected
    assert json.loads(json.dumps(found)) == found
    limited = provenance.of_model(params_with(train__max_grad_norm=1.0))
    assert limited == expected | {"train.max_grad_norm": 1.0}
    residual = provenance.of_model(params_with(model__network="residual"))
    assert {key for key in residual if key.startswith("model.")} == {
        *("model.network", "model.likelihood", "model.residual.width", "model.residual.blocks")
    }
