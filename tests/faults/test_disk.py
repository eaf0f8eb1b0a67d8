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

WRITES = [  # stage, folder, the file for which there is no room; all write through one function
    ("download", "data", "data/images.npz", "full"),
    ("train", "plots", "plots/loss.csv", "full"),
    ("train", "models", "models/vae.pt", "full"),
    ("plot_loss", "plots", "plots/loss.png", "read-only"),
]
FAULTS = {
    "full": ("head -c 300m /dev/zero > $F/filler 2>/dev/null", "rm $F/filler"),
    "read-only": ("mount -o remount,ro $F", "mount -o remount,rw $F"),
}
REASONS = {"full": "No space left on device", "read-only": "Read-only file system"}


@pytest.fixture(scope="module")
def clone(quick_run, tmp_path_factory) -> Clone:
    return quick_run.copy(tmp_path_factory.mktemp("disk") / "clone")


@pytest.mark.parametrize(("stage", "folder", "file", "fault"), WRITES)
def test_one_line_names_the_file_and_a_rerun_succeeds(clone, stage, folder, file, fault) -> None:
    command = f"python stages/{stage}.py"
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
