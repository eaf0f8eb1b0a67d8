"""The parts that measure whole stages: the pipeline and the raw-pixel fit."""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from measuring import ROOT, SHELL, raw_files, spread

# In a process of its own: a child's peak starts at its parent's, and this one has loaded torch.
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def run(command: list[str], cwd: Path) -> tuple[float, float]:
    """(seconds, peak memory in GB) of a command that must succeed."""
    environment = SHELL | {"PATH": f"{Path(sys.executable).parent}:{SHELL['PATH']}"}
    environment["PYTHONPATH"] = str(ROOT / "src")
    start = time.perf_counter()
    measured = [sys.executable, "-c", PEAK, *command]
    peak = subprocess.check_output(measured, cwd=cwd, env=environment)
    return time.perf_counter() - start, int(peak) / 2**20


def pipeline(folder: Path) -> dict[str, object]:
    """The first run in a fresh clone, an experiment, a run with nothing to do; peak memory."""
    if subprocess.check_output(["git", "status", "--porcelain", "src", "stages"], cwd=ROOT):
        raise SystemExit("commit first: this part measures a clone of HEAD")
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    dvc = [sys.executable, "-m", "dvc"]
    raw = raw_files(folder / "raw")
    run([sys.executable, "stages/download.py"], clone)
    _, train_memory = run([sys.executable, "stages/train.py"], clone)
    _, fit_memory = run([sys.executable, "stages/classify.py", "pixels"], clone)
    first, experiment = [], []
    for _ in range(3):
        shutil.rmtree(clone)
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        first.append(run([*dvc, "repro", "--force"], clone)[0])
        experiment.append(run([*dvc, "exp", "run", "-S", "latent_dim=8"], clone)[0])
    no_op = [run([*dvc, "repro"], clone)[0] for _ in range(5)]
    script = [sys.executable, str(ROOT / "benchmarks" / "conventional.py"), str(raw)]
    conventional, _ = run(script, ROOT)
    return {
        "seconds of the first run": spread(first),
        "seconds of the conventional script": conventional,
        "share of the conventional script": statistics.median(first) / conventional,
        "seconds of an experiment with latent_dim": spread(experiment),
        "share of the first run": spread([e / f for e, f in zip(experiment, first, strict=True)]),
        "seconds of a run with nothing to do": spread(no_op),
        "peak memory of training, GB": train_memory,
        "peak memory of the raw-pixel fit, GB": fit_memory,
    }


def probe(_: Path) -> dict[str, object]:
    """The raw-pixel fit, by solver, dtype and columns."""
    from probe_solvers import compare

    return {"rows": compare()}
