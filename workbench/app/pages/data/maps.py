"""Asks the worker for maps of images, and hears of the last one alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from workbench.inquiries import ImagesMapped, MapImages
from workbench.protocol import Event, Failed, Progress

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink
    from workbench.app.pages.data.sets import DataSets


class Maps(QObject):
    """Signals:
    came(object): the ImagesMapped that was wanted last.
    working(int, int, str): how far it is.
    failed(str, str): message and hint.
    """

    came = Signal(object)
    working = Signal(int, int, str)
    failed = Signal(str, str)

    def __init__(self, link: EngineLink, sets: DataSets, parent: QObject) -> None:
        super().__init__(parent)
        self._link, self._sets = link, sets
        self._request = 0

    @Slot(object, str)
    def ask(self, classes: tuple[int, ...], method: str) -> None:
        """Want the images of these classes laid out."""
        self.cancel()
        if self._sets.shown.ready is None:
            return
        self._request = self._link.request(
            MapImages,
            self._answered,
            values=self._sets.preview_values(),
            classes=classes,
            method=method,
        )

    @Slot()
    def cancel(self) -> None:
        """Give up the one under way."""
        if self._request:
            self._link.cancel(self._request)
        self._request = 0

    def _answered(self, event: Event) -> None:
        if event.request != self._request:
            return
        if isinstance(event, Progress):
            self.working.emit(event.done, event.total, event.text)
        elif isinstance(event, ImagesMapped):
            self._request = 0
            self.came.emit(event)
        elif isinstance(event, Failed):
            self._request = 0
            if not event.cancelled:
                self.failed.emit(event.message, event.hint)
