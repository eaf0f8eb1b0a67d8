"""The part that measures where the time of a training step goes."""

import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from contenders import LATENT_DIM, load_split, mlp_vae
from torch import Tensor, fx

from mnist_vae.machine.device import prepare
from mnist_vae.model.vae import pixels
from mnist_vae.params import load_params
from mnist_vae.training.adam import Adam
from mnist_vae.training.fit import epoch_draws
from mnist_vae.training.recording import OperationRecorder
from mnist_vae.training.steps import RecordedEpoch


class Timed(fx.Interpreter):
    """Runs the operations of a graph one by one and notes the microseconds that each takes."""

    def __init__(self, graph: fx.Graph) -> None:
        super().__init__(fx.GraphModule({}, graph))
        self.spent: dict[str, list[float]] = defaultdict(list)
        self.title: dict[str, str] = {}

    def run_node(self, n: fx.Node) -> Any:
        if n.op != "call_function":
            return super().run_node(n)
        args, kwargs = self.fetch_args_kwargs_from_env(n)
        assert callable(n.target)
        start = time.perf_counter()
        result = n.target(*args, **kwargs)
        self.spent[n.name].append((time.perf_counter() - start) * 1e6)
        matrices = [a for a in args if isinstance(a, Tensor) and a.dim() > 1]
        shapes = ["x".join(map(str, matrix.shape)) for matrix in matrices]
        self.title[n.name] = " ".join([n.target.__name__, *shapes])
        return result


def step(_: Path) -> dict[str, object]:
    """Microseconds per operation of a recorded step: medians over the steps of an epoch."""
    params = load_params()
    prepare(params.machine)
    x = pixels(torch.from_numpy(load_split()[0]))
    vae, size = mlp_vae(), params.train.batch_size
    epoch = RecordedEpoch(vae, Adam(vae.parameters()), x, size)
    order, eps = (drawn.split(size)[:-1] for drawn in epoch_draws(0, 1, len(x), LATENT_DIM))
    rate, beta = torch.tensor(params.train.learning_rate), torch.tensor(1.0)
    recorder = OperationRecorder([order[0], eps[0], rate, beta])
    with recorder:
        sums = epoch.step_on(order[0], eps[0], rate, beta)
    recorder.graph.output(recorder.node(sums))
    timed = Timed(recorder.graph)
    with torch.inference_mode():
        for batch in zip(order, eps, strict=True):
            timed.run(*recorder.captured, *batch, rate, beta)
    return {"microseconds": by_title(timed)}


def by_title(timed: Timed) -> dict[str, float]:
    """The slowest first; operations of less than 10 microseconds share one row."""
    rows: dict[str, float] = defaultdict(float)
    small = []
    for name, spent in timed.spent.items():
        median = statistics.median(spent)
        if median < 10:
            small.append(median)
        else:
            rows[timed.title[name]] += median
    rows = dict(sorted(rows.items(), key=lambda row: -row[1]))
    return {**rows, f"{len(small)} small ones": sum(small), "all": sum([*rows.values(), *small])}
