"""Paths as a person writes them."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import DataError


def place(path: str | Path) -> Path:
    """Where a path leads; "~" is the person's home, "~name" that of another.

    Raises:
        DataError: nobody of that name has one.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise DataError(
            "There is no home folder of that name in {path}.",
            path=path,
            hint="Write the whole path, or begin with ~/ for your own home folder.",
        ) from None
