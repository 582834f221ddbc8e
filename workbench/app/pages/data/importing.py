"""Looks at what a person wants to import, and asks before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from workbench.app.pages.data.import_dialog import ImportDialog
from workbench.inquiries import DataSurveyed, SurveyData
from workbench.protocol import Event, Failed, Progress

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink
    from workbench.app.pages.data.sets import DataSets


class Importer(QObject):
    """One file or folder at a time.

    Attributes:
        path: the last one.
        failure: why the last one cannot be imported; None until then, and as soon as another one is
            looked at or another data set is shown.

    Signals:
        wanted(str, object): import that path with these settings of the shown data set.
        working(int, int, str): how far the looking is.
        asked(): the looking is over, and the person is asked.
        failed(object): a Failed: it cannot be imported.
    """

    wanted = Signal(str, object)
    working = Signal(int, int, str)
    asked = Signal()
    failed = Signal(object)

    def __init__(self, link: EngineLink, sets: DataSets, parent: QWidget) -> None:
        super().__init__(parent)
        self._link, self._sets, self._parent = link, sets, parent
        self._request, self.path = 0, ""
        self.failure: Failed | None = None
        self.dialog: ImportDialog | None = None

    @property
    def busy(self) -> bool:
        return self._request != 0

    def look(self, path: str) -> None:
        """Look at a file or folder for the shown data set, and ask."""
        self.cancel()
        self.path = path
        values = self._sets.preview_values() | {"dataset.path": path}
        self.working.emit(0, 0, "Looking at what is there")
        self._request = self._link.request(SurveyData, self._answered, values=values)

    def forget(self) -> None:
        """That something could not be imported was said long enough."""
        self.failure = None

    @Slot()
    def cancel(self) -> None:
        """Give up looking, and forget what was wrong."""
        self.forget()
        if self._request:
            self._link.cancel(self._request)
        self._request = 0

    def _answered(self, event: Event) -> None:
        if event.request != self._request:
            return
        if isinstance(event, Progress):
            self.working.emit(event.done, event.total, event.text)
            return
        self._request = 0
        if isinstance(event, Failed):
            self.failure = event
            self.failed.emit(event)
        elif isinstance(event, DataSurveyed):
            self._ask(event)

    def _ask(self, event: DataSurveyed) -> None:
        if event.survey is None:  # a published set is what it is
            self.wanted.emit(self.path, {})
            return
        shown = self._sets.shown
        rows = {row.key: row for row in shown.rows}
        self.dialog = ImportDialog(self.path, event.survey, rows, shown.values, self._parent)
        self.dialog.accepted.connect(self._accepted)
        self.dialog.finished.connect(self._closed)
        self.dialog.open()
        self.asked.emit()

    @Slot()
    def _accepted(self) -> None:
        if self.dialog is not None:
            values: Mapping[str, Any] = self.dialog.values()
            self.wanted.emit(self.path, values)

    @Slot()
    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None
