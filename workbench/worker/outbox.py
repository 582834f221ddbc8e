"""The way up: events of many threads go into one pipe, whole and in order."""

from __future__ import annotations

import threading
import time
from multiprocessing.connection import Connection

from workbench.protocol import Event, RunProgress

PROGRESS_PER_SECOND = 20.0


class Outbox:
    """Sends events. After the window has gone it swallows them: work that trains must still be
    saved."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._broken = False
        self._last: dict[
            str, tuple[float, str]
        ] = {}  # run: when its progress was sent, and the phase

    def send(self, event: Event) -> None:
        """Send an event now; progress of a run that comes too soon after the last is left out."""
        if isinstance(event, RunProgress) and not self._due(event):
            return
        with self._lock:
            if self._broken:
                return
            try:
                self._connection.send(event)
            except OSError:
                self._broken = True

    def close(self) -> None:
        """Close the pipe; the window then sees the end."""
        with self._lock:
            self._broken = True
            self._connection.close()

    def _due(self, event: RunProgress) -> bool:
        now = time.monotonic()
        sent, phase = self._last.get(event.run, (0.0, ""))
        if (
            event.phase == phase
            and event.step < event.steps
            and now - sent < 1 / PROGRESS_PER_SECOND
        ):
            return False
        self._last[event.run] = (now, event.phase)
        return True
