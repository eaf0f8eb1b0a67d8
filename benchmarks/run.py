"""`make bench`: measure, print one table, and keep the figures in benchmarks/results/.

It needs data/images.npz of full MNIST, and MNIST_MIRROR. To run some parts only, name them;
benchmarks/README.md says what each measures.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

from measuring import RESULTS, ROOT

if __name__ == "__main__":  # contenders have environments of their own
    from mnist_vae.machine.environment_variables import settle_environment

    settle_environment()

from busy_machine import busy, together
from networks_and_likelihoods import likelihoods, networks
from problem_size import size
from training import checkpoints, gpu, quality, training
from whole_pipeline import pipeline, probe

from mnist_vae.machine.cpu import cpu_name

PARTS = (
    training,
    quality,
    gpu,
    checkpoints,
    pipeline,
    probe,
    size,
    busy,
    together,
    networks,
    likelihoods,
)


def machine() -> dict[str, object]:
    packages = {name: version(name) for name in ("torch", "numpy", "scikit-learn", "dvc")}
    return {
        "date": date.today().isoformat(),
        "commit": subprocess.getoutput("git describe --always --dirty"),
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **packages,
    }


def show(name: str, result: dict[str, object], indent: str = "") -> None:
    print(f"{indent}{name}")
    for key, value in result.items():
        if isinstance(value, dict) and "median" in value:
            value = "{median:.3f} ({min:.3f} to {max:.3f})".format(**value)
        if isinstance(value, dict):
            show(key, value, indent + "  ")
        elif isinstance(value, list):
            for row in value:
                print(f"{indent}  " + "  ".join(f"{k} {v}" for k, v in rounded(row).items()))
        else:
            print(f"{indent}  {key:52s} {rounded({'': value})['']}")


def rounded(row: dict[str, object]) -> dict[str, object]:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}


def main() -> None:
    parts = {part.__name__: part for part in PARTS}
    chosen = sys.argv[1:] or list(parts)
    if unknown := [name for name in chosen if name not in parts]:
        sys.exit(f"error: no part {unknown[0]!r}; the parts are {', '.join(parts)}")
    os.chdir(ROOT)
    measured_on = machine()
    show("machine", measured_on)
    for name in chosen:
        with tempfile.TemporaryDirectory() as folder:
            result = parts[name](Path(folder))
        show(name, result)
        if "skipped" in result:
            continue
        RESULTS.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"machine": measured_on} | result, indent=2)
        (RESULTS / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
