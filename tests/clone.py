"""Copies of the working tree, in which tests run DVC."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import yaml
from default_run import ROOT, changed, default_params

DVC = (sys.executable, "-m", "dvc")
QUICK = {"dataset": "mnist_5k", "train__epochs": 1, "machine__threads": 1}
# Some 4 to 15 seconds of training, hence at least one checkpoint.
LONG = QUICK | {"train__epochs": 60}


def wait_for(
    condition: Callable[[], object], show: Callable[[], str] = str, seconds: float = 60
) -> None:
    """Fail after that long, with what `show` gives."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, show()
        time.sleep(0.01)


@contextlib.contextmanager
def held(run: subprocess.Popen[bytes]) -> Iterator[None]:
    """Hold what Clone.start started, with its children, so that it cannot end meanwhile."""
    os.killpg(run.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(run.pid, signal.SIGCONT)


class Clone:
    """A copy of the working tree with the default parameters and a history of its own."""

    def __init__(self, path: Path, **params: object) -> None:
        self.path = path
        path.mkdir()
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                (path / name).write_bytes((ROOT / name).read_bytes())
        (path / "params.yaml").write_text(default_params())
        self.set(**params)
        self.git("init", "--quiet")
        self.commit()

    @classmethod
    def at(cls, path: Path) -> Self:
        """The one that lies there."""
        found = cls.__new__(cls)
        found.path = path
        return found

    def copy(self, path: Path) -> Self:
        """Another, with its results and cache, but without .dvc/tmp, which knows its own path."""
        shutil.copytree(self.path, path, symlinks=True, ignore=shutil.ignore_patterns("tmp"))
        return self.at(path)

    def set(self, **params: object) -> None:
        """Change params.yaml; `train__epochs=2` is the key train.epochs."""
        file = self.path / "params.yaml"
        file.write_text(changed(file.read_text(), params))

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments).stdout

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "state")

    def discard(self) -> None:
        """Take back what was edited or added since the last commit."""
        self.git("checkout", "--quiet", ".")
        self.git("clean", "--force", "-d", "--quiet", "src", "datasets")

    def dvc(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run(*DVC, *arguments, check=True, **environment)

    def run(self, *command: str, check: bool = True, **environment: str):
        """Run in the clone, without the caller's Git identity, `python` being this one."""
        env = self.environment(**environment)
        done = subprocess.run(command, cwd=self.path, env=env, capture_output=True, text=True)
        if check and done.returncode:
            raise AssertionError(f"{command} -> {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *command: str, output: Path) -> subprocess.Popen[bytes]:
        """The same in the background, as the leader of a process group of its own."""
        with output.open("wb") as file:
            return subprocess.Popen(
                command, cwd=self.path, env=self.environment(), stdout=file, stderr=file,
                start_new_session=True,
            )  # fmt: skip

    def wait_for_checkpoint(self) -> None:
        wait_for(lambda: list((self.path / "checkpoints").glob("[!.]*.pt")))

    def cure(self, said: str) -> bool:
        """Whether dvc `said` that one of its own files is cut; if so, do as docs/faults.md says."""
        if "RWLock-file" in said:
            (self.path / ".dvc" / "tmp" / "rwlock").unlink()
        elif "dvc.lock' is invalid" in said or "dvc.lock' validation failed" in said:
            self.git("checkout", "--quiet", "dvc.lock")
        else:
            return False
        return True

    def environment(self, **changes: str) -> dict[str, str]:
        base = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "GIT_"))}
        base["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), base["PATH"]])
        base |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        return base | changes

    def outs(self, *stages: str) -> dict[str, bytes]:
        """The bytes of all outs, metrics and plots, or of those of `stages`."""
        return {
            path: (self.path / path).read_bytes()
            for name, stage in expanded_stages().items()
            if name in stages or not stages
            for kind in ("outs", "metrics", "plots")
            for path in (p if isinstance(p, str) else next(iter(p)) for p in stage.get(kind, []))
        }


def made_once(path: Path, make: Callable[[Path], object]) -> Path:
    """`path`, once `make` has made it for the first of pytest's workers that asks."""
    done = path.with_suffix(".made")
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(path, ignore_errors=True)  # what is left where it failed
            make(path)
            done.touch()
    return path


def expanded_stages() -> dict[str, dict]:
    """The stages of dvc.yaml by name, `foreach` written out."""
    stages = {}
    for name, stage in yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].items():
        if "foreach" not in stage:
            stages[name] = stage
            continue
        for key, item in stage["foreach"].items():
            text = yaml.safe_dump(stage["do"]).replace("${key}", key).replace("${item}", item)
            stages[f"{name}@{key}"] = yaml.safe_load(text)
    return stages


def stages_run(output: str) -> set[str]:
    """The stages that a `dvc repro` says it ran."""
    lines = [line for line in output.splitlines() if line.startswith("Running stage '")]
    return {line.split("'")[1] for line in lines}
