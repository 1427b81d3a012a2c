"""A file at an address → a file here: https only, of limited size, within a limited time."""

from __future__ import annotations

import datetime as dt
import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from generator.problems import Location, Problem, SourceError
from generator.refresh.received import MOST_BYTES, Received

TIMEOUT = 30.0
"""Seconds that a server may be silent."""
LONGEST = 600.0
"""Seconds that a whole download may take."""
PIECE = 1 << 16

Open = Callable[[urllib.request.Request, float], Any]


def is_address(text: str) -> bool:
    """Whether something given to the command is an address and not a path: "C:" is a drive."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None


def download(address: str, folder: Path, today: dt.date, *, open_: Open | None = None) -> Received:
    """The file at an address, put into a folder. Raises SourceError for anything but a file that came whole."""
    if not address.lower().startswith("https://"):
        hint = "Give an address that begins with https://, or download the file and name it."
        raise _problem(address, "only https addresses are downloaded", hint)
    try:
        name = _name(address)
        request = urllib.request.Request(address, headers={"User-Agent": "broadsheet"})  # noqa: S310 - https
    except ValueError as error:
        raise _problem(address, f"this is no address: {error}", "Copy it anew from the browser.") from None
    target = folder / name
    number = 1
    while target.exists():
        number += 1
        target = folder / f"{number}-{name}"
    try:
        with (open_ or _open)(request, TIMEOUT) as answer:
            _stream(answer, target, address)
    except SourceError:
        target.unlink(missing_ok=True)
        raise
    except (http.client.InvalidURL, UnicodeError) as error:
        hint = "Copy it anew from the browser: a blank in it is written %20, and other signs in the same manner."
        raise _problem(address, f"this is no address: {error}", hint) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        target.unlink(missing_ok=True)
        raise _problem(
            address, f"the download failed: {_reason(error)}", "Try again, or download it by hand."
        ) from None
    return Received(target, address, address=address, retrieved=today.isoformat(), name=name)


def _reason(error: Exception) -> str:
    """In one line; http.client says of an answer that breaks off nothing but how much of it came."""
    if isinstance(error, urllib.error.HTTPError):
        text = f"the server answers {error.code}, {error.reason}"
    elif isinstance(error, urllib.error.URLError):
        text = str(error.reason)
    elif isinstance(error, http.client.IncompleteRead):
        text = "the answer breaks off"
    elif isinstance(error, http.client.HTTPException):
        text = f"the answer is none that a web server gives ({type(error).__name__}: {error})"
    else:
        text = str(error)
    return " ".join(text.split())


def _name(address: str) -> str:
    """The last part of the address as a name that any file system takes."""
    last = unquote(urlsplit(address).path).replace("\\", "/").rpartition("/")[2]
    return re.sub(r"[^\w .()@,+-]", "_", last).strip(". ")[:120] or "download"


def _stream(answer: Any, target: Path, address: str) -> None:
    began, size = time.monotonic(), 0
    announced = str(answer.headers.get("Content-Length") or "")
    if announced.isascii() and announced.isdigit() and int(announced) > MOST_BYTES:
        raise _too_large(address)
    with target.open("wb") as file:
        while piece := answer.read1(PIECE):  # what is there: read would wait for all of it, however slowly it comes
            size += len(piece)
            if size > MOST_BYTES:
                raise _too_large(address)
            if time.monotonic() - began > LONGEST:
                raise _problem(address, f"the download took more than {LONGEST / 60:.0f} minutes")
            file.write(piece)
    if announced.isascii() and announced.isdigit() and int(announced) != size:
        raise _problem(address, f"{size:,} of {int(announced):,} bytes came", "Try again.")


def _too_large(address: str) -> SourceError:
    return _problem(address, f"the file has more than the {MOST_BYTES // 1_000_000} MB that are read")


def _problem(address: str, message: str, hint: str = "") -> SourceError:
    return SourceError(Problem("download-failed", message, Location(address), hint))


class OnlyHttps(urllib.request.HTTPRedirectHandler):
    """Follows no redirect to anything but https."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme != "https":
            raise urllib.error.URLError(f"the server leads to {newurl}, which is no https address")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(request: urllib.request.Request, timeout: float) -> Any:
    return urllib.request.build_opener(OnlyHttps).open(request, timeout=timeout)
