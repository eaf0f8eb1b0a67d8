"""Named errors. Each is shown as one line and ends a stage with its exit status."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

OUT_OF_MEMORY = ("allocate memory", "out of memory", "failed to map segment")


class PipelineError(Exception):
    """Something in the environment failed (network, disk, device): exit status 1."""

    status = 1


class WrongInputError(PipelineError):
    """The user wrote or supplied something wrong: exit status 2."""

    status = 2


class ParamsError(WrongInputError):
    """params.yaml, or a file that it names, holds something that is not allowed."""


class DataError(WrongInputError):
    """A data file does not hold what it should."""


class FileError(PipelineError):
    """A file cannot be read or written: disk full, no permission."""


class DownloadError(PipelineError):
    """No mirror delivered the data set."""


@contextlib.contextmanager
def exit_on_error() -> Iterator[None]:
    """What ends a command that is no stage: a line per fault, and the error's exit status."""
    sys.stdout.reconfigure(errors="replace")  # pyright: ignore  (no Δ and no ± on old Windows)
    try:
        yield
        sys.stdout.flush()
    except PipelineError as error:
        for line in str(error).splitlines():
            print(f"error: {line}", file=sys.stderr)
        sys.exit(error.status)
    except ModuleNotFoundError as error:
        if error.name == "fcntl":
            sys.exit("error: sweeps lock files as Linux and macOS do; this system has no fcntl")
        advice = "`make repro` makes .venv, `source .venv/bin/activate` activates it"
        sys.exit(f"error: {error}; {advice}")
    except BrokenPipeError:  # `| head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # where Python flushes once more
    except OSError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("error: interrupted; run the same command again to continue")


def first_sentence(error: BaseException) -> str:
    """The first sentence of a library's message, on one line.

    When torch refuses to unpickle a file, its message opens with advice to load unsafely; that
    part is skipped and what torch found is kept.
    """
    text = " ".join(str(error).rpartition("WeightsUnpickler error: ")[2].split())
    sentence = text.split(". ")[0] or type(error).__name__
    return sentence if len(sentence) <= 150 else sentence[:147] + "..."


def lacks_memory(error: BaseException) -> bool:
    """torch's is a RuntimeError, that of a library which cannot be loaded an ImportError."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, (RuntimeError, ImportError, OSError))
        and any(known in text for known in OUT_OF_MEMORY)
    )


def abbreviate(value: Any) -> str:
    """`value` on one short line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
