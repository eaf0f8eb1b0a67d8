"""`make bench`: measure, print one table, keep the figures in benchmarks/results/.

Needs data/images.npz of full MNIST and MNIST_MIRROR. Ratios come from epochs that the contenders
run in turn. Name one part to run it alone: training, quality, gpu, checkpoints,
pipeline, probe, size.
"""

import gzip
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks")]

EPOCHS, LATE = 30, 6
QUALITY = {"epochs": 10, "learning_rate": 0.01, "schedule": "cosine"}


def machine() -> dict[str, object]:
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(": ")[1] for line in lines if line.startswith("model name")), cpu)
    packages = {name: version(name) for name in ("torch", "numpy", "scikit-learn", "dvc")}
    return {
        "date": date.today().isoformat(),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **packages,
    }


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def raw_files(folder: Path) -> Path:
    """torchvision's raw files, unpacked from MNIST_MIRROR."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for packed in Path(os.environ["MNIST_MIRROR"]).glob("*.gz"):
        (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return folder


def training(folder: Path) -> dict[str, object]:
    """Images a second in epochs 25 to 30, the contenders in turn."""
    from contenders import Contender

    names = ["conventional", "ours", "ours, denormals kept", "products"]
    names += ["products, torch's default"]
    raw = raw_files(folder)
    running = {name: Contender(name, raw) for name in names}
    for name, contender in running.items():
        for _ in range(EPOCHS - LATE if not name.startswith("products") else 1):
            contender.epoch()
    late: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(LATE):
        for name, contender in running.items():
            late[name].append(contender.epoch())
    for contender in running.values():
        contender.stop()

    def ratio(slow: str, fast: str) -> float:
        pairs = zip(late[slow], late[fast], strict=True)
        return statistics.median(a / b for a, b in pairs)

    conventional = running["conventional"].epochs
    return {
        "images": 54000,
        "seconds per late epoch": {name: spread(values) for name, values in late.items()},
        "times the conventional loop": ratio("conventional", "ours"),
        "share of the matrix products' limit": ratio("products", "ours"),
        "share of torch's default products' limit": ratio("products, torch's default", "ours"),
        "denormals kept, times the epoch": ratio("ours, denormals kept", "ours"),
        "conventional": {
            "seconds of 30 epochs": sum(seconds for seconds, _ in conventional),
            "validation loss": conventional[-1][1],
        },
    }


def quality(_: Path) -> dict[str, object]:
    """Seconds of training until the conventional loop's final validation loss is reached."""
    from contenders import load_split, our_epochs

    from mnist_vae.device import prepare
    from mnist_vae.params import load_params

    reference = json.loads((RESULTS / "training.json").read_text())["conventional"]
    params = load_params().train.model_copy(update=QUALITY)
    prepare(params)
    total = 0.0
    for seconds, loss in our_epochs(*load_split(), params):
        total += seconds
        if loss <= reference["validation loss"]:
            break
    return {
        "parameters": QUALITY,
        "validation loss": loss,
        "reached": loss <= reference["validation loss"],
        "seconds": total,
        "times sooner": reference["seconds of 30 epochs"] / total,
    }


def gpu(folder: Path) -> dict[str, object]:
    """30 epochs on a CUDA GPU against the conventional loop there, and against the CPU's losses."""
    import torch
    from contenders import load_split, losses_on
    from conventional import mnist_dataset, train_epochs

    if not torch.cuda.is_available():
        return {"skipped": "this machine has no CUDA GPU"}
    torch.cuda.init()
    split = load_split()
    losses_on("cuda", split, epochs=1)  # start-up: contexts, kernels
    runs = [losses_on("cuda", split, EPOCHS) for _ in range(5)]
    dataset = mnist_dataset(raw_files(folder), train=True)
    loop = [seconds for _, seconds in train_epochs(dataset, "cuda", epochs=4)][1:]
    conventional = statistics.median(loop) * len(split[0]) / len(dataset) * EPOCHS
    _, on_cpu = losses_on("cpu", split, EPOCHS)
    on_gpu = runs[0][1]
    ours = spread([seconds for seconds, _ in runs])
    return {
        "gpu": torch.cuda.get_device_name(),
        "seconds of 30 epochs": ours,
        "seconds of the conventional loop's 30": conventional,
        "times the conventional loop": conventional / ours["median"],
        "nats from the CPU after 1 epoch": abs(on_gpu[0] - on_cpu[0]),
        "nats from the CPU after 30 epochs": abs(on_gpu[-1] - on_cpu[-1]),
        "the same losses run to run": all(losses == on_gpu for _, losses in runs),
    }


