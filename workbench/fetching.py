"""Files from their publishers, fetched once: checked, cancellable, and only over https.

A broken transfer leaves nothing behind.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workbench.bank import storage_error
from workbench.errors import DataError

Progress = Callable[[int, int, str], None]  # done, total (0: unknown), text; may raise Cancelled

TRIES = 3
PATIENCE = 10.0  # seconds of silence, after which a server counts as gone
_CHUNK = 1 << 16
_ABANDONED_AFTER = 600.0  # seconds without a write
_HERE = "127.0.0.1"  # needs no encryption


@dataclass(frozen=True)
class Remote:
    """A file of a publisher.

    Attributes:
        name: of the file, as it is kept.
        addresses: where it is, asked in this order; "http:" is asked as "https:".
        checksum: "md5:…" or "sha256:…"; empty where its publisher states none.
    """

    name: str
    addresses: tuple[str, ...]
    checksum: str = ""


def fetched(remotes: Sequence[Remote], folder: Path, progress: Progress) -> tuple[Path, ...]:
    """The files, in that order; those that are missing are fetched.

    Args:
        folder: where downloads are kept.
        progress: told of bytes; may raise Cancelled.

    Raises:
        DataError: the network, every server of a file, or the disk does not play along.
    """
    for remote in remotes:
        if not (folder / remote.name).is_file():
            _fetch_somewhere(remote, folder, progress)
    return tuple(folder / remote.name for remote in remotes)


def discard_damaged(remotes: Sequence[Remote], folder: Path) -> bool:
    """Take away files that the disk has spoilt since they were fetched; whether there were any."""
    import pooch  # type: ignore[import-untyped]  # published without types

    damaged = [
        folder / remote.name
        for remote in remotes
        if remote.checksum
        and (folder / remote.name).is_file()
        # "md5:…", as pooch itself understands it
        and not pooch.hashes.hash_matches(folder / remote.name, remote.checksum)
    ]
    for path in damaged:
        path.unlink()
    return bool(damaged)


def _fetch_somewhere(remote: Remote, folder: Path, progress: Progress) -> None:
    *mirrors, last = remote.addresses
    for address in mirrors:
        try:
            _fetch(remote, address, folder, progress)
        except DataError as error:
            if error.values.get("storage"):
                raise
        else:
            return
    _fetch(remote, last, folder, progress)


def _fetch(remote: Remote, address: str, folder: Path, progress: Progress) -> None:
    # Late: importing them takes a third of a second, and most starts download nothing.
    import pooch
    import requests

    base, _, file = _encrypted(address).rpartition("/")
    pooch.get_logger().setLevel(logging.WARNING)
    shelf = pooch.create(
        folder,
        base + "/",
        registry={remote.name: remote.checksum or None},
        urls={remote.name: f"{base}/{file}"},
        retry_if_failed=TRIES - 1,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        shelf.fetch(remote.name, downloader=_downloader(remote.name, progress))
    except requests.RequestException as error:  # an OSError as well, so it comes first
        raise DataError(
            "{name} could not be downloaded: {reason}.",
            name=remote.name,
            reason=type(error).__name__,
            hint="Check the network and try again, or fetch the file yourself from "
            f"{base}/{file} and choose it as the set's files (dataset.path).",
        ) from error
    except OSError as error:
        failed = storage_error(error, folder)
        failed.values["storage"] = True  # no other server would help
        raise failed from error
    except ValueError as error:
        raise DataError(
            "{name} arrived damaged {tries} times.",
            name=remote.name,
            tries=TRIES,
            hint="Try again later, or fetch the file yourself and choose it as the set's "
            "files (dataset.path).",
        ) from error


def _encrypted(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme == "http" and parts.hostname != _HERE:
        parts = parts._replace(scheme="https")
    if not _is_safe(parts.geturl()):
        raise ValueError(f"{address} is not https")
    return parts.geturl()


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == _HERE)


def _sweep(folder: Path) -> None:
    """Remove what a killed download left: pooch writes to tmp…, and renames when it is checked."""
    for part in folder.glob("tmp*"):
        if part.is_file() and time.time() - part.stat().st_mtime > _ABANDONED_AFTER:
            part.unlink(missing_ok=True)


def _downloader(name: str, progress: Progress) -> Callable[[str, str, Any], None]:
    """What pooch calls with an address and a temporary file; its own leaves sockets open."""
    import requests

    def download(address: str, file: str, _: Any) -> None:
        text = f"Downloading {name}"
        progress(0, 0, text)
        with (
            requests.get(address, stream=True, timeout=PATIENCE) as response,
            Path(file).open("wb") as to,
        ):
            response.raise_for_status()
            if not _is_safe(response.url):
                raise requests.exceptions.InvalidURL(f"{response.url} is not https")
            total, done = int(response.headers.get("Content-Length", 0)), 0
            for chunk in _chunks(response):
                to.write(chunk)
                done += len(chunk)
                progress(done, total, text)

    return download


def _chunks(response: Any) -> Any:
    """What has arrived, as it arrives: a slow server must not hold up who wants to stop."""
    import requests
    import urllib3

    if "Content-Encoding" in response.headers:
        yield from response.iter_content(_CHUNK)
        return
    try:
        while chunk := response.raw.read1(_CHUNK):
            yield chunk
    except urllib3.exceptions.ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError(error) from error
