"""The map over tasks: how it maps is nobody's affair but the engine's.

`each` is the plain loop; with threads, the same loop cut among them, one backward pass per task.
Results come back in task order whichever thread finishes first, so that sums have the same bits
with one thread and with many.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class TaskThreads:
    """Worker threads that each compute with one core; a context manager.

    Args:
        count: threads; 1 computes on the calling thread, with one core. A single item is computed
            on the calling thread as well, with the cores that it was given.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count, "task", initializer=_one_core) if count > 1 else None

    def each(self, function: Callable[[ItemT], ResultT], items: Sequence[ItemT]) -> list[ResultT]:
        """`function` of every item, in order; of several errors the first in order is raised."""
        if self._pool is None:
            use_cores(1)
        if self._pool is None or len(items) < 2:
            return [function(item) for item in items]
        return list(self._pool.map(function, items))

    def close(self) -> None:
        """End the threads; work under way is finished first."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> TaskThreads:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


_cores = threading.local()


def _one_core() -> None:
    torch.set_num_threads(1)


def use_cores(count: int) -> None:
    """Let operations called from this thread use `count` cores."""
    if getattr(_cores, "count", None) != count:
        torch.set_num_threads(count)
        _cores.count = count
