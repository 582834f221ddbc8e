"""Fetches the official archives, once, checked, cancellable; a broken transfer leaves nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workbench.bank import storage_error
from workbench.errors import DataError
from workbench.sources import Progress

ADDRESS = "https://raw.githubusercontent.com/brendenlake/omniglot/master/python"
MD5 = {
    "images_background.zip": "68d2efa1b9178cc56df9314c21c6e718",
    "images_evaluation.zip": "6b91aef0f799c5bb55b94e3f2daec811",
}
TRIES = 3
_ABANDONED_AFTER = 600.0  # seconds without a write


def ready(folder: Path, evaluation: bool, progress: Progress) -> Path:
    """The folder with the archives in it; fetches those that are missing.

    Args:
        folder: where downloads are kept.
        evaluation: also want images_evaluation.zip.
        progress: told of bytes; may raise Cancelled.

    Raises:
        DataError: the network, the server or the disk does not play along.
    """
    wanted = ["images_background.zip", "images_evaluation.zip"][: 1 + evaluation]
    for name in wanted:
        if not (folder / name).is_file():
            _fetch(folder, name, progress)
    return folder


def _fetch(folder: Path, name: str, progress: Progress) -> None:
    # Late: importing them takes a third of a second, and most starts download nothing.
    import pooch  # type: ignore[import-untyped]  # published without types
    import requests

    if urlsplit(ADDRESS).scheme != "https" and urlsplit(ADDRESS).hostname != "127.0.0.1":
        raise ValueError(f"{ADDRESS} is not https")
    pooch.get_logger().setLevel(logging.WARNING)
    shelf = pooch.create(
        folder, ADDRESS + "/", registry={name: f"md5:{MD5[name]}"}, retry_if_failed=TRIES - 1
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        shelf.fetch(name, downloader=_downloader(name, progress))
    except requests.RequestException as error:  # an OSError as well, so it comes first
        raise DataError(
            "{name} could not be downloaded: {reason}.",
            name=name,
            reason=type(error).__name__,
            hint="Check the network and try again, or fetch the file yourself from "
            f"{ADDRESS}/{name} and set dataset.path to it.",
        ) from error
    except OSError as error:
        raise storage_error(error, folder) from error
    except ValueError as error:
        raise DataError(
            "{name} arrived damaged {tries} times.",
            name=name,
            tries=TRIES,
            hint="Try again later, or fetch the file yourself and set dataset.path to it.",
        ) from error


def _sweep(folder: Path) -> None:
    """Remove what a killed download left: pooch writes to tmp…, and renames when it is checked."""
    for part in folder.glob("tmp*"):
        if part.is_file() and time.time() - part.stat().st_mtime > _ABANDONED_AFTER:
            part.unlink(missing_ok=True)


def _downloader(name: str, progress: Progress) -> Callable[[str, str, Any], None]:
    """What pooch calls with an address and a temporary file; its own leaves sockets open."""
    import requests

    def download(address: str, file: str, _: Any) -> None:
        with (
            requests.get(address, stream=True, timeout=30) as response,
            Path(file).open("wb") as to,
        ):
            response.raise_for_status()
            total, done = int(response.headers.get("Content-Length", 0)), 0
            for chunk in response.iter_content(1 << 16):
                to.write(chunk)
                done += len(chunk)
                progress(done, total, f"Downloading {name}")

    return download
