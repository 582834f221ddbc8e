"""The runs on disk, looked at once a second while somebody looks at them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from workbench.app.pages.runs.background import Background
from workbench.app.pages.runs.rows import RunRow, row_of
from workbench.errors import Problem, StoreError, WorkbenchError
from workbench.schema.catalogue import Catalogue
from workbench.store import RunSummary, Store


@dataclass(frozen=True)
class Look:
    """What one look at the store found.

    Attributes:
        rows: newest first.
        problems: folders that cannot be read as a run.
        error: why the store cannot be read at all, and what to do.
    """

    rows: tuple[RunRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    error: tuple[str, str] = ("", "")


class RunList(QObject):
    """Lists the runs, whoever trains them.

    Attributes:
        look: what was found last; None before the first look.

    Signals:
        changed(): something is different from the look before.
    """

    changed = Signal()

    def __init__(
        self, store: Store, catalogue: Catalogue, background: Background, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._store, self._catalogue, self._background = store, catalogue, background
        self._known: dict[str, RunRow] = {}  # touched on the background's thread alone
        self._devices: dict[str, str] = {}
        self._looking = self._again = False
        self.look: Look | None = None

    @property
    def rows(self) -> tuple[RunRow, ...]:
        return self.look.rows if self.look is not None else ()

    def row(self, run: str) -> RunRow | None:
        return next((row for row in self.rows if row.run == run), None)

    @Slot()
    def refresh(self) -> None:
        """Look again; `changed` tells if there is news."""
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._background.ask(self._read, self._found)

    def _read(self) -> Look:
        try:
            summaries = self._store.runs()
            problems = tuple(self._store.problems())
        except WorkbenchError as error:
            return Look(error=(error.message, error.hint))
        except OSError as error:
            return Look(error=(str(error), ""))
        self._known = {summary.run: self._row(summary) for summary in summaries}
        return Look(tuple(self._known.values()), problems)

    def _row(self, summary: RunSummary) -> RunRow:
        known = self._known.get(summary.run)
        if known is not None and known.summary == summary:
            return known
        return row_of(summary, self._catalogue, self._device(summary.run))

    def _device(self, run: str) -> str:
        """Where a run computes; it never changes, but for a resume elsewhere."""
        if run not in self._devices:
            try:
                device = self._store.open(run).environment.get("device", "")
            except (StoreError, OSError):
                return ""
            self._devices[run] = str(device)
        return self._devices[run]

    def _found(self, look: Look) -> None:
        self._looking = False
        # Rows that did not change are the same objects: this costs next to nothing.
        if look != self.look:
            self.look = look
            self.changed.emit()
        if self._again:
            self._again = False
            self.refresh()