def checkpoints(folder: Path) -> dict[str, object]:
    """The share of a whole training that its checkpoints take, as `train` writes them."""
    from contenders import load_split

    from mnist_vae.artifacts import write_bytes
    from mnist_vae.checkpoints import Checkpoint
    from mnist_vae.device import prepare
    from mnist_vae.params import load_params
    from mnist_vae.training import fit
    from mnist_vae.vae import build_vae

    params = load_params().train
    prepare(params)
    written = []

    class Timed(Checkpoint):
        def save(self, state: dict) -> None:
            start = time.perf_counter()
            super().save(state)
            written.append(time.perf_counter() - start)

    checkpoint = Timed({"benchmark": str(folder)})
    start = time.perf_counter()
    for _ in fit(build_vae("mlp", 2, [256], seed=0), *load_split(), params, 0, checkpoint):
        pass
    whole = time.perf_counter() - start
    size = checkpoint.path.stat().st_size
    checkpoint.remove()
    plain = []
    for _ in written:  # the disk's own time for as many bytes, to compare
        start = time.perf_counter()
        write_bytes(folder / "plain", bytes(size))
        plain.append(time.perf_counter() - start)
    return {
        "seconds of 30 epochs": whole,
        "checkpoints": len(written),
        "MB each": size / 1e6,
        "seconds each": spread(written),
        "seconds to write as many bytes": spread(plain),
        "share of the time": sum(written) / whole,
    }


def run(command: list[str], cwd: Path) -> tuple[float, float]:
    """(seconds, peak memory in GB) of a command that must succeed."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(ROOT / "src")
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 2**20


def pipeline(folder: Path) -> dict[str, object]:
    """A first run in a fresh clone, an experiment, a run that has nothing to do; peak memory."""
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


def size(_: Path) -> dict[str, object]:
    """Seconds an epoch against images, latent_dim and hidden width, with a plot."""
    from contenders import load_split, our_epochs

    from mnist_vae.artifacts import save_figure
    from mnist_vae.device import prepare
    from mnist_vae.params import load_params

    params = load_params().train.model_copy(update={"epochs": 4})
    prepare(params)
    train, validation = load_split()
    cases = [("images", len(train) // part, 2, 256) for part in (8, 4, 2, 1)]
    cases += [("latent_dim", len(train), dim, 256) for dim in (2, 8, 32, 128)]
    cases += [("hidden width", len(train), 2, width) for width in (256, 512, 1024)]
    rows = []
    for axis, count, latent_dim, width in cases:
        epochs = our_epochs(train[:count], validation, params, (width,), latent_dim)
        seconds = statistics.median([s for s, _ in epochs][1:])
        flops = 2 * count * (5 * 784 * width + 9 * latent_dim * width)
        x = {"images": count, "latent_dim": latent_dim, "hidden width": width}[axis]
        rows.append({"axis": axis, "x": x, "seconds": seconds, "gflop": flops / 1e9})
    save_figure(RESULTS / "size.png", cost_figure(rows))
    return {"rows": rows}


def cost_figure(rows: list[dict]):
    """Seconds an epoch against the work in it: a line an axis along which the work grew."""
    from mnist_vae.figures import WIDTH, plt

    figure, ax = plt.subplots(figsize=(WIDTH, 4.0))
    for axis in dict.fromkeys(row["axis"] for row in rows):
        chosen = [row for row in rows if row["axis"] == axis]
        ax.plot([r["gflop"] for r in chosen], [r["seconds"] for r in chosen], "o-", label=axis)
    largest = max(rows, key=lambda row: row["gflop"])
    work = sorted(row["gflop"] for row in rows)
    ax.plot(
        work,
        [w * largest["seconds"] / largest["gflop"] for w in work],
        "--",
        color="0.6",
        label="as work",
    )
    ax.set(xscale="log", yscale="log", xlabel="GFLOP an epoch", ylabel="seconds an epoch")
    for axis, ticks in ((ax.xaxis, (10, 20, 50, 100, 200, 400)), (ax.yaxis, (0.1, 0.2, 0.5, 1, 2))):
        axis.set_ticks(ticks, labels=map(str, ticks))
        axis.set_ticks([], minor=True)
    ax.set_title("Cost of an epoch against the work in it", loc="left")
    ax.legend(frameon=False)
    return figure


def probe(_: Path) -> dict[str, object]:
    """The raw-pixel fit by solver, dtype and columns."""
    from probe_solvers import compare

    return {"rows": compare()}


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
    os.chdir(ROOT)
    parts = {p.__name__: p for p in (training, quality, gpu, checkpoints, pipeline, probe, size)}
    measured_on = machine()
    show("machine", measured_on)
    for name in sys.argv[1:] or parts:
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
