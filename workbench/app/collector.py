"""Python's cyclic collector, kept on the GUI thread.

Left to itself it runs on whichever thread allocates, so the thread that reads the pipe could
destroy a widget: a crash.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MS = 500


class Collector(QObject):
    """Collects from a timer, only what is due; the whole heap only rarely, since that costs a
    frame."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._thresholds = gc.get_threshold()

    def start(self) -> None:
        gc.disable()
        self.settle()
        self._timer.start(INTERVAL_MS)

    @Slot()
    def settle(self) -> None:
        """What is there now, modules and pages, stays for ever: never look at it again."""
        gc.freeze()

    def stop(self) -> None:
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def collect(self) -> None:
        """Collect the oldest generation whose count is over its threshold."""
        counts = gc.get_count()
        due = [age for age in range(3) if counts[age] > self._thresholds[age]]
        if due:
            gc.collect(due[-1])
