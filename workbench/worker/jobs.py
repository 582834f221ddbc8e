"""Work beside the dispatching thread: each job has a thread, can be cancelled, and answers exactly
once.

This is the worker's edge: what a job raises ends here as `Failed`, and the worker lives on.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable

from workbench.errors import Cancelled, WorkbenchError
from workbench.protocol import Command, Event, Failed, Progress
from workbench.worker.outbox import Outbox

PROGRESS_SECONDS = 0.05


class Job:
    """What a piece of work may know of its request."""

    def __init__(self, request: int, outbox: Outbox) -> None:
        self.request = request
        self._outbox = outbox
        self._cancelled = threading.Event()
        self._told = 0.0

    def progress(self, done: int, total: int, text: str) -> None:
        """Tell the window, not too often. `total` 0 is unknown.

        Raises:
            Cancelled: the person gave up on this.
        """
        self.check()
        now = time.monotonic()
        if now - self._told >= PROGRESS_SECONDS or done == total:
            self._told = now
            self._outbox.send(Progress(self.request, done, total, text))

    def check(self) -> None:
        """Raise Cancelled if the person gave up on this."""
        if self._cancelled.is_set():
            raise Cancelled

    def cancel(self) -> None:
        self._cancelled.set()


Work = Callable[[Job], Event | None]  # None: it has answered already


class Jobs:
    """The jobs that run now.

    Args:
        on_fault: told of every exception that is a programming or device fault, after it was
            answered.
    """

    def __init__(self, outbox: Outbox, on_fault: Callable[[Exception], None]) -> None:
        self._outbox = outbox
        self._on_fault = on_fault
        self._lock = threading.Lock()
        self._running: dict[int, Job] = {}
        self._lanes: dict[str, _Lane] = {}

    def start(self, command: Command, work: Work) -> None:
        """Do `work` on a thread of its own."""
        # Daemon threads: a download that hangs must not keep a closing worker alive.
        job = self._begin(command)
        name = type(command).__name__
        threading.Thread(target=self.run, args=(job, work), name=name, daemon=True).start()

    def start_latest(self, lane: str, requester: str, command: Command, work: Work) -> None:
        """Do `work` on the thread of that lane, in place of what the same requester still waits for
        there."""
        if lane not in self._lanes:
            self._lanes[lane] = _Lane(lane, self.run)
        replaced = self._lanes[lane].put(requester, self._begin(command), work)
        if replaced is not None:
            self._end(replaced)
            self._outbox.send(_cancelled(replaced.request, "A newer request took its place."))

    def cancel(self, request: int) -> None:
        """Give up on a job; unknown and finished ones are ignored."""
        with self._lock:
            job = self._running.get(request)
        if job is not None:
            job.cancel()

    def close(self) -> None:
        """Cancel everything; nobody waits for it."""
        with self._lock:
            jobs = list(self._running.values())
        for job in jobs:
            job.cancel()

    def run(self, job: Job, work: Work) -> None:
        """Do the work here and now, and answer."""
        event = self._answer(job, work)
        self._end(job)
        if event is not None:
            self._outbox.send(event)

    def _begin(self, command: Command) -> Job:
        job = Job(command.request, self._outbox)
        with self._lock:
            self._running[job.request] = job
        return job

    def _end(self, job: Job) -> None:
        with self._lock:
            self._running.pop(job.request, None)

    def _answer(self, job: Job, work: Work) -> Event | None:
        try:
            job.check()
            return work(job)
        except Cancelled as error:
            return _cancelled(job.request, error.message)
        except WorkbenchError as error:
            return Failed(job.request, error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - the one edge of this process
            self._on_fault(error)
            return failed(job.request, error)


class _Lane:
    """One thread for quick work, and what waits for it: the latest of each requester."""

    def __init__(self, name: str, run: Callable[[Job, Work], None]) -> None:
        self._run = run
        self._waiting: dict[str, tuple[Job, Work]] = {}
        self._wake = threading.Condition()
        threading.Thread(target=self._serve, name=name, daemon=True).start()

    def put(self, requester: str, job: Job, work: Work) -> Job | None:
        """Let `work` wait; returns the job whose place it took."""
        with self._wake:
            replaced = self._waiting.pop(requester, None)
            self._waiting[requester] = (job, work)
            self._wake.notify()
        return replaced[0] if replaced else None

    def _serve(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._waiting)
                job, work = self._waiting.pop(next(iter(self._waiting)))
            self._run(job, work)


def failed(request: int, error: Exception) -> Failed:
    """What a fault of ours, or of the machine, looks like to a person."""
    sentence = f"The engine could not do this: {_first_line(error)}"
    hint = "The log has the details. Other work goes on."
    return Failed(request, sentence, hint, traceback.format_exc())


def _cancelled(request: int, message: str) -> Failed:
    return Failed(request, message, cancelled=True)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}{': ' + lines[0] if lines else ''}"
