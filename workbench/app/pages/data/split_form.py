"""What decides the split: what is held out, by which seed, and whether turned classes are classes
of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.app.theme import theme
from workbench.app.widgets import Combo, IntBox, Label
from workbench.schema.nouns import Words

_ROTATIONS = [("on", "Train side only"), ("off", "None"), ("both", "On all sides")]
_MOST_SEED = 2**31 - 1


class SplitForm(QWidget):
    """Shows only what the data set has.

    Signals:
        changed(object): other values of the data set's dotted settings.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._both = False
        self.hold_out = Combo([("class", "Single classes"), ("group", "Whole groups")])
        self.hold_out.setAccessibleName("Hold out")
        self.hold_out.chosen.connect(lambda key: self.changed.emit({"dataset.hold_out": key}))
        self.held_out = Label("–", "body")
        self.seed = IntBox(0, _MOST_SEED, 0, name="Seed of the split")
        self.seed.setToolTip("Decides which classes are held out")
        self.seed.value_changed.connect(self._set_seed)
        self.rotations = Combo(_ROTATIONS, name="Rotations")
        self.rotations.chosen.connect(self._set_rotations)
        self._labels: dict[str, Label] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(theme().px(8))
        grid.setColumnStretch(1, 1)
        for row, (words, widgets) in enumerate(
            (
                ("Hold out", (self.held_out, self.hold_out)),
                ("Seed", (self.seed,)),
                ("Rotations", (self.rotations,)),
            )
        ):
            self._labels[words] = Label(words, "body", "text2")
            grid.addWidget(self._labels[words], row, 0)
            for widget in widgets:
                grid.addWidget(widget, row, 1)

    def show_settings(self, values: Mapping[str, Any], words: Words) -> None:
        """Show a data set's own settings, by key without "dataset."."""
        dealt = "validation_share" in values  # else a seed decides something else
        chooses = "hold_out" in values
        self.hold_out.set_items(
            [("class", f"Single {words.many}"), ("group", f"Whole {words.groups}")]
        )
        self.hold_out.set_value(str(values.get("hold_out", "")))
        self.hold_out.setVisible(chooses)
        self.held_out.setVisible(not chooses)
        seed = values.get("seed")
        if dealt and seed is not None and seed != self.seed.value():
            blocked = self.seed.blockSignals(True)
            self.seed.set_value(int(seed))
            self.seed.blockSignals(blocked)
        train, self._both = values.get("rotations"), "rotate_held_out" in values
        self.rotations.set_items(_ROTATIONS if self._both else _ROTATIONS[:2])
        both = values.get("rotate_held_out")
        self.rotations.set_value("off" if not train else "both" if both else "on")
        for widget, label, there in (
            (self.seed, "Seed", dealt),
            (self.rotations, "Rotations", train is not None),
        ):
            widget.setVisible(there)
            self._labels[label].setVisible(there)

    @Slot(object)
    def _set_seed(self, value: int | None) -> None:
        if value is not None and not self.seed.problem():
            self.changed.emit({"dataset.seed": value})

    @Slot(str)
    def _set_rotations(self, where: str) -> None:
        values: dict[str, object] = {"dataset.rotations": where != "off"}
        if self._both:
            values["dataset.rotate_held_out"] = where == "both"
        self.changed.emit(values)
