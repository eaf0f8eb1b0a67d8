"""`python fuzz.py KIND COUNT`: give COUNT mutated files to one reader, whose memory is limited.

In half of the zip files one part is mutated and its checksum corrected, so that the parsers behind
the checksums are tested too. Any error but DataError ends it with status 1.
"""

import io
import random
import resource
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

import numpy as np  # noqa: E402  (this and the rest: after the line that finds them)
from committed import params_with  # noqa: E402

from mnist_vae.datasets._idx import parse_idx  # noqa: E402
from mnist_vae.errors import DataError  # noqa: E402
from mnist_vae.files import provenance  # noqa: E402
from mnist_vae.files.images import Images, load_images  # noqa: E402
from mnist_vae.files.npz import save_npz  # noqa: E402

MEMORY = 2**31  # bytes that a reader may take beyond those of the loaded libraries
DIGITS = np.arange(20, dtype=np.uint8) % 10
INTERESTING = [0, 1, 0x7F, 0x80, 0xFF]


def mutate(content: bytes, rng: random.Random) -> bytes:
    """One to four changes: bytes altered, a piece deleted or repeated, the end cut off."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        if not data:
            break
        # Headers are at the front of each part: hit them more often.
        at = min(int(rng.expovariate(1 / 60)), len(data) - 1)
        if rng.random() < 0.4:
            at = rng.randrange(len(data))
        kind, size = rng.randrange(6), rng.choice([1, 1, 2, 4, 8, 30])
        piece = data[at : at + size]
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at : at + size] = bytes(rng.choices(INTERESTING, k=len(piece)))
        elif kind == 2:
            data[at : at + size] = b""
        elif kind == 3:
            data[at:at] = piece
        elif kind == 4:
            data[at : at + size] = rng.randbytes(len(piece))
        else:
            del data[at:]
    return bytes(data)


def mutate_zip(content: bytes, rng: random.Random) -> bytes:
    """`mutate` the file, or one of its parts under a correct checksum."""
    if rng.random() < 0.5:
        return mutate(content, rng)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = rng.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, mutate(part, rng) if name == chosen else part)
    return out.getvalue()


def idx(_: Path) -> tuple[bytes, Callable[[bytes], object]]:
    header = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (20, 28, 28))
    return header + bytes(range(196)) * 80, lambda content: parse_idx(content, "mutated")


def npz(folder: Path) -> tuple[bytes, Callable[[bytes], object]]:
    params, path = params_with(), folder / "images.npz"
    images = np.arange(20 * 784, dtype=np.uint32).astype(np.uint8).reshape(20, 28, 28)
    save_npz(path, Images(provenance.of_images(params), images, DIGITS, images, DIGITS))
    return through(path, lambda: load_images(path, params))


def model(folder: Path) -> tuple[bytes, Callable[[bytes], object]]:
    from mnist_vae.files.weights import save_weights
    from mnist_vae.model.vae import build_vae, load_vae

    params, path = params_with(model__mlp__hidden_dims=[3]), folder / "vae.pt"
    vae = build_vae(params.model, params.latent_dim, params.seed)
    save_weights(path, params, vae.state_dict())
    return through(path, lambda: load_vae(path, params))


def through(path: Path, load: Callable[[], object]) -> tuple[bytes, Callable[[bytes], object]]:
    def read(content: bytes) -> object:
        path.write_bytes(content)
        return load()

    return path.read_bytes(), read


def main(kind: str, count: int) -> None:
    import tempfile
    import warnings

    warnings.simplefilter("ignore")  # numpy and torch warn about what they then refuse
    with tempfile.TemporaryDirectory() as folder:
        content, read = {"idx": idx, "npz": npz, "model": model}[kind](Path(folder))
        read(content)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
        refused = 0
        for number in range(count):
            rng = random.Random(number)
            changed = (mutate if kind == "idx" else mutate_zip)(content, rng)
            try:
                read(changed)
            except DataError as error:
                refused += 1
                if len(str(error)) > 1000 or "\n" in str(error):
                    raise SystemExit(f"{kind} {number}: not a line: {str(error)[:2000]}") from None
            except BaseException as error:
                raise SystemExit(f"{kind} {number}: {type(error).__name__}: {error}") from error
    print(f"{kind}: {count} mutated files, {refused} refused")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
