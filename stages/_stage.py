"""What every stage shares: this checkout's package, --help, and one line per named error.

The package comes from the checkout that the stage lies in, not from the environment: DVC runs
queued experiments in copies of the repository, and each must run its own code.
"""

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

BACK = "`git checkout . && dvc checkout` brings back the results of the last commit"


def print_exception(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    """One line for what is no fault of the code, even during imports: Ctrl-C, too little memory, a
    missing library. Else Python's traceback."""
    if issubclass(kind, KeyboardInterrupt):
        print_error("interrupted")
    elif lacks_memory(error):
        print_error(": ".join(["not enough memory", *str(error).strip().splitlines()[-1:]]))
    elif isinstance(error, ModuleNotFoundError) and error.name != "_stage":
        print_error(f"{error}; `make repro` makes .venv, `source .venv/bin/activate` activates it")
    else:
        sys.__excepthook__(kind, error, where)


def print_error(message: object) -> None:
    print(f"error: {message}", file=sys.stderr)


sys.excepthook = print_exception

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "stages")]

from mnist_vae.errors import PipelineError, lacks_memory  # noqa: E402  (found by the line above)
from mnist_vae.machine.environment_variables import settle_environment  # noqa: E402

settle_environment()

import psutil  # noqa: E402
from _guard import expect_params_of_run, refuse_changes, snapshot, stop_if_dvc_is_gone  # noqa: E402

from mnist_vae.files.io import before_each_write  # noqa: E402
from mnist_vae.machine.arithmetic import expect_settings_obeyed  # noqa: E402


def run(main: Callable[..., object], **choices: Sequence[str]) -> None:
    """Call `main` in the repository's root with the arguments of the command line.

    `choices` names each positional argument and its allowed values. The help is the stage's own
    docstring. If `main` returns a function, it is called once the stage's results count. A
    PipelineError becomes one line on stderr and its exit status.
    """
    arguments = parse_arguments(choices)
    os.chdir(ROOT)
    try:
        before_each_write.append(stop_if_dvc_is_gone)
        expect_params_of_run()
        before = snapshot()
        expect_settings_obeyed()
        afterwards = main(**arguments)
        expect_settings_obeyed()  # by the libraries that it has loaded, too
        refuse_changes(before)
        if callable(afterwards):
            afterwards()
        note_seconds()
    except PipelineError as error:
        print_error(error)
        if "DVC_ROOT" in os.environ and Path(sys.argv[0]).stem != "check_params":
            print(BACK, file=sys.stderr)
        sys.exit(error.status)
    finally:
        gc.freeze()  # otherwise Python spends 0.4 s at exit looking for garbage in torch


def note_seconds() -> None:
    """For the last lines of `make repro`."""
    file = Path(".dvc/tmp/seconds")
    if "DVC_ROOT" in os.environ and file.parent.is_dir():
        name = " ".join([Path(sys.argv[0]).stem, *sys.argv[1:]])
        seconds = time.time() - psutil.Process().create_time()
        with file.open("a") as lines:
            lines.write(f"{name:16} {seconds:6.1f} s\n")


def parse_arguments(choices: dict[str, Sequence[str]]) -> dict[str, str]:
    parser = argparse.ArgumentParser(
        description=sys.modules["__main__"].__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, allowed in choices.items():
        parser.add_argument(name, choices=allowed)
    return vars(parser.parse_args())
