"""The part that measures where a step of training goes."""

import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from contenders import load_split
from torch import Tensor, fx

from mnist_vae.adam import Adam
from mnist_vae.device import prepare
from mnist_vae.inference import pixels
from mnist_vae.params import load_params
from mnist_vae.recording import Recorder
from mnist_vae.steps import RecordedEpoch
from mnist_vae.training import epoch_draws
from mnist_vae.vae import build_vae


class Timed(fx.Interpreter):
    """Runs the operations of a graph one by one and keeps the microseconds of each."""

    def __init__(self, graph: fx.Graph) -> None:
        super().__init__(fx.GraphModule({}, graph))
        self.spent: dict[str, list[float]] = defaultdict(list)
        self.title: dict[str, str] = {}

    def run_node(self, n: fx.Node) -> Any:
        if n.op != "call_function":
            return super().run_node(n)
        args, kwargs = self.fetch_args_kwargs_from_env(n)
        start = time.perf_counter()
        result = n.target(*args, **kwargs)
        self.spent[n.name].append((time.perf_counter() - start) * 1e6)
        matrices = [a for a in args if isinstance(a, Tensor) and a.dim() > 1]
        shapes = ["x".join(map(str, matrix.shape)) for matrix in matrices]
        self.title[n.name] = " ".join([n.target.__name__, *shapes])
        return result


def step(_: Path) -> dict[str, object]:
    """Microseconds of each operation of a recorded step, medians over the steps of an epoch."""
    params = load_params().train
    prepare(params)
    x = pixels(torch.from_numpy(load_split()[0]))
    vae, size = build_vae("mlp", 2, [256], seed=0), params.batch_size
    epoch = RecordedEpoch(vae, Adam(vae.parameters()), x, size)
    order, eps = (draws.split(size)[:-1] for draws in epoch_draws(0, 1, len(x), 2))
    rate = torch.tensor(params.learning_rate)
    recorder = Recorder([order[0], eps[0], rate])
    with recorder:
        sums = epoch.step_on(order[0], eps[0], rate)
    recorder.graph.output(recorder.node(sums))
    timed = Timed(recorder.graph)
    with torch.inference_mode():
        for batch in zip(order, eps, strict=True):
            timed.run(*recorder.found, *batch, rate)
    return {"microseconds": by_title(timed)}


def by_title(timed: Timed) -> dict[str, float]:
    """The largest first; what takes less than 10 microseconds is summed up in one row."""
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
