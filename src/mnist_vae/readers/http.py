"""One file of an http(s) mirror."""

import http.client
import re
import time
import urllib.error
import urllib.request
from urllib.parse import unquote

from tqdm import tqdm

TIMEOUT_SECONDS = 30  # without a byte, after which a mirror is given up
FILE_SECONDS = 600  # for a whole file, though its bytes keep dripping
LOGIN = re.compile(r"(?<=://)([^/?#:@]*):?([^/?#]*)@")  # user:password@, RFC 3986, 3.2.1


class MirrorFaultError(Exception):
    """One mirror did not deliver one file; says why."""


def without_login(mirror: str) -> str:
    """`mirror` as it may be printed, also if an unescaped / in the password breaks the URL."""
    return re.sub(r"://.*@", "://***@", mirror, flags=re.DOTALL)


def download(mirror: str, file: str, max_bytes: int) -> bytes:
    """`file` of `mirror`, whose login, if it names one, is sent. Raises MirrorFaultError."""
    try:
        return receive(mirror, file, max_bytes, time.monotonic() + FILE_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        reason = f"HTTP status {error.code}"
    except http.client.InvalidURL:  # its text may hold a part of the password
        reason = "the URL is not valid; special characters in it need their %-codes"
    except TimeoutError:
        reason = f"no byte for {TIMEOUT_SECONDS} seconds"
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    raise MirrorFaultError(f"{file}: {reason}")


def receive(mirror: str, file: str, max_bytes: int, end: float) -> bytes:
    """The body of the answer. Raises ValueError at the time `end`."""
    url = f"{LOGIN.sub('', mirror).rstrip('/')}/{file}"
    request = urllib.request.Request(url, headers={"User-Agent": "mnist-vae"})
    with opener(mirror).open(request, timeout=TIMEOUT_SECONDS) as response:
        promised = int(response.headers.get("Content-Length") or 0)
        content = b""
        # disable=None: a bar only when stderr is a terminal
        with tqdm(
            total=promised or None, desc=file, unit="B", unit_scale=True, disable=None
        ) as bar:
            while chunk := response.read1(2**16):
                content += chunk
                bar.update(len(chunk))
                if len(content) > max_bytes:
                    raise ValueError(f"more than {max_bytes:,} bytes")
                if time.monotonic() > end:
                    raise ValueError(f"not complete after {FILE_SECONDS} seconds")
    if len(content) < promised:
        raise ValueError(f"ended after {len(content):,} of {promised:,} bytes")
    return content


def opener(mirror: str) -> urllib.request.OpenerDirector:
    """Opens URLs; those below `mirror`, and no other server's, with the login that it names."""
    login = LOGIN.search(mirror)
    if not login:
        return urllib.request.build_opener()
    known = urllib.request.HTTPPasswordMgrWithPriorAuth()
    user, password = map(unquote, login.groups())
    known.add_password(None, LOGIN.sub("", mirror), user, password, is_authenticated=True)
    return urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(known))
