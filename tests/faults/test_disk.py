"""A full disk and a read-only one, for each stage that writes to it."""

import subprocess

import pytest
from clone import Clone

ROOM = subprocess.run(
    ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(ROOM.returncode != 0, reason="needs to mount a tmpfs: unshare -rm"),
]

WRITES = [  # stage, folder, the file for which there is no room
    ("download", "data", "data/images.npz"),
    ("train", "plots", "plots/loss.csv"),
    ("train", "models", "models/vae.pt"),
    ("train", "metrics", "metrics/train.json"),
    ("plot_loss", "plots", "plots/loss.png"),
    ("evaluate", "metrics", "metrics/evaluate.json"),
    ("encode", "data", "data/latents.npz"),
    ("plot_latent", "plots", "plots/latent.png"),
    ("generate", "plots", "plots/manifold.png"),
    ("classify latent", "metrics", "metrics/classify_latent.json"),
]
FAULTS = {
    "full": ("head -c 300m /dev/zero > $F/filler 2>/dev/null", "rm $F/filler"),
    "read-only": ("mount -o remount,ro $F", "mount -o remount,rw $F"),
}
REASONS = {"full": "No space left on device", "read-only": "Read-only file system"}


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    quick = {"dataset": "mnist_5k", "train__epochs": 1, "machine__threads": 1}
    clone = Clone(tmp_path_factory.mktemp("disk") / "clone", **quick)
    clone.dvc("repro")
    return clone


# All stages write through one function, so that two are enough for the second fault.
CASES = [
    *[(*write, "full") for write in WRITES],
    *[(*write, "read-only") for write in WRITES if write[0] in ("download", "plot_loss")],
]


@pytest.mark.parametrize(("stage", "folder", "file", "fault"), CASES)
def test_one_line_names_the_file_and_a_rerun_succeeds(clone, stage, folder, file, fault) -> None:
    script, *argument = stage.split()
    command = " ".join([f"python stages/{script}.py", *argument])
    name = file.split("/")[1]
    fill, cure = FAULTS[fault]
    # Replace the folder by a small file system with the same content.
    text = f"""
        F={folder}
        cp -r $F ../saved && mount -t tmpfs -o size=100m tmpfs $F && cp -r ../saved/. $F
        rm -r ../saved $F/{name}
        {fill}
        {command} >/dev/null; echo status $?
        ls -A $F | grep -c -F -e .tmp -e {name}
        {cure}
        {command} >/dev/null; echo status $?
        md5sum $F/{name}
    """
    want = clone.run("md5sum", file).stdout
    done = clone.run("unshare", "-rm", "sh", "-c", text, check=False)
    assert done.stderr == f"error: {file}: cannot be written: {REASONS[fault]}\n"
    assert done.stdout == f"status 1\n0\nstatus 0\n{want}"


def test_a_full_cache_is_named_by_dvc_and_a_rerun_succeeds(clone) -> None:
    text = """
        mount -t tmpfs -o size=1m tmpfs .dvc/cache
        python -m dvc repro --force encode >/dev/null; echo status $?
        umount .dvc/cache
        python -m dvc repro encode >/dev/null; echo status $?
    """
    before = clone.outs()
    done = clone.run("unshare", "-rm", "sh", "-c", text, check=False)
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == "status 255\nstatus 0\n"
    assert clone.outs() == before
