"""What a disk does to the files of a bank: full, read-only, killed half-way, damaged later."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from workbench.errors import DataError

BLOCK = 1 << 20  # bytes that share a hash
MARK = ".part-"
_ABANDONED_AFTER = 600.0  # seconds without a write; a living build writes every moment


@contextlib.contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Turn what the operating system says about a folder into a sentence."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, folder.parent) from error


def storage_error(error: OSError, folder: Path) -> DataError:
    """What an OSError on writing to a folder means for a person."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DataError(
            "The disk is full: the images do not fit into {folder}.",
            folder=folder,
            hint="Make room, or choose another data folder; nothing half-made was left.",
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return DataError(
            "The folder {folder} cannot be written to.",
            folder=folder,
            hint="Choose a data folder that you may write to.",
        )
    return DataError(
        "The images cannot be stored in {folder}: {reason}.",
        folder=folder,
        reason=error.strerror or str(error),
        hint="Check the disk, or choose another data folder.",
    )


def blocks(file: IO[bytes]) -> int:
    """How many hashes a file has."""
    return -(-file.seek(0, os.SEEK_END) // BLOCK)


def hash_of(file: IO[bytes], block: int) -> str:
    """The hash of one block of a file."""
    file.seek(block * BLOCK)
    return hashlib.blake2b(file.read(BLOCK), digest_size=8).hexdigest()


def sync(file: IO[Any]) -> None:
    """Do not return before the disk has it."""
    file.flush()
    os.fsync(file.fileno())


def put_in_place(part: Path, folder: Path) -> None:
    """Make a finished folder the one that counts."""
    grave = part.with_name(
        f"{part.name}-old"
    )  # carries the mark: swept away, should this be the last we do
    if folder.exists():
        folder.rename(grave)
    part.rename(folder)
    shutil.rmtree(grave, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what builds of this bank left behind that were killed."""
    for part in folder.parent.glob(f".{folder.name}{MARK}*"):
        if _abandoned(part):
            shutil.rmtree(part, ignore_errors=True)


def _abandoned(part: Path) -> bool:
    process = part.name.rpartition(MARK)[2].split("-")[0]
    if os.name == "posix" and process.isdigit():
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
    images = part / "images.npy"
    written = (images if images.exists() else part).stat().st_mtime
    return time.time() - written > _ABANDONED_AFTER
