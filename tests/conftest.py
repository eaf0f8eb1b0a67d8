"""What the tests share: the repository's root, the four MNIST files, and copies to run DVC in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def mirror() -> Path:
    """A directory with the four MNIST files: MNIST_MIRROR, or the one beside the checkout."""
    folder = Path(os.environ.get("MNIST_MIRROR") or ROOT.parent / "shared" / "mnist")
    if not folder.is_dir():
        pytest.skip("needs the four MNIST files: set MNIST_MIRROR to their directory")
    return folder.resolve()


class Clone:
    """A copy of the working tree with a history of its own, to run DVC in."""

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
        self.set(**params)
        self.git("init", "--quiet")
        self.commit()

    def set(self, **params: object) -> None:
        """Change params.yaml; `train__epochs=2` is the key train.epochs."""
        file = self.path / "params.yaml"
        tree = yaml.safe_load(file.read_text())
        for name, value in params.items():
            *sections, key = name.split("__")
            section = tree
            for part in sections:
                section = section[part]
            section[key] = value
        file.write_text(yaml.safe_dump(tree, sort_keys=False))

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments).stdout

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "state")

    def dvc(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "dvc", *arguments, **environment)

    def run(self, *command: str, check: bool = True, **environment: str):
        """Run in the clone, without the caller's Git identity, `python` being this one."""
        base = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "GIT_"))}
        base["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), base["PATH"]])
        base |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        base |= {"OMP_WAIT_POLICY": "passive"}  # two tests share the cores; the bytes are the same
        base |= environment
        done = subprocess.run(command, cwd=self.path, env=base, capture_output=True, text=True)
        if check and done.returncode:
            raise AssertionError(f"{command} -> {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done


def stages_run(output: str) -> set[str]:
    """The stages that a `dvc repro` says it ran."""
    lines = [line for line in output.splitlines() if line.startswith("Running stage '")]
    return {line.split("'")[1] for line in lines}
