"""Read a file without hanging on a pipe or filling the memory from a device.

No stage lists this file under `deps`: it hands the content on as it is, or refuses.
"""

import errno
import os
import stat
from pathlib import Path


def read_regular(path: Path, max_bytes: int) -> bytes:
    """The content of `path`. Raises OSError, also if it is no regular file or holds too much."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe, a device or a socket")
    if status.st_size > max_bytes:
        raise OSError(errno.EFBIG, f"it has {status.st_size:,} bytes, over {max_bytes:,}")
    return path.read_bytes()
