"""What every stage shares: this checkout's package, --help, and one line per named error.

The package comes from the checkout that the stage lies in, not from the environment: DVC runs
queued experiments in copies of the repository, and each must run its own code.

No stage lists this file under `deps`: it finds the package, refuses and reports.
"""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

OUT_OF_MEMORY = ("allocate memory", "out of memory", "failed to map segment")


def print_exception(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    """Python's own, except for what is no fault of the code, which may happen during imports too:
    Ctrl-C, too little memory, a library that is not installed."""
    if issubclass(kind, KeyboardInterrupt):
        print_error("interrupted")
    elif lacks_memory(error):
        print_error(memory_message(error))
    elif isinstance(error, ModuleNotFoundError) and error.name != "_stage":
        print_error(f"{error}; `make repro` makes .venv, `source .venv/bin/activate` activates it")
    else:
        sys.__excepthook__(kind, error, where)


def lacks_memory(error: BaseException) -> bool:
    """torch's is a RuntimeError, that of a library which cannot be loaded an ImportError."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, (RuntimeError, ImportError, OSError))
        and any(known in text for known in OUT_OF_MEMORY)
    )


def memory_message(error: BaseException) -> str:
    reason = str(error).strip().splitlines()[-1:]
    return ": ".join(["not enough memory", *reason])


def print_error(message: object) -> None:
    print(f"error: {message}", file=sys.stderr)


sys.excepthook = print_exception
# A shell's `>&-` leaves no stream at all.
sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115  (for the life of the process)
sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "stages")]

from mnist_vae.machine.environment import settle_environment  # noqa: E402  (after the line that finds it)

settle_environment()

from _guard import refuse_changes, snapshot, stop_if_dvc_is_gone  # noqa: E402

from mnist_vae.errors import PipelineError  # noqa: E402
from mnist_vae.files.outs import publish_together  # noqa: E402
from mnist_vae.machine.arithmetic import expect_settings_obeyed  # noqa: E402

__all__ = ["run", "stop_if_dvc_is_gone"]


def run(main: Callable[..., object], **choices: Sequence[str]) -> None:
    """Call `main` in the repository's root with the arguments of the command line.

    `choices` names each positional argument and its allowed values. The help is the stage's own
    docstring. The files that `main` writes appear together once it has returned, its inputs are
    unchanged and its dvc is there; if `main` returns a function, it is called after that.

    A PipelineError becomes one line on stderr and its exit status; running out of memory, or a
    stdout that takes no more, becomes one line and status 1.
    """
    arguments = parse_arguments(choices)
    os.chdir(ROOT)
    try:
        execute(main, arguments)
        sys.stdout.flush()
    except PipelineError as error:
        print_error(error)
        sys.exit(error.status)
    except BrokenPipeError:  # `| head -1`
        fail_without_stdout("closed by its reader")
    except (MemoryError, RuntimeError, ImportError, OSError) as error:
        if lacks_memory(error):
            print_error(memory_message(error))
            sys.exit(1)
        if isinstance(error, OSError) and not error.filename:  # `>/dev/full`
            fail_without_stdout(error.strerror)
        raise
    finally:
        gc.freeze()  # otherwise Python spends 0.4 s at exit looking for garbage in torch


def parse_arguments(choices: dict[str, Sequence[str]]) -> dict[str, str]:
    parser = argparse.ArgumentParser(
        description=sys.modules["__main__"].__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, allowed in choices.items():
        parser.add_argument(name, choices=allowed)
    return vars(parser.parse_args())


def execute(main: Callable[..., object], arguments: dict[str, str]) -> None:
    """`main`, and its results in place if they may count."""
    stage = "@".join([Path(sys.argv[0]).stem, *arguments.values()])
    before = snapshot(stage)
    expect_settings_obeyed()
    with publish_together() as publish:
        afterwards = main(**arguments)
        expect_settings_obeyed()  # by the libraries that it has loaded, too
        refuse_changes(stage, before)
        stop_if_dvc_is_gone()
        publish()
    if callable(afterwards):
        afterwards()


def fail_without_stdout(reason: object) -> None:
    """Exit with one line; Python would try to flush stdout once more."""
    print_error(f"standard output: {reason}")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(1)
