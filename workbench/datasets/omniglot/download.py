"""Fetches the official archives, once, checked, cancellable; a broken transfer leaves nothing."""

from __future__ import annotations

import logging
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
    import pooch
    import requests

    if urlsplit(ADDRESS).scheme != "https" and urlsplit(ADDRESS).hostname != "127.0.0.1":
        raise ValueError(f"{ADDRESS} is not https")
    pooch.get_logger().setLevel(logging.WARNING)
    shelf = pooch.create(
        folder, ADDRESS + "/", registry={name: f"md5:{MD5[name]}"}, retry_if_failed=TRIES - 1
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shelf.fetch(name, downloader=pooch.HTTPDownloader(progressbar=_Meter(name, progress)))
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


class _Meter:
    """Speaks to `progress` as pooch speaks to a progress bar."""

    def __init__(self, name: str, progress: Progress) -> None:
        self.total = 0
        self._done = 0
        self._text = f"Downloading {name}"
        self._progress = progress

    def update(self, more: int) -> None:
        self._done += more
        self._progress(self._done, int(self.total), self._text)

    def reset(self) -> None:
        """Before the last call of `update`, which fills the bar."""
        self._done = 0

    def close(self) -> None:
        """Nothing to put away."""
