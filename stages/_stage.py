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

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from mnist_vae.errors import PipelineError  # noqa: E402  (after the line that finds it)


def run(main: Callable[..., None], **choices: Sequence[str]) -> None:
    """Call `main` in the repository's root with the arguments of the command line.

    `choices` names each positional argument and its allowed values. The help is the stage's own
    docstring. A PipelineError becomes a line on stderr and its exit status.
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
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.status)
    finally:
        gc.freeze()  # or Python, on its way out, spends 0.4 s on looking for garbage in torch
