"""A lock that dies with its process.

The kernel frees it however the process ended, a power cut or SIGKILL included. That is how a run
that says "running" is known to have died.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

from workbench.store.files import explained

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _is_taken(handle: int) -> bool:
        # A locked byte cannot be read, so that asking takes no lock that could be in somebody's
        # way.
        try:
            os.read(handle, 1)
        except PermissionError:
            return True
        return False

else:
    import fcntl

    def _take(handle: int) -> bool:
        # flock, not lockf: the latter is lost when the process closes any other handle of the file.
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _is_taken(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


class Lock:
    """Held from `take` until `release` or the end of the process, whichever comes first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def take(self, patience_s: float = 0.2) -> bool:
        """Whether the lock was free, or became free within `patience_s`.

        The default outlasts those who merely ask whether it is taken.

        Raises:
            StoreError: when the lock's file cannot be made.
        """
        with explained(self.path):
            handle = os.open(self.path, _FLAGS, 0o666)
            try:
                taken = _take_patiently(handle, patience_s)
                if taken and os.fstat(handle).st_size == 0:
                    os.write(handle, b"1")  # on Windows the byte that is locked
            except BaseException:
                os.close(handle)
                raise
        if taken:
            self._handle = handle
        else:
            os.close(handle)
        return taken

    def release(self) -> None:
        """Let others have it. Harmless when it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _take_patiently(handle: int, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not _take(handle):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def is_locked(path: Path) -> bool:
    """Whether any process, this one included, holds the lock at `path`."""
    with contextlib.suppress(OSError):  # no such file, or one that nobody may lock
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            return _is_taken(handle)
        finally:
            os.close(handle)
    return False
