"""Where the official archives are."""

from __future__ import annotations

from pathlib import Path

from workbench.fetching import Progress, Remote, fetched

ADDRESS = "https://raw.githubusercontent.com/brendenlake/omniglot/master/python"
MD5 = {
    "images_background.zip": "68d2efa1b9178cc56df9314c21c6e718",
    "images_evaluation.zip": "6b91aef0f799c5bb55b94e3f2daec811",
}


def is_here(folder: Path, evaluation: bool) -> bool:
    """Whether nothing would have to be fetched."""
    return all((folder / name).is_file() for name in list(MD5)[: 1 + evaluation])


def ready(folder: Path, evaluation: bool, progress: Progress) -> Path:
    """The archive, or the folder with both; fetches what is missing.

    Args:
        folder: where downloads are kept.
        evaluation: also want images_evaluation.zip.
        progress: told of bytes; may raise Cancelled.

    Raises:
        DataError: the network, the server or the disk does not play along.
    """
    wanted = list(MD5)[: 1 + evaluation]
    fetched(
        [Remote(name, (f"{ADDRESS}/{name}",), f"md5:{MD5[name]}") for name in wanted],
        folder,
        progress,
    )
    # Not the folder: the other archive may lie there too, and would become the test split.
    return folder if evaluation else folder / wanted[0]
