"""What decides the split: what is held out, how much of it, by which seed, and whether turned
classes are classes of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from workbench.app.theme import theme
from workbench.app.widgets import Combo, IntBox, Label
from workbench.schema.nouns import Words

_ROTATIONS = [("on", "Train side only"), ("off", "None"), ("both", "On all sides")]
_MOST_SEED = 2**31 - 1
_MOST_COUNT, _MOST_PERCENT = 1_000, 98
_SIDES = ("validation", "test")
_TIPS = {
    "Val., test": "How much is kept from training: to choose the best step by, and for the score",
    "Seed": "Decides which classes are held out",
}
_SHARE = "_share"  # ends the name of a setting that is a part of 1


class SplitForm(QWidget):
    """Shows only what the data set has.

    Signals:
        changed(object): other values of the data set's dotted settings.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._both = self._shares = False
        self.kind = Combo([], name="Split")
        self.kind.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.kind.chosen.connect(lambda key: self.changed.emit({"dataset.split": key}))
        self.hold_out = Combo([("class", "Single classes"), ("group", "Whole groups")])
        self.hold_out.setAccessibleName("Hold out")
        self.hold_out.chosen.connect(lambda key: self.changed.emit({"dataset.hold_out": key}))
        self.held_out = Label("–", "body")
        self.given = Label("As the files say", "body")
        self.sides: dict[str, IntBox] = {}
        self._unit = Label("%", "small", "muted")
        self.seed = IntBox(0, _MOST_SEED, 0, name="Seed of the split")
        self.seed.value_changed.connect(self._set_seed)
        self.rotations = Combo(_ROTATIONS, name="Rotations")
        self.rotations.chosen.connect(self._set_rotations)
        self._rows: dict[str, tuple[Label, QWidget]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(theme().px(4))
        self._grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # never cut off
        for words, widget in (
            ("Split", self.kind),
            ("Hold out", self._build_hold_out()),
            ("Sides", self.given),
            ("Val., test", self._build_sides()),
            ("Seed", self.seed),
            ("Rotations", self.rotations),
        ):
            label, row = Label(words, "body", "text2"), self._grid.rowCount()
            label.setToolTip(_TIPS.get(words, ""))
            self._rows[words] = label, widget
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(widget, row, 1)

    def show_settings(
        self,
        values: Mapping[str, Any],
        words: Words,
        kinds: Sequence[tuple[str, str]] = (),
        given: bool = False,
    ) -> None:
        """Show a data set's own settings, by key without "dataset.".

        Args:
            kinds: the splits that are published of it, to choose from.
            given: its files say on which side each class is.
        """
        self._shares = f"validation{_SHARE}" in values
        counts = not self._shares and isinstance(values.get("validation"), int)
        seeded = self._shares or values.get("split") == "random"  # else it decides something else
        chooses = "hold_out" in values and not given
        self.kind.set_items(list(kinds))
        self.kind.set_value(str(values.get("split", "")))
        self.hold_out.set_items(
            [("class", f"Single {words.many}"), ("group", f"Whole {words.groups}")]
        )
        self.hold_out.set_value(str(values.get("hold_out", "")))
        self.hold_out.setVisible(chooses)
        self.held_out.setVisible(not chooses)
        self._unit.setVisible(self._shares)  # else whole groups, as the row above says
        for side, box in self.sides.items():
            box.set_range(1, _MOST_PERCENT if self._shares else _MOST_COUNT)
            value = values.get(f"{side}{_SHARE}", values.get(side))
            if self._shares or counts:
                _put(box, round(100 * float(value or 0)) if self._shares else int(value or 0))
        if seeded and values.get("seed") is not None:
            _put(self.seed, int(values["seed"]))
        train, self._both = values.get("rotations"), "rotate_held_out" in values
        self.rotations.set_items(_ROTATIONS if self._both else _ROTATIONS[:2])
        both = values.get("rotate_held_out")
        self.rotations.set_value("off" if not train else "both" if both else "on")
        dealt = not given
        self._show("Split", bool(kinds))
        self._show("Sides", given)
        self._show("Val., test", (self._shares or counts) and dealt)
        self._show("Seed", seeded and dealt)
        self._show("Rotations", train is not None)

    def _build_hold_out(self) -> QWidget:
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.held_out)
        row.addWidget(self.hold_out)
        return both

    def _build_sides(self) -> QWidget:
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(6))
        for side in _SIDES:
            box = IntBox(1, _MOST_COUNT, 1, name=f"Held out for {side}")
            box.setFixedWidth(theme().px(56))
            box.value_changed.connect(partial(self._set_side, side))
            self.sides[side] = box
            row.addWidget(box)
        row.addWidget(self._unit)
        row.addStretch(1)
        return both

    def _show(self, words: str, there: bool) -> None:
        for widget in self._rows[words]:
            widget.setVisible(there)

    def _set_side(self, side: str, value: int | None) -> None:
        if value is None or self.sides[side].problem():
            return
        if not self._shares:
            self.changed.emit({f"dataset.{side}": value})
        else:
            self.changed.emit({f"dataset.{side}{_SHARE}": value / 100})

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


def _put(box: IntBox, value: int) -> None:
    """Show a value that nobody has typed."""
    if value != box.value():
        blocked = box.blockSignals(True)
        box.set_value(value)
        box.blockSignals(blocked)
