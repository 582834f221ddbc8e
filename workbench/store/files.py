"""Files that are either whole or not there: versioned JSON, replaced in one step, with errors a
person can act on."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from workbench.errors import StoreError

VERSION = 1  # of every file in the store; a file of another version is refused, never guessed at

Result = TypeVar("Result")


class DamagedFileError(StoreError):
    """A file is not what its name says: cut short, say, by a power cut."""


_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def explained(place: Path) -> Iterator[None]:
    """Turn the system's refusal to write into a sentence about `place` and what to do.

    Raises:
        StoreError: instead of any OSError of the block.
    """
    try:
        yield
    except OSError as error:
        raise explain(error, place) from error


def explain(error: OSError, place: Path) -> StoreError:
    """The sentence for one refusal of the system."""
    if error.errno in _FULL:
        return StoreError(
            "There is no room left to write {place}.",
            place=place,
            hint="Free some disk space and resume; what was saved before is intact.",
        )
    if error.errno in _READ_ONLY:
        return StoreError(
            "{place} cannot be written: {why}.",
            place=place,
            why=error.strerror,
            hint="Make the folder writable, or choose another one for the runs with --store.",
        )
    return StoreError(
        "{place} cannot be used: {why}.",
        place=place,
        why=error.strerror or str(error),
        hint="Check the folder, or choose another one for the runs with --store.",
    )


def make_folder(place: Path) -> None:
    """Make `place` and its parents.

    Raises:
        StoreError: when that is impossible.
    """
    with explained(place):
        place.mkdir(parents=True, exist_ok=True)


def patiently(action: Callable[[], Result]) -> Result:
    """Do something that Windows forbids for the moment in which another process has the file
    open."""
    if sys.platform == "win32":
        for _ in range(200):
            with contextlib.suppress(PermissionError):
                return action()
            time.sleep(0.005)
    return action()


def write_whole(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Replace `path` by `data`: a reader sees all of the old file or all of the new one.

    Args:
        durable: survive a power cut as well, at the price of waiting for the disk.

    Raises:
        StoreError: when it cannot be written; then `path` is as it was and nothing half made stays.
    """
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    with explained(path), removed_on_failure(part):
        with part.open("xb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        patiently(lambda: part.replace(path))
        if durable:
            sync_folder(path.parent)


def write_over(path: Path, data: bytes) -> None:
    """Put `data` in the place of what `path` holds, for a disk without room for a second copy.

    Raises:
        StoreError: when not even that is possible.
    """
    with explained(path), path.open("r+b") as file:
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def removed_on_failure(part: Path) -> Iterator[None]:
    """Leave no `part` behind when the block fails, for whatever reason."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut, where the system offers that for folders."""
    # Windows and some network drives do not; what was renamed is whole all the same.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_whole(path: Path) -> bytes:
    """The contents of a file that another process may replace meanwhile."""
    return patiently(path.read_bytes)


def write_json(path: Path, content: Mapping[str, Any], *, durable: bool = False) -> None:
    """Replace `path` by a versioned JSON object."""
    write_whole(path, json_file(content), durable=durable)


def json_file(content: Mapping[str, Any]) -> bytes:
    """The bytes of a versioned JSON object."""
    return to_json({"version": VERSION, **content}, indent=1)


def read_json(path: Path) -> dict[str, Any]:
    """A versioned JSON object.

    Raises:
        FileNotFoundError: when there is none.
        DamagedFileError: when it is no JSON object.
        StoreError: when it is of another version, or may not be read.
    """
    try:
        content = json.loads(read_whole(path))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError("{path} cannot be read: {why}.", path=path, why=error.strerror) from error
    except ValueError as error:
        raise damaged(path) from error
    if not isinstance(content, dict):
        raise damaged(path)
    check_version(path, content.get("version"))
    return content


def check_version(path: Path, found: object) -> None:
    """Refuse what another version of this program wrote.

    Raises:
        StoreError: with both versions.
    """
    if found != VERSION:
        raise StoreError(
            "{path} has format {found}; this program reads format {known}.",
            path=path,
            found=found,
            known=VERSION,
            hint="Open the run with the version of the program that wrote it, or a newer one.",
        )


def damaged(path: Path) -> DamagedFileError:
    """The error for a file that is not what its name says."""
    return DamagedFileError(
        "{path} is damaged.",
        path=path,
        hint="Put the file back from a copy, or move its folder out of the store.",
    )


def to_json(content: Any, indent: int | None = None) -> bytes:
    """JSON bytes; paths become text, numpy's numbers and arrays become plain ones."""
    text = json.dumps(content, indent=indent, default=_plain, ensure_ascii=False)
    return text.encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")
