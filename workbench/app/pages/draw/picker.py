"""Which run answers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QWidget

from workbench.app.pages.draw.models import UNTRAINED, Model
from workbench.app.theme import theme
from workbench.app.widgets import Combo


class ModelPicker(Combo):
    """The runs that can be asked, newest first, below them the untrained self of the chosen one.

    Signals:
        picked(): another one is chosen, by the person or because the run is gone.
    """

    picked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(name="Run that answers", parent=parent)
        self._models: dict[str, Model] = {}
        self._awaited = ""
        self._own = False  # the person has chosen for themselves
        self.chosen.connect(self._chosen)
        self.setVisible(False)

    @property
    def run(self) -> str:
        """What `Adapt` takes; empty while there is no run."""
        return self.value()

    @property
    def model(self) -> Model | None:  # type: ignore[override]
        """The chosen run, also where its untrained self is asked."""
        return self._models.get(self.value().removeprefix(UNTRAINED))

    @property
    def untrained(self) -> bool:
        return self.value().startswith(UNTRAINED)

    def show_models(self, models: Sequence[Model]) -> None:
        """Offer other runs; the newest is taken unless the person has chosen."""
        before = self.value()
        self._models = {model.run: model for model in models}
        kept = self._own and before.removeprefix(UNTRAINED) in self._models
        wanted = before if kept else (models[0].run if models else "")
        if self._awaited in self._models:
            wanted, self._awaited, self._own = self._awaited, "", True
        self._fill(wanted)
        if self.value() != before:
            self.picked.emit()

    def pick(self, run: str) -> None:
        """Choose a run; one that has just started as soon as it is listed."""
        if run not in self._models:
            self._awaited = run
        elif run != self.value():
            self._own = True
            self._fill(run)
            self.picked.emit()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        hint.setWidth(min(max(hint.width(), theme().px(220)), theme().px(300)))
        return hint

    def _fill(self, run: str) -> None:
        items = [(model.run, model.words) for model in self._models.values()]
        model = self._models.get(run.removeprefix(UNTRAINED))
        if model is not None:
            items.append((UNTRAINED + model.run, f"{model.title} · untrained"))
        self.set_items(items)
        self.set_value(run)
        self.setVisible(bool(items))

    @Slot(str)
    def _chosen(self, run: str) -> None:
        self._own = True
        self._fill(run)
        self.picked.emit()
