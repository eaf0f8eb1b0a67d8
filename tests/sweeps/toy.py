"""A repository whose pipeline is one small stage: it counts, keeps a checkpoint, and may fail.

Beside a file `hold`, the checkpoint stays at step 6, so that nothing depends on who is faster.
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml
from clone import Clone

STAGE = """
import json, os, time, yaml
params = yaml.safe_load(open("params.yaml"))
dim, seed, steps = params["latent_dim"], params["seed"], params["train"]["epochs"]
checkpoint, start = "checkpoints/step", 0
if os.path.exists(checkpoint):
    start = int(open(checkpoint).read())
    print(f"resumes after step {start}", flush=True)
for step in range(start + 1, steps + 1):
    time.sleep(0.1)
    print(f"epoch {step:3d}/{steps}   train", flush=True)
    os.makedirs("checkpoints", exist_ok=True)
    open(checkpoint + ".new", "w").write(str(step))
    os.replace(checkpoint + ".new", checkpoint)
    while step == 6 and os.path.exists("checkpoints/hold"):
        time.sleep(0.02)
if dim == 7:
    raise SystemExit("error: seven is refused")
if dim == 9:
    open("/dev/full", "w").write("x" * 99999)
os.makedirs("metrics", exist_ok=True)
open("out.bin", "wb").write(bytes([dim, seed]) * 500)
nats = {"test": {"neg_elbo_nats": 150 - dim + seed / 10}}
json.dump(nats, open("metrics/evaluate.json", "w"))
"""
PIPELINE = {
    "cmd": "python -E toy.py",
    "params": ["latent_dim", "seed", "train.epochs"],
    "deps": ["toy.py"],
    "outs": ["out.bin"],
    "metrics": [{"metrics/evaluate.json": {"cache": False}}],
}


class Toy(Clone):
    """`steps` take a tenth of a second each."""

    def __init__(self, path: Path, steps: int = 2) -> None:
        super().__init__(path, train__epochs=steps)
        for name in ("data", "diagnostics", "models", "plots", "metrics"):
            self.git("rm", "-rq", "--ignore-unmatch", name)
        self.git("rm", "-q", "dvc.lock")
        (path / "toy.py").write_text(STAGE)
        (path / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"fit": PIPELINE}}))
        self.commit()

    def environment(self, **changes: str) -> dict[str, str]:
        return super().environment(TMPDIR=str(self.temporary), **changes)

    @property
    def temporary(self) -> Path:
        """The folder that TMPDIR names, beside the repository."""
        folder = self.path.parent / f"{self.path.name} TMPDIR"
        folder.mkdir(exist_ok=True)
        return folder

    def sweep(self, *arguments: str, check: bool = True, **environment: str):
        command = ("python", "sweep.py", *arguments)
        return self.run(*command, check=check, **environment)

    def start_sweep(self, *arguments: str, output: Path) -> subprocess.Popen[bytes]:
        return self.start(sys.executable, "sweep.py", *arguments, output=output)

    def hold(self, name: str) -> Path:
        """The file that holds the point `name` back until it is deleted."""
        held = self.path / "checkpoints" / name / "hold"
        held.parent.mkdir(parents=True, exist_ok=True)
        held.touch()
        return held

    def trees(self) -> dict[str, str]:
        """Of each experiment on HEAD, by name."""
        head = self.git("rev-parse", "HEAD").strip()
        space = f"refs/exps/{head[:2]}/{head[2:]}/"
        listed = self.git("for-each-ref", "--format=%(refname) %(tree)", space).splitlines()
        return dict(line.removeprefix(space).split() for line in listed)

    def kinds(self, *arguments: str, **environment: str) -> dict[str, str]:
        """What --status says each point is."""
        said = self.sweep(*arguments, "--status", check=False, **environment).stdout
        return {n: kind for kind, n in re.findall(r"^(\w+) +(\S+=\S+)", said, re.MULTILINE)}

    def state(self) -> tuple[str, str, str]:
        """What a sweep must leave alone: branch, HEAD, `git status`."""
        return (
            self.git("symbolic-ref", "HEAD"),
            self.git("rev-parse", "HEAD"),
            self.git("status", "--porcelain"),
        )

    def leftovers(self) -> list[Path]:
        """Clones, checkpoints, logs and databases of points that are done should not be there."""
        points = (self.path / ".dvc/tmp/sweep").glob("*/*=*")
        return [*points, *(self.path / "checkpoints").glob("*"), *self.temporary.glob("sweep-*")]
