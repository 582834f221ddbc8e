"""The child process that computes: commands of `protocol` in, events out.

`launch` starts it. This file is imported by the window's process too, so it loads nothing: the
child's own work stands in
`process.py` (its life), `dispatch.py` (who answers what), `jobs.py` (threads), `runs.py` (training)
and `models.py` (drawing).
"""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

__all__ = ["launch"]


def launch(store: Path | None = None) -> tuple[Connection, SpawnProcess]:
    """Start a worker and return its pipe and its process.

    Args:
        store: the folder that holds the runs; the user's own where None.
    """
    # Always spawn: a forked child would share Qt's threads and, later, a CUDA context.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=True)
    # A daemon, so that a window that crashes does not wait for its child at exit: the child sees
    # the pipe close.
    process = context.Process(
        target=_child, args=(there, store), name="workbench-worker", daemon=True
    )
    process.start()
    there.close()  # the child's end lives in the child alone, or its death would go unnoticed
    return here, process


def _child(connection: Connection, store: Path | None) -> None:
    from workbench.worker.process import serve

    serve(connection, store)
