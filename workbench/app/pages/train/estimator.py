"""What a run will take: measured by the worker while it has nothing to train."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.app.pages.train.figures import NOTHING, duration
from workbench.protocol import (
    CostEstimated,
    DataReady,
    EstimateCost,
    Event,
    Failed,
    Progress,
    RunEnded,
    RunStarted,
)

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.app.engine_link import EngineLink

PAUSE_MS = 1000  # a measurement takes a second or two of all cores: not for each key
GIB, MIB = 1 << 30, 1 << 20


class Estimator(QObject):
    """Asks again whenever the draft has changed and rests.

    Signals:
        changed(): `figures` says something else.
    """

    changed = Signal()

    def __init__(self, draft: Draft, link: EngineLink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._draft, self._link = draft, link
        self._allowed, self._training = False, False
        self._request = 0
        self._found: CostEstimated | None = None
        self._why = ""  # there is no measurement
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        draft.changed.connect(self._forget)
        link.state_changed.connect(self._engine_changed)
        link.event.connect(self._hear_runs)

    def set_allowed(self, allowed: bool) -> None:
        """Whether the draft could be trained as it is."""
        if allowed != self._allowed:
            self._allowed = allowed
            self._forget()

    def figures(self) -> list[tuple[str, str]]:
        """Name and value of what is known."""
        if self._found is not None:
            time, memory = f"about {duration(self._found.seconds)}", _size(self._found.memory)
        elif self._request or self._pause.isActive():
            time, memory = "measuring…", NOTHING
        else:
            time, memory = NOTHING, NOTHING
        return [("Time", time), ("Memory", memory)]

    def reason(self) -> str:
        """Why nothing is known; empty while that is not known either."""
        return "A run is training; beside it all is slower." if self._training else self._why

    @Slot()
    def _forget(self) -> None:
        self._link.cancel(self._request)
        self._request, self._found, self._why = 0, None, ""
        self._pause.stop()
        if self._allowed and not self._training and self._link.state == "ready":
            self._pause.start()
        self.changed.emit()

    @Slot(str)
    def _engine_changed(self, state: str) -> None:
        if state == "stopped":
            self._training = False  # nobody will say that the run has ended
        self._forget()

    @Slot()
    def _ask(self) -> None:
        self._request = self._link.request(EstimateCost, self._hear, values=self._draft.values)

    def _hear(self, event: Event) -> None:
        if event.request != self._request or isinstance(event, Progress):
            return
        self._request = 0
        self._found = event if isinstance(event, CostEstimated) else None
        self._why = event.message if isinstance(event, Failed) and not event.cancelled else ""
        self.changed.emit()

    @Slot(object)
    def _hear_runs(self, event: Event) -> None:
        if isinstance(event, RunStarted | RunEnded):
            self._training = isinstance(event, RunStarted)
            self._forget()
        elif isinstance(event, DataReady) and self._found is None:
            self._forget()  # it may be what was missing


def _size(memory: int) -> str:
    if memory >= GIB:
        return f"about {memory / GIB:.1f} GB"
    return f"about {max(1, round(memory / MIB))} MB"
