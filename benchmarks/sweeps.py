"""What many experiments cost: `python benchmarks/sweeps.py 100 1000 3000`.

In clones of HEAD: first the cost of a point, with one epoch on the embedded digits; then, for each
of the given numbers of experiments, which are made up and written straight into Git, the time of
the comparison, of --status, and up to 1,000 of them of `dvc exp show`. One line per figure.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
BASE = ("dataset=mnist_5k", "train.epochs=1", "machine.threads=1")
SHOWN = 1000  # the most for `dvc exp show`, which takes minutes


def git(folder: Path, *arguments: str, stdin: str = "") -> str:
    command = ["git", *arguments]
    done = subprocess.run(
        command, cwd=folder, input=stdin, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def timed(folder: Path, *command: str) -> tuple[float, float]:
    """(wall seconds, CPU seconds of all children)."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    path = os.pathsep.join([str(Path(PYTHON).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu


def files(folder: Path) -> tuple[int, int]:
    """(how many, their bytes)."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def cost_of_a_point(folder: Path) -> None:
    """The points that come after the first, which fills the cache."""
    sweep = [PYTHON, "sweep.py", *(word for value in BASE for word in ("-S", value)), "--jobs", "1"]
    timed(folder, *sweep, "-S", "seed=0")
    cache, objects = files(folder / ".dvc" / "cache"), files(folder / ".git" / "objects")
    _, cpu = timed(folder, *sweep, "-S", "seed=1,2,3,4")
    more, packed = files(folder / ".dvc" / "cache"), files(folder / ".git" / "objects")
    _, again = timed(folder, *sweep, "-S", "seed=1,2,3,4")
    print(f"CPU seconds per point, stages included: {(cpu - again) / 4:.1f}")
    for ref in git(folder, "for-each-ref", "--format=%(refname)", "refs/exps").splitlines()[1:]:
        git(folder, "update-ref", "-d", ref)
    wall, cpu = timed(folder, *sweep, "-S", "seed=1,2,3,4")
    print(f"  of these, all but the stages: {(cpu - again) / 4:.1f}, in {wall / 4:.1f} s")
    print(f"cache files per point: {(more[0] - cache[0]) / 4:.0f}")
    print(f"cache bytes per point: {(more[1] - cache[1]) / 4:,.0f}")
    print(f"Git bytes per point: {(packed[1] - objects[1]) / 4:,.0f}")


def make_up(folder: Path, count: int) -> None:
    """`count` experiments on HEAD: ten seeds of settings of latent_dim and learning rate."""
    head, out = git(folder, "rev-parse", "HEAD"), []
    params = (folder / "params.yaml").read_text()
    for number in range(count):
        tree = yaml.safe_load(params)
        dim, rate, seed = 2 ** (number // 10 % 10), (1 + number // 100) * 1e-4, number % 10
        tree["latent_dim"], tree["train"]["learning_rate"], tree["seed"] = dim, rate, seed
        name = f"latent_dim={dim},seed={seed},train.learning_rate={rate:g}"
        metrics = {"test": {"neg_elbo_nats": 100 + 50 / dim + seed / 10}}
        out.append(f"commit refs/exps/{head[:2]}/{head[2:]}/{name}\n")
        out.append(f"committer t <t@example.org> 1 +0000\ndata 0\n\nfrom {head}\n")
        texts = {"params.yaml": yaml.safe_dump(tree, sort_keys=False)}
        texts["metrics/evaluate.json"] = json.dumps(metrics)
        for file, text in texts.items():
            out.append(f"M 100644 inline {file}\ndata {len(text)}\n{text}\n")
    git(folder, "fast-import", "--quiet", stdin="".join(out))


def of_many(folder: Path, count: int) -> None:
    make_up(folder, count)
    print(f"{count} experiments, made up")
    wall, cpu = timed(folder, PYTHON, "compare.py")
    print(f"  compare.py, table, figure and page: {wall:.1f} s, CPU {cpu:.1f} s")
    status = [PYTHON, "sweep.py", "-S", f"seed=range(0,{count})", "--status"]
    print(f"  sweep.py --status of as many points: {timed(folder, *status)[0]:.1f} s")
    if count <= SHOWN:
        wall, cpu = timed(folder, PYTHON, "-m", "dvc", "exp", "show", "--csv")
        print(f"  dvc exp show, for the first time: {wall:.0f} s, CPU {cpu:.0f} s")
    refs = folder / ".git" / "refs"
    loose, _ = files(refs)
    wall, _ = timed(folder, "git", "pack-refs", "--all")
    print(f"  git pack-refs --all: from {loose} files to {files(refs)[0]}, {wall:.2f} s")
    wall, _ = timed(folder, "git", "clone", "--quiet", "--shared", ".", f"{folder}-{count}")
    shutil.rmtree(f"{folder}-{count}")
    print(f"  git clone --shared: {wall:.2f} s")
    before = files(folder / ".git")[1]
    wall, _ = timed(folder, "git", "gc", "--quiet")
    print(
        f"  git gc: {before / 1e6:.1f} MB to {files(folder / '.git')[1] / 1e6:.1f} MB, {wall:.1f} s"
    )


def main() -> None:
    counts = [int(text) for text in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as name:
        for number, job in enumerate([None, *counts]):
            clone = Path(name) / str(number)
            git(ROOT, "clone", "--quiet", str(ROOT), str(clone))
            if job is None:
                cost_of_a_point(clone)
            else:
                of_many(clone, job)


if __name__ == "__main__":
    main()
