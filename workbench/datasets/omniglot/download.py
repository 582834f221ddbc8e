"""Fetches the official archives, once, checked, cancellable; a broken transfer leaves nothing."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from urllib.parse import urlsplit

from workbench.bank import storage_error
from workbench.errors import DataError
from workbench.interfaces import Progress

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
    downloader = pooch.HTTPDownloader(progressbar=_Meter(name, progress), chunk_size=1 << 16)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        shelf.fetch(name, downloader=downloader)
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


class _Meter:
    """Speaks to `progress` as pooch speaks to a progress bar."""

    def __init__(self, name: str, progress: Progress) -> None:
        self._total = self._done = 0
        self._text = f"Downloading {name}"
        self._progress = progress

    @property
    def total(self) -> int:
        """Bytes of the file, 0 if the server does not say."""
        return self._total

    @total.setter
    def total(self, total: int) -> None:
        self._total, self._done = total, 0  # every try begins so

    def update(self, more: int) -> None:
        self._done += more
        done = min(self._done, self._total) if self._total else self._done
        self._progress(done, self._total, self._text)

    def reset(self) -> None:
        """Before the last call of `update`, which fills the bar."""
        self._done = 0

    def close(self) -> None:
        """Nothing to put away."""
