"""Checkpoints: the last and the best, each whole or not there.

A checkpoint is a file of its own; `checkpoints.json` says which one is the last and which the best,
and is replaced in one step after the file is safe on the disk. Whatever fails before that moment
changes nothing.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from workbench.errors import StoreError
from workbench.store.files import (
    damaged,
    explain,
    make_folder,
    patiently,
    read_json,
    removed_on_failure,
    sync_folder,
    write_json,
)
from workbench.store.summary import CHECKPOINTS, State, state_to_json

FOLDER = "checkpoints"
SUFFIX = ".ckpt"

_KEYS = {"file", "step", "bytes", "sizes", "state"}

Which = Literal["last", "best"]
Sizes = dict[str, int]  # file name → bytes, of whatever a resume cuts back


def has_checkpoint(folder: Path) -> bool:
    """Whether a checkpoint was ever saved.

    Raises:
        StoreError: when that cannot be known.
    """
    return "last" in _read(folder)


def read_entry(folder: Path, which: Which) -> dict[str, Any]:
    """What is known about a checkpoint: `file`, `step`, `bytes`, `sizes`, `state`.

    Raises:
        StoreError: when there is none, or its file is not as it was written.
    """
    entry = _read(folder).get(which)
    if not entry:
        raise StoreError(
            "{run} has no checkpoint yet.",
            run=folder.name,
            hint="Wait until the first is saved, or start again with the same settings.",
        )
    path = folder / FOLDER / entry["file"]
    if not path.is_file() or path.stat().st_size != entry["bytes"]:
        raise damaged(path)
    return cast("dict[str, Any]", entry)


def write_checkpoint(
    folder: Path, state: State, sizes: Sizes, write: Callable[[BinaryIO], None], *, best: bool
) -> Path:
    """Save a checkpoint and make it the last one, and the best one if so asked.

    Raises:
        StoreError: when the disk is full, say. The previous checkpoint is as it was then.
    """
    known = _read(folder)
    serial = known.get("serial", 0) + 1
    path = folder / FOLDER / f"{state.step:08d}-{serial}{SUFFIX}"
    make_folder(path.parent)
    length = _write_file(path, write)
    entry = {
        "file": path.name,
        "step": state.step,
        "bytes": length,
        "sizes": sizes,
        "state": state_to_json(state),
    }
    content = {"serial": serial, "last": entry, "best": entry if best else known.get("best")}
    with removed_on_failure(path):
        write_json(folder / CHECKPOINTS, content, durable=True)
    _remove_others(path.parent, content)
    return path


class _File(io.FileIO):
    """Remembers why it could not be written: libraries that write tensors hide that behind errors
    of their own."""

    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.failure = error
            raise


def _write_file(path: Path, write: Callable[[BinaryIO], None]) -> int:
    part = path.with_suffix(".part")
    with removed_on_failure(part):
        raw = _File(part, "wb")  # what a killed trainer left is written over
        try:
            with io.BufferedWriter(raw, 1 << 20) as file:
                write(cast("BinaryIO", file))
                file.flush()
                os.fsync(file.fileno())
                length = file.tell()
            patiently(lambda: part.replace(path))
            sync_folder(path.parent)
        except Exception as error:
            with contextlib.suppress(OSError):
                raw.close()
            failure = raw.failure or error
            if isinstance(failure, OSError):
                raise explain(failure, path) from error
            raise
    return length


def _read(folder: Path) -> dict[str, Any]:
    path = folder / CHECKPOINTS
    try:
        content = read_json(path)
    except FileNotFoundError:
        return {}
    for entry in (content.get("last"), content.get("best")):
        if entry is not None and not (isinstance(entry, dict) and entry.keys() >= _KEYS):
            raise damaged(path)
    return content


def _remove_others(place: Path, content: dict[str, Any]) -> None:
    kept = {content[which]["file"] for which in ("last", "best") if content[which]}
    for path in place.iterdir():
        if path.name not in kept:
            # Another process may be reading it: on Windows it goes with a later checkpoint.
            with contextlib.suppress(OSError):
                path.unlink()
