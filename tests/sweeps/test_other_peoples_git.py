"""Sweeps under the settings, hooks, owners and folders that people have."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sweeps.toy import Toy

pytestmark = pytest.mark.slow
ONE = ("-S", "latent_dim=2", "-S", "seed=0", "--jobs", "1")
NAME = "latent_dim=2,seed=0"
HOOKS = (
    *("post-checkout", "pre-commit", "post-commit", "commit-msg", "pre-push", "pre-receive"),
    *("update", "post-receive", "reference-transaction", "post-rewrite"),
)
HOSTILE = """
[core]
hooksPath = {folder}/hooks
fsmonitor = {folder}/hooks/pre-commit
[init]
templateDir = {folder}/template
[protocol]
allow = never
[commit]
gpgSign = true
[push]
gpgSign = true
[gpg]
program = false
[transfer]
fsckObjects = true
[clone]
rejectShallow = true
[url "nowhere://"]
insteadOf = /
[checkout]
workers = 0
[user]
useConfigOnly = true
"""


def failing_hooks(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in HOOKS:
        (folder / name).write_text("#!/bin/sh\necho refused by a hook >&2; exit 1\n")
        (folder / name).chmod(0o755)


@pytest.fixture
def toy(tmp_path) -> Toy:
    return Toy(tmp_path / "a toy", steps=1)


def test_no_setting_or_hook_of_the_user_reaches_the_clones(toy, tmp_path) -> None:
    home = tmp_path / "home"
    failing_hooks(home / "hooks")
    failing_hooks(home / "template" / "hooks")
    (home / ".gitconfig").write_text(HOSTILE.format(folder=home))
    shutil.copytree(home / "hooks", toy.path / ".git" / "hooks", dirs_exist_ok=True)
    toy.git("config", "core.hooksPath", ".git/hooks")  # as husky does
    done = toy.sweep(*ONE, HOME=str(home), GIT_CONFIG_GLOBAL=str(home / ".gitconfig"))
    assert done.stdout.splitlines()[1].startswith(f"done     {NAME}")
    assert list(toy.trees()) == [NAME]


def test_what_kills_left_of_a_ref_or_a_folder_is_cleared(toy) -> None:
    head = toy.git("rev-parse", "HEAD").strip()
    folder = toy.path / f".git/refs/exps/{head[:2]}/{head[2:]}"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.lock").touch()
    toy.sweep(*ONE)
    assert list(toy.trees()) == [NAME]
    for left in (toy.path / f".dvc/tmp/sweep/{head[:12]}/{NAME}", toy.path / "checkpoints" / NAME):
        left.mkdir(parents=True)
    assert toy.leftovers()
    assert toy.sweep(*ONE).stdout.splitlines()[0] == "1 points, 0 to run"
    assert not toy.leftovers()


def test_a_point_whose_outs_gc_deleted_is_run_again(toy) -> None:
    toy.sweep(*ONE)
    toy.dvc("gc", "--workspace", "--force")
    assert toy.kinds(*ONE) == {NAME: "waiting"}
    assert toy.sweep(*ONE).stdout.splitlines()[0] == "1 points, 1 to run"
    toy.dvc("exp", "apply", NAME)
    assert (toy.path / "out.bin").read_bytes() == bytes([2, 0]) * 500


def test_a_copy_in_the_folder_of_a_larger_repository_works_like_any(toy, tmp_path) -> None:
    larger = Toy.__new__(Toy)
    larger.path = tmp_path / "larger"
    inner = larger.path / "part" / "of it"
    shutil.copytree(toy.path, inner)
    shutil.rmtree(inner / ".git")
    (larger.path / "untouched").write_text("1")
    larger.git("init", "--quiet")
    shutil.rmtree(inner / ".dvc" / "tmp", ignore_errors=True)
    larger.run(sys.executable, "-m", "dvc", "config", "--help")
    subprocess.run(
        [sys.executable, "-m", "dvc", "init", "--subdir", "--force", "-q"], cwd=inner, check=True
    )
    larger.commit()
    (larger.path / "untouched").write_text("2")  # no part of the pipeline
    toy.path = inner
    assert toy.sweep(*ONE).stdout.splitlines()[1].startswith(f"done     {NAME}")
    said = toy.run("python", "compare.py").stdout.splitlines()
    assert said[1].split()[:1] == [NAME]


@pytest.mark.skipif(os.getuid() != 0, reason="needs another user's folder")
def test_a_repository_of_another_owner_with_gits_own_safe_directory(toy, tmp_path) -> None:
    config = tmp_path / "gitconfig"
    config.write_text(f"[safe]\ndirectory = {toy.path}\n")
    for path in (toy.path, *toy.path.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    done = toy.sweep(*ONE, GIT_CONFIG_GLOBAL=str(config))
    assert done.stdout.splitlines()[1].startswith(f"done     {NAME}")


def test_a_file_that_a_clone_would_lack_is_refused_with_the_command_that_adds_it(toy) -> None:
    networks = toy.path / "src/mnist_vae/networks"
    params = toy.path / "params.yaml"
    params.write_text(
        params.read_text().replace("  mlp:", "  mine:\n    hidden_dims:\n    - 8\n  mlp:")
    )
    toy.commit()
    (networks / "unfinished.py").write_text("def build(:")
    (networks / "mine.py").write_text((networks / "mlp.py").read_text())
    toy.sweep(*ONE)  # neither is in use
    refused = toy.sweep("-S", "model.network=mine", check=False)
    assert refused.returncode == 2
    file = "src/mnist_vae/networks/mine.py"
    assert refused.stderr == (
        f"error: {file}: not in Git, and a point runs in a clone of the last commit: "
        f"`git add {file} && git commit` first\n"
    )


def test_a_relative_mirror_is_the_users_in_the_clones_too(toy) -> None:
    stage = toy.path / "toy.py"
    stage.write_text(
        "import os, json; json.dump(os.environ['MNIST_MIRROR'], open('said', 'w'))\n"
        + stage.read_text()
    )
    dvc = toy.path / "dvc.yaml"
    dvc.write_text(dvc.read_text().replace("- out.bin", "- out.bin\n    - said"))
    toy.commit()
    toy.sweep(*ONE, MNIST_MIRROR="some/folder")
    toy.dvc("exp", "apply", NAME)
    assert json.loads((toy.path / "said").read_text()) == str(toy.path / "some/folder")


def test_a_relative_remote_is_the_users_in_the_clones_and_nothing_is_pushed(toy, tmp_path) -> None:
    toy.dvc("remote", "add", "--default", "store", "../store")
    toy.dvc("config", "exp.auto_push", "true")
    toy.dvc("config", "exp.git_remote", "origin")
    stage = toy.path / "toy.py"
    stage.write_text("import os; os.system('dvc remote list > said')\n" + stage.read_text())
    dvc = toy.path / "dvc.yaml"
    dvc.write_text(dvc.read_text().replace("- out.bin", "- out.bin\n    - said"))
    toy.commit()
    toy.sweep(*ONE)
    toy.dvc("exp", "apply", NAME)
    assert str(tmp_path / "store") in (toy.path / "said").read_text()
    assert not (tmp_path / "store").exists()


def test_a_job_without_a_path_runs_its_points(toy) -> None:
    toy.run("/usr/bin/env", "-u", "PATH", sys.executable, "sweep.py", *ONE)
    assert list(toy.trees()) == [NAME]
