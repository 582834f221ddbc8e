"""What may take long happens on a thread: a store may be large, slow, or full."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from workbench.errors import StoreError, WorkbenchError


@dataclass(frozen=True)
class _Job:
    work: Callable[[], Any]
    answer: Callable[[Any], None] | None
    excuse: Callable[[WorkbenchError], None] | None


class Background(QObject):
    """Does one thing after the other; each answer comes in the GUI thread.

    Signals:
        failed(str, str): something could not be done: the message and the hint.
    """

    failed = Signal(str, str)
    _done = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[_Job] = deque()
        self._mutex = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._done.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def ask(
        self,
        work: Callable[[], Any],
        answer: Callable[[Any], None] | None = None,
        excuse: Callable[[WorkbenchError], None] | None = None,
    ) -> None:
        """Do `work`. Then `answer` gets what it returned, or `excuse` why it failed; without
        `excuse` it is told by `failed`."""
        with self._mutex:
            if self._closed:
                return
            self._waiting.append(_Job(work, answer, excuse))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="runs", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Finish what was asked, tell nobody, and wait for it."""
        with self._mutex:
            self._closed = True
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._mutex:
                if not self._waiting:
                    self._thread = None
                    return
                job = self._waiting.popleft()
            found, error = None, None
            try:
                found = job.work()
            except WorkbenchError as problem:
                error = problem
            except OSError as problem:
                error = StoreError(str(problem))
            try:
                self._done.emit(job, found, error)
            except RuntimeError:
                return  # the page is gone

    @Slot(object, object, object)
    def _tell(self, job: _Job, found: Any, error: WorkbenchError | None) -> None:
        if self._closed:
            return
        if error is not None:
            if job.excuse is not None:
                job.excuse(error)
            else:
                self.failed.emit(error.message, error.hint)
        elif job.answer is not None:
            job.answer(found)
