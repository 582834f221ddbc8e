"""Which runs answer beside the chosen one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from workbench.app.pages.draw.conversation import MOST_COMPARED
from workbench.app.pages.draw.models import Model
from workbench.app.widgets import Button

MOST_OFFERED = 20  # the newest runs; a longer menu is no help


class CompareButton(Button):
    """A menu of the other runs, each to be ticked.

    Signals:
        picked(list[Model]): these are compared now, in the order they were ticked.
    """

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Compare…", "columns-2", parent=parent)
        self._models: dict[str, Model] = {}
        self._ticked: list[str] = []
        self.clicked.connect(self._open)
        self.show_models((), "")

    def show_models(self, models: Sequence[Model], chosen: str) -> None:
        """Offer other runs than the chosen one; what is gone or chosen is compared no more."""
        self._models = {
            model.run: model for model in models if model.run != chosen and not model.regression
        }
        kept = [run for run in self._ticked if run in self._models]
        changed, self._ticked = kept != self._ticked, kept
        self.set_enabled_because("" if self._models else "There is no other run to compare with.")
        if changed:
            self._tell()

    def menu_of_runs(self) -> QMenu:
        """A menu with a tick at each run that is compared."""
        menu = QMenu(self)
        for model in list(self._models.values())[:MOST_OFFERED]:
            action = menu.addAction(model.words)
            action.setCheckable(True)
            action.setChecked(model.run in self._ticked)
            full = len(self._ticked) >= MOST_COMPARED and model.run not in self._ticked
            action.setEnabled(not full)
            action.toggled.connect(lambda on, run=model.run: self._tick(run, on))
        return menu

    @Slot()
    def _open(self) -> None:
        menu = self.menu_of_runs()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _tick(self, run: str, on: bool) -> None:
        self._ticked = [other for other in self._ticked if other != run] + [run] * on
        self._tell()

    def _tell(self) -> None:
        count = len(self._ticked)
        self.setText(f"Compare… {count}" if count else "Compare…")
        self.picked.emit([self._models[run] for run in self._ticked])
