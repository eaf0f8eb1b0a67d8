"""params.yaml as frozen objects: every parameter, its type and the values that it may have."""

from functools import cache
from typing import Any

from pydantic import create_model

from mnist_vae.params import datasets
from mnist_vae.params.fields import (
    AutoOrCount,
    Section,
    fraction,
    integer,
    number,
    one_of,
    positive_number,
    subsection,
)
from mnist_vae.params.plugins import LIKELIHOODS, NETWORKS, load_plugin, names_in


class ModelParams(Section):
    """Names, and sections of networks, which `schema` adds."""

    network: str = one_of(*names_in(NETWORKS))
    likelihood: str = one_of(*names_in(LIKELIHOODS))

    @property
    def options(self) -> Any:
        """The section of the network in use."""
        return getattr(self, self.network)


class ObjectiveParams(Section):
    beta: float = number(0, 1000)
    warm_up_epochs: int = integer(0, 100_000)
    importance_samples: int = integer(1, 1000)


ELBO = ObjectiveParams(beta=1.0, warm_up_epochs=0, importance_samples=1)


class TrainParams(Section):
    epochs: int = integer(1, 100_000)
    batch_size: int = integer(1, 1_000_000)
    learning_rate: float = number(1e-8, 1000)  # a smaller step is lost in float32's rounding
    schedule: str = one_of("constant", "linear", "cosine")
    max_grad_norm: float = number(0, 1e9)
    validation_fraction: float = fraction()


class EvaluateParams(Section):
    importance_samples: int = integer(1, 100_000)
    refinement_steps: int = integer(0, 100_000)


class PlotLatentParams(Section):
    points: int = integer(1, 1_000_000)


class GenerateParams(Section):
    grid: int = integer(1, 100)
    z_max: float = positive_number(100)  # of standard deviations


class ClassifyParams(Section):
    C: float = positive_number(1e6)
    max_iter: int = integer(1, 1_000_000)


class ReportParams(Section):
    images: int = integer(1, 20_000)


class MachineParams(Section):
    device: str = one_of("auto", "cpu", "cuda", "mps")
    threads: AutoOrCount


class Params(Section):
    dataset: str = one_of(*datasets.names())
    latent_dim: int = integer(1, 65536)
    seed: int = integer(0, 2**32 - 1)
    model: ModelParams = subsection()
    objective: ObjectiveParams = subsection()
    train: TrainParams = subsection()
    evaluate: EvaluateParams = subsection()
    plot_latent: PlotLatentParams = subsection()
    generate: GenerateParams = subsection()
    classify: ClassifyParams = subsection()
    report: ReportParams = subsection()
    machine: MachineParams = subsection()


@cache
def schema(network: str) -> type[Params]:
    """Params with the section that the file of `network` defines; those of other networks may be
    missing and are not looked at. Raises ParamsError."""
    sections: dict[str, Any] = dict.fromkeys(names_in(NETWORKS), (Any, None))
    if network in sections:
        described = f"a section, as src/mnist_vae/networks/{network}.py defines it"
        sections[network] = load_plugin(NETWORKS, network).Params, subsection(described)
    model: Any = create_model("ModelParams", __base__=ModelParams, **sections)
    return create_model("Params", __base__=Params, model=(model, subsection()))
