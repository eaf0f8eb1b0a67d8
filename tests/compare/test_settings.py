"""Settings, their estimates, and experiments read from Git."""

import json
import math
from pathlib import Path

import pytest
from scipy import stats

from mnist_vae.compare.experiments import Experiment, read_experiments
from mnist_vae.compare.settings import find_setting, paired, settings_of
from mnist_vae.errors import DataError, WrongInputError
from mnist_vae.git import git

NATS = "test.neg_elbo_nats"
NOISE = [0.3, -0.1, 0.4]


def run(dim: int, seed: int, nats: float, **params) -> Experiment:
    values = {"latent_dim": dim, "seed": seed, "train.learning_rate": 3e-05, **params}
    return Experiment(f"latent_dim={dim},seed={seed}", values, {NATS: nats}, {})


RUNS = [run(dim, seed, 150 / dim + NOISE[seed]) for dim in (10, 2, 1) for seed in (0, 1, 2)]


def test_runs_that_differ_in_their_seed_are_one_setting_sorted_by_size() -> None:
    found = settings_of(RUNS)
    assert [setting.values for setting in found] == [{"latent_dim": d} for d in (1, 2, 10)]
    estimate = found[0].estimate(NATS)
    assert estimate is not None
    wanted = [150 + noise for noise in NOISE]
    assert estimate.mean == pytest.approx(sum(wanted) / 3)
    assert estimate.stderr == pytest.approx(stats.sem(wanted))
    single = settings_of([run(1, 0, 5.0)])[0].estimate(NATS)
    assert single is not None
    assert (single.mean, single.count) == (5.0, 1)
    assert math.isnan(single.stderr)


def test_paired_differences_are_over_shared_seeds_and_the_same_pixels_alone() -> None:
    one, two, ten = settings_of([*RUNS, run(10, 7, 999.0)])
    difference = paired(ten, one, NATS)
    assert difference is not None
    assert difference.count == 3
    assert difference.mean == pytest.approx(15 - 150)
    assert difference.stderr == pytest.approx(0, abs=1e-9), "what the seeds share cancels"
    one.runs.clear()
    assert paired(two, one, NATS) is None
    a, b = settings_of([run(1, 0, 5.0, dataset="mnist"), run(1, 0, 6.0, dataset="kmnist")])
    assert paired(a, b, NATS) is None
    a, b = settings_of([run(1, 0, 5.0), run(2, 0, 6.0)._replace(images="edited since")])
    assert paired(a, b, NATS) is None


def test_a_baseline_is_named_by_its_values_or_by_one_of_its_experiments() -> None:
    runs = [
        run(d, 0, 1.0, rate=r, hidden=h) for d in (1, 2) for r in (1e-3, 0.1) for h in ([5, 6],)
    ]
    settings = settings_of([*runs, run(1, 0, 1.0, rate=0.1, hidden=[7])])
    for text in ("latent_dim=1,rate=1e-3", "latent_dim=1,rate=0.001,seed=0,hidden=5-6"):
        assert find_setting(settings, text).values["rate"] == 1e-3
        assert find_setting(settings, text).values["latent_dim"] == 1
    for text in ("latent_dim=1", "latent_dim=3", "nonsense", "seed=0", "latent_dim=[1"):
        with pytest.raises(WrongInputError, match="is not one of the settings: latent_dim=1,"):
            find_setting(settings, text)


def commit(folder: Path, params: str, nats: float) -> None:
    (folder / "params.yaml").write_text(params)
    metrics = {"test": {"neg_elbo_nats": nats}}
    (folder / "metrics" / "evaluate.json").write_text(json.dumps(metrics))
    git("add", "--all", folder=folder)
    git("-c", "user.name=t", "-c", "user.email=t@e", "commit", "-qm", "state", folder=folder)


@pytest.fixture
def repository(tmp_path) -> Path:
    """One whose last commit has three experiments; the params.yaml of `bad` is broken."""
    git("init", "--quiet", folder=tmp_path)
    (tmp_path / "metrics").mkdir()
    commit(tmp_path, "seed: 0\n", 100)
    head = git("rev-parse", "HEAD", folder=tmp_path)
    of_two = "seed: {}\ntrain:\n  lr: 3e-05\n  on: no\n"
    for name, params in {"a": of_two.format(1), "b": of_two.format(2), "bad": "["}.items():
        commit(tmp_path, params, 101)
        git("update-ref", f"refs/exps/{head[:2]}/{head[2:]}/{name}", "HEAD", folder=tmp_path)
        git("reset", "-q", "--hard", head, folder=tmp_path)
    return tmp_path


def test_experiments_are_read_from_the_refs_on_the_last_commit(repository) -> None:
    found = read_experiments(repository, {"a", "b", "c"})
    as_yaml_1_2 = {"train.lr": 3e-05, "train.on": "no"}
    assert found == [
        Experiment("a", {"seed": 1, **as_yaml_1_2}, {NATS: 101}, {}),
        Experiment("b", {"seed": 2, **as_yaml_1_2}, {NATS: 101}, {}),
    ]
    with pytest.raises(DataError, match=r"^bad: its params\.yaml, dvc\.lock or metrics cannot"):
        read_experiments(repository)
