"""Has the worker look for leaks in the data set that is shown, and remembers what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from workbench.inquiries import AuditData, DataAudited
from workbench.protocol import Event, Failed

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink
    from workbench.app.pages.data.sets import DataSets
    from workbench.leaks import Statement

_Key = tuple[str, str]  # folder of the bank, and its splits


class Audits(QObject):
    """Of several data sets that were asked about, only the last one is heard of.

    Signals:
        found(object): the statements on the images of the shown data set.
        leaked(str): a warning in words, once for each data set.
        failed(str): why they could not be looked at.
    """

    found = Signal(object)
    leaked = Signal(str)
    failed = Signal(str)

    def __init__(self, link: EngineLink, sets: DataSets, parent: QObject) -> None:
        super().__init__(parent)
        self._link, self._sets = link, sets
        self._request = 0
        self._asked: _Key = ("", "")
        self._known: dict[_Key, tuple[Statement, ...]] = {}

    @Slot()
    def ask(self) -> None:
        """Want the shown data set looked at."""
        ready, view = self._sets.shown.ready, self._sets.shown.view
        if self._request:
            self._link.cancel(self._request)
            self._request = 0
        if ready is None or view is None:
            return
        self._asked = ready.folder, str(sorted(view.splits.items()))
        if self._asked in self._known:
            self.found.emit(self._known[self._asked])
            return
        self._request = self._link.request(
            AuditData, self._answered, values=self._sets.preview_values()
        )

    def _answered(self, event: Event) -> None:
        if event.request != self._request:
            return  # of a data set that is no longer shown
        if isinstance(event, DataAudited):
            self._request = 0
            self._known[self._asked] = event.statements
            self.found.emit(event.statements)
            self._warn(event.statements)
        elif isinstance(event, Failed):
            self._request = 0
            if not event.cancelled:
                self.failed.emit(event.message)

    def _warn(self, statements: tuple[Statement, ...]) -> None:
        view = self._sets.shown.view
        names = view.audit() if view is not None else []
        leaks = [one.text for one in (*names, *statements) if one.leaks]
        if leaks:
            self.leaked.emit(f"{self._sets.shown.option.title} leaks: {'; '.join(leaks)}")
