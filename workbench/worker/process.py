"""The worker's life: it reads commands until it is told to end, and never outlives the window.

The main thread only dispatches. It ends on `Shutdown`, on a closed pipe, on SIGTERM (which Linux
also sends when the
window's process is killed), and on a fault that leaves the GPU unusable for this process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from multiprocessing import connection as pipes
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

from workbench.protocol import Shutdown
from workbench.worker.dispatch import Dispatcher
from workbench.worker.outbox import Outbox

_PR_SET_PDEATHSIG = 1


def serve(connection: Connection, store: Path | None) -> None:
    """Answer commands until the end; training is checkpointed before this returns.

    Args:
        connection: the worker's end of the pipe.
        store: folder of the runs; the user's own where None.
    """
    parent = os.getppid()
    stop, bell = pipes.Pipe(duplex=False)
    _end_on_sigterm(bell)
    _end_with_parent(parent)
    outbox = Outbox(connection)
    dispatcher = Dispatcher(outbox, store, give_up=lambda: _ring(bell))
    try:
        dispatcher.start()
        while (command := _next(connection, stop)) is not None:
            dispatcher.handle(command)
    finally:
        dispatcher.close()
        outbox.close()
    # torch's own threads and exit handlers can hang behind a broken device; everything is saved by
    # now.
    _leave(dispatcher.exit_code)


def _next(connection: Connection, stop: Connection) -> object | None:
    """The next command, or None when it is time to end."""
    if stop in pipes.wait([connection, stop]):
        return None
    try:
        command = connection.recv()
    except (EOFError, OSError):
        return None
    return None if isinstance(command, Shutdown) else command


def _end_on_sigterm(bell: Connection) -> None:
    def ring(_number: int, _frame: FrameType | None) -> None:
        _ring(bell)

    signal.signal(signal.SIGTERM, ring)
    # Ctrl+C in the terminal reaches the whole process group: it is the window's to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _ring(bell: Connection) -> None:
    with contextlib.suppress(OSError):
        bell.send_bytes(b"\0")


def _end_with_parent(parent: int) -> None:
    """A group of its own, and a SIGTERM from the kernel should the window be killed."""
    if os.name != "posix":
        return
    os.setpgrp()
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above
        os.kill(os.getpid(), signal.SIGTERM)


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
