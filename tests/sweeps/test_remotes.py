"""Experiments go elsewhere and come back: their refs by Git, their files by DVC's remotes."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from clone import wait_for
from sweeps.cluster import free_ports
from sweeps.toy import Toy

pytestmark = pytest.mark.slow
NEEDED = [name for name in ("dvc_s3", "moto") if find_spec(name) is None]
BUCKET = "sweeps"


@pytest.fixture
def s3(tmp_path) -> Iterator[dict[str, str]]:
    """moto's server with an empty bucket; yields what DVC needs to know of it."""
    if NEEDED:
        pytest.skip(f"needs a package: {', '.join(NEEDED)}")
    boto3 = importlib.import_module("boto3")
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    with (tmp_path / "moto.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-p", str(port)], stdout=log, stderr=log
        )
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}

    def ready() -> bool:
        try:
            boto3.client("s3", endpoint_url=url, **keys).create_bucket(Bucket=BUCKET)
        except Exception:
            return False
        return True

    try:
        wait_for(ready, (tmp_path / "moto.log").read_text)
        yield {"endpointurl": url, "access_key_id": "k", "secret_access_key": "s"}
    finally:
        server.terminate()
        server.wait()


def push_and_pull(tmp_path: Path, url: str, settings: dict[str, str]) -> None:
    toy = Toy(tmp_path / "toy")
    toy.git("init", "--quiet", "--bare", str(tmp_path / "central"))
    toy.dvc("remote", "add", "store", url)
    toy.commit()
    branch = toy.git("symbolic-ref", "--short", "HEAD").strip()
    toy.git("push", "--quiet", str(tmp_path / "central"), branch)
    toy.sweep("-S", "latent_dim=3,4", "--jobs", "2")

    other = Toy.__new__(Toy)
    other.path = tmp_path / "other"
    toy.git("clone", "--quiet", str(tmp_path / "central"), "--branch", branch, str(other.path))
    for clone in (toy, other):
        for name, value in settings.items():
            clone.dvc("remote", "modify", "--local", "store", name, value)
    names = ("latent_dim=3", "latent_dim=4")
    toy.dvc("exp", "push", "-r", "store", str(tmp_path / "central"), *names)
    other.dvc("exp", "pull", "-r", "store", "origin", *names)
    assert other.trees() == toy.trees()
    other.dvc("exp", "apply", "latent_dim=4")
    assert (other.path / "out.bin").read_bytes() == bytes([4, 0]) * 500


def test_a_folder(tmp_path) -> None:
    push_and_pull(tmp_path, str(tmp_path / "a folder"), {})


def test_s3(tmp_path, s3) -> None:
    push_and_pull(tmp_path, f"s3://{BUCKET}/dvc", s3)
