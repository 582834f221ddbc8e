"""How the shown data set comes to be here: imported, fetched, made, or tried once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from workbench.app.pages.data.importing import Importer

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink
    from workbench.app.pages.data.sets import DataSets
    from workbench.app.pages.data.source import SourceBar


class Obtaining(QObject):
    """Does what the row under the catalogue offers, and says there how far it is.

    Signals:
        changed(): something was begun, has ended or cannot be.
    """

    changed = Signal()

    def __init__(
        self, link: EngineLink, sets: DataSets, source: SourceBar, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._sets, self._source = sets, source
        self.importer = Importer(link, sets, parent)
        self.importer.wanted.connect(self._import)
        self.importer.working.connect(source.show_progress)
        self.importer.asked.connect(self.changed)
        self.importer.failed.connect(self.changed)
        source.path_chosen.connect(self.importer.look)
        source.download_requested.connect(self.prepare)
        source.retried.connect(self._try_again)
        source.cancelled.connect(self._cancel)

    def show(self) -> None:
        """The row, for the data set that is shown."""
        shown, source = self._sets.shown, self._source
        source.show_path(shown.asks_path, shown.option.title, shown.path, shown.can_download)
        failure = self.importer.failure or shown.failed
        if shown.busy:
            source.show_progress(*shown.progress)
        elif self.importer.busy:
            pass  # it says itself how far it is
        elif failure is not None:
            source.show_failure(failure)
        else:
            source.show_done()

    @Slot()
    def prepare(self) -> None:
        """Make the shown data set ready; what could not be imported before is no matter now."""
        self.importer.forget()
        self._sets.prepare()

    @Slot(str, object)
    def _import(self, path: str, values: dict[str, object]) -> None:
        self._sets.set_path(path)
        for key, value in values.items():
            self._sets.set(key, value)
        self.prepare()

    @Slot()
    def _try_again(self) -> None:
        if self.importer.failure is not None:
            self.importer.look(self.importer.path)
        else:
            self._sets.prepare()

    @Slot()
    def _cancel(self) -> None:
        self._sets.cancel()
        self.importer.cancel()
        self.changed.emit()
