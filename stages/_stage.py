"""What every stage shares: this checkout's package, --help, and one line for a named error.

The package comes from the checkout that the stage lies in, not from the environment: DVC runs
queued experiments in copies of the repository, and each must run its own code.
"""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType


def interrupted(kind: type[BaseException], error: BaseException, where: TracebackType) -> None:
    """Ctrl-C at any moment, during the imports too, is no reason for a traceback."""
    if issubclass(kind, KeyboardInterrupt):
        print("error: interrupted", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, where)


sys.excepthook = interrupted

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

import psutil  # noqa: E402  (after the hook)

from mnist_vae.errors import PipelineError  # noqa: E402  (after the line that finds it)


def starter() -> psutil.Process | None:
    """Who started this stage; DVC does so through a shell."""
    parent = psutil.Process().parent()
    return parent.parent() if parent and parent.name().endswith("sh") else parent


STARTER = starter()


def run(main: Callable[..., None], **choices: Sequence[str]) -> None:
    """Call `main` in the repository's root with the arguments of the command line.

    `choices` names each positional argument and its allowed values. The help is the stage's own
    docstring. A PipelineError becomes a line on stderr and its exit status; so does, with status
    1, a lack of memory.
    """
    script = sys.modules["__main__"]
    parser = argparse.ArgumentParser(
        description=script.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, allowed in choices.items():
        parser.add_argument(name, choices=allowed)
    arguments = vars(parser.parse_args())
    os.chdir(ROOT)
    try:
        main(**arguments)
    except PipelineError as error:
        sys.exit(say(error, error.status))
    except (MemoryError, RuntimeError) as error:  # torch's is a RuntimeError
        known = ("allocate memory", "out of memory")
        if not isinstance(error, MemoryError) and not any(text in str(error) for text in known):
            raise
        reason = str(error).strip().splitlines()[-1:]
        sys.exit(say(f"not enough memory: {' '.join(reason)}", status=1))
    finally:
        gc.freeze()  # or Python, on its way out, spends 0.4 s on looking for garbage in torch


def say(error: Exception | str, status: int) -> int:
    print(f"error: {error}", file=sys.stderr)
    return status


def stop_if_abandoned() -> None:
    """kill -9 of dvc leaves its stage running, where it would write beside the next run's."""
    gone = not STARTER or not STARTER.is_running() or STARTER.status() == psutil.STATUS_ZOMBIE
    if "DVC_ROOT" in os.environ and gone:
        raise PipelineError("dvc is gone; `dvc repro` goes on from the last checkpoint")
