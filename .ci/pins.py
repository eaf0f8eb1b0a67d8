"""`make pins`: write requirements.txt and requirements-test.txt from the ranges in pyproject.toml.

pip chooses the newest versions that fit together and installs nothing. torch and torchvision keep
their pins, because the committed results depend on them and an unpinned torch costs gigabytes; to
move them, edit requirements.txt first. There are no hashes, for torch's builds differ from place to
place, and the CUDA packages that one of its builds brings along are left out.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINS, TEST_PINS = ROOT / "requirements.txt", ROOT / "requirements-test.txt"
KEPT = ("torch", "torchvision")
OF_A_TORCH_BUILD = re.compile(r"nvidia-|cuda-|triton")


def normalised(requirement: str) -> str:
    """The package's name as pip writes it: `Foo_Bar>=1` -> `foo-bar`."""
    name = re.match(r"[\w.-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def resolve(requirements: list[str]) -> dict[str, str]:
    """The versions that pip would install in an empty environment, by name."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--report", str(report), *requirements]
        subprocess.run(command, check=True)
        found = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    versions = {normalised(item["name"]): item["version"].split("+")[0] for item in found}
    return {name: v for name, v in versions.items() if not OF_A_TORCH_BUILD.match(name)}


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    direct, test = project["project"]["dependencies"], project["dependency-groups"]["test"]
    kept = [line for line in PINS.read_text().splitlines() if line.split("==")[0] in KEPT]
    run, both = resolve([*kept, *direct]), resolve([*kept, *direct, *test])
    versions = {name: version for name, version in both.items() if name in run}
    write(
        PINS, "Exact pins, made by `make pins` from the ranges in pyproject.toml.", direct, versions
    )
    versions = {name: version for name, version in both.items() if name not in run}
    write(TEST_PINS, "What `make test` needs beside requirements.txt.", test, versions)


def write(path: Path, heading: str, direct: list[str], versions: dict[str, str]) -> None:
    first = [name for name in map(normalised, direct) if name in versions]
    others = sorted(versions.keys() - first)
    pins = {name: f"{name}=={version}" for name, version in versions.items()}
    lines = [f"# {heading}", *(pins[n] for n in first), "", "# What these need in turn"]
    path.write_text("\n".join([*lines, *(pins[n] for n in others)]) + "\n")


if __name__ == "__main__":
    main()
