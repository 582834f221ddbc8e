"""What the lower half of the Runs page shows, read from the store in the background."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.app.pages.runs.background import Background
from workbench.app.pages.runs.compare import Validations, read_validations
from workbench.app.pages.runs.rows import RunRow
from workbench.errors import WorkbenchError
from workbench.store import Store


class Readings(QObject):
    """Reads each run's curves once for every change of the run, and the log of one run.

    Attributes:
        curves: of the runs that were read, by run.

    Signals:
        curve_read(str): that run's curves are there.
        log_read(object, list): the events of that RunRow.
        failed(str, str): message and hint.
    """

    curve_read = Signal(str)
    log_read = Signal(object, list)
    failed = Signal(str, str)

    def __init__(self, store: Store, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._background = store, background
        self.curves: dict[str, Validations] = {}
        self._reading: set[tuple[str, float]] = set()
        self._log: tuple[str, float] = ("", 0.0)

    def want_curve(self, row: RunRow) -> None:
        """Read the curves of a run, unless they are known or on their way."""
        run, updated = row.run, row.summary.updated
        known = self.curves.get(run)
        if (known is not None and known.updated == updated) or (run, updated) in self._reading:
            return
        self._reading.add((run, updated))
        work = partial(read_validations, self._store, run, updated)
        self._background.ask(work, self._curve_came, partial(self._missed, run, updated))

    def want_log(self, row: RunRow | None) -> bool:
        """Read the log of a run; False where it is what was wanted last."""
        wanted = (row.run, row.summary.updated) if row is not None else ("", 0.0)
        if wanted == self._log:
            return False
        self._log = wanted
        if row is not None:
            run = row.run
            self._background.ask(
                lambda: self._store.open(run).events(),
                partial(self._log_came, row),
                partial(self._missed, run, 0.0),
            )
        return True

    def _curve_came(self, found: Validations) -> None:
        self._reading.discard((found.run, found.updated))
        self.curves[found.run] = found
        self.curve_read.emit(found.run)

    def _log_came(self, row: RunRow, lines: list[dict[str, Any]]) -> None:
        self.log_read.emit(row, lines)

    def _missed(self, run: str, updated: float, error: WorkbenchError) -> None:
        if self._store.root.joinpath("runs", run).is_dir():
            self.failed.emit(error.message, error.hint)  # once: it stays among those being read
        else:
            self._reading.discard((run, updated))  # deleted meanwhile
