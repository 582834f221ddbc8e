"""A fresh process for each measurement."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from types import FrameType


@contextmanager
def fresh_processes(at_once: int) -> Iterator[ProcessPoolExecutor]:
    """A pool that gives each job a process of its own. They end with this one where it is told to:
    left behind, they would spoil the next measurement."""
    before = signal.signal(signal.SIGTERM, _end_all)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, mp_context=context, max_tasks_per_child=1) as pool:
        yield pool
    signal.signal(signal.SIGTERM, before)


def _end_all(number: int, _frame: FrameType | None) -> None:
    for child in multiprocessing.active_children():
        child.kill()
        child.join(5)
    os._exit(128 + number)  # the pool would wait for what is dead
