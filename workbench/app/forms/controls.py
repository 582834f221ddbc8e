"""One control for each type of setting. A control keeps what was typed, right or wrong."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QWidget

from workbench.app.forms.arrangement import in_words
from workbench.app.theme import theme
from workbench.app.widgets import Button, CheckBox, Combo, FloatBox, IntBox, LineField
from workbench.schema import values as single
from workbench.schema.rows import Row

LONG_CHOICE = 300  # px at 100 %: as wide as a choice of long words becomes


class Control(QObject):
    """What a row is set with.

    Attributes:
        widget: goes into the row.
        focus: takes the focus; the label is its buddy.
        wide: needs more room than the column of controls has.

    Signals:
        edited(object): the person made it another value.
    """

    edited = Signal(object)

    def __init__(
        self, row: Row, widget: QWidget, focus: QWidget | None = None, wide: bool = False
    ) -> None:
        super().__init__(widget)
        self.row = row
        self.widget = widget
        self.focus = focus or widget
        self.wide = wide
        self.focus.setAccessibleName(row.label)
        self.focus.setAccessibleDescription(row.help)

    def show(self, value: Any, empty: str = "") -> None:
        """Show a value, unless the control stands for it already; `empty` is what None means."""
        raise NotImplementedError

    def set_bad(self, bad: bool) -> None:
        """Outline it as wrong, or not."""


def control_for(row: Row) -> Control:
    """The control of a row, still empty."""
    if row.type in ("int", "float"):
        return NumberControl(row)
    if row.type == "choice":
        return ChoiceControl(row)
    if row.type == "bool":
        return SwitchControl(row)
    return PathControl(row) if row.path else TextControl(row)


class NumberControl(Control):
    """A number with arrows."""

    def __init__(self, row: Row) -> None:
        low = row.ge if row.ge is not None else row.gt
        high = row.le if row.le is not None else row.lt
        self.box = (IntBox if row.type == "int" else FloatBox)(low, high)
        super().__init__(row, self.box)
        self._bad = False
        self.box.lineEdit().textEdited.connect(self._typed)
        self.box.value_changed.connect(self._stepped)

    def show(self, value: Any, empty: str = "") -> None:
        if self.box.lineEdit().placeholderText() != empty:
            self.box.lineEdit().setPlaceholderText(empty)
        if not self._stands_for(value):
            number = value if _is_number(value) else None
            self.box.set_value(number)
            if isinstance(value, str):
                self.box.lineEdit().setText(value)
        self.box.set_bad(self._bad)

    def set_bad(self, bad: bool) -> None:
        self._bad = bad
        self.box.set_bad(bad)

    def _stands_for(self, value: Any) -> bool:
        if _is_number(value):
            return bool(self.box.value() == value)
        text = self.box.raw_text()
        return text == value if isinstance(value, str) else not text

    @Slot(str)
    def _typed(self, text: str) -> None:
        number = self.box.value()
        if number is not None:
            self.edited.emit(number)
        else:
            self.edited.emit(None if self.row.nullable and not text.strip() else text)

    @Slot(object)
    def _stepped(self, value: object) -> None:
        if value is not None:
            self.edited.emit(value)


class ChoiceControl(Control):
    """One of a few. Values that are not texts are told apart by their place."""

    def __init__(self, row: Row) -> None:
        self.combo = Combo([(str(i), words) for i, (_, words) in enumerate(_choices(row))])
        long = max((len(words) for _, words in row.choices), default=0) > 14
        super().__init__(row, self.combo, wide=long)
        self.combo.setMaximumWidth(theme().px(LONG_CHOICE))
        self.combo.setMinimumContentsLength(1)
        self.combo.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.chosen.connect(self._chosen)

    def show(self, value: Any, empty: str = "") -> None:
        known = [each for each, _ in _choices(self.row)]
        if value in known:
            self.combo.set_value(str(known.index(value)))
        else:
            self.combo.setCurrentIndex(-1)
            self.combo.setPlaceholderText(str(value))

    def set_bad(self, bad: bool) -> None:
        self.combo.set_bad(bad)

    @Slot(str)
    def _chosen(self, place: str) -> None:
        self.edited.emit(_choices(self.row)[int(place)][0])


class SwitchControl(Control):
    """On or off."""

    def __init__(self, row: Row) -> None:
        self.box = CheckBox("Off")
        super().__init__(row, self.box)
        self.box.toggled.connect(self._toggled)

    def show(self, value: Any, empty: str = "") -> None:
        blocked = self.box.blockSignals(True)
        self.box.setChecked(value is True)
        self.box.blockSignals(blocked)
        self._word()

    @Slot(bool)
    def _toggled(self, on: bool) -> None:
        self._word()
        self.edited.emit(on)

    def _word(self) -> None:
        self.box.setText("On" if self.box.isChecked() else "Off")
        self.box.updateGeometry()


class TextControl(Control):
    """A text, or several numbers or words with commas between."""

    def __init__(self, row: Row) -> None:
        self.field = LineField()
        super().__init__(row, self.field)
        self.field.textEdited.connect(self._typed)

    def show(self, value: Any, empty: str = "") -> None:
        self.field.setPlaceholderText(empty)
        if _same(self._read(self.field.text()), value) and self.field.text():
            return
        words = (
            "" if value is None else value if isinstance(value, str) else in_words(self.row, value)
        )
        if words != self.field.text():
            self.field.setText(words)

    def set_bad(self, bad: bool) -> None:
        self.field.set_bad(bad)

    def _read(self, text: str) -> Any:
        return single.read(self.row, text)[0]

    @Slot(str)
    def _typed(self, text: str) -> None:
        self.edited.emit(self._read(text))


class PathControl(Control):
    """A file or folder, with a button to look for it."""

    def __init__(self, row: Row) -> None:
        whole = QWidget()
        self.field = LineField()
        self.browse = Button("Browse…", "folder-open", small=True)
        line = QHBoxLayout(whole)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme().px(8))
        line.addWidget(self.field, 1)
        line.addWidget(self.browse)
        super().__init__(row, whole, self.field, wide=True)
        self.browse.setAccessibleName(f"Browse for {row.label.lower()}")
        self.field.textEdited.connect(self._typed)
        self.browse.clicked.connect(self._ask)

    def show(self, value: Any, empty: str = "") -> None:
        self.field.setPlaceholderText(empty)
        words = "" if value is None else str(value)
        if words != self.field.text():
            self.field.setText(words)

    def set_bad(self, bad: bool) -> None:
        self.field.set_bad(bad)

    @Slot(str)
    def _typed(self, text: str) -> None:
        self.edited.emit(text)

    @Slot()
    def _ask(self) -> None:
        menu = QMenu(self.browse)
        menu.addAction("File…", self._ask_file)
        menu.addAction("Folder…", self._ask_folder)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.browse.mapToGlobal(QPoint(0, self.browse.height())))

    @Slot()
    def _ask_file(self) -> None:
        self._take(QFileDialog.getOpenFileName(self.widget, self.row.label, self.field.text())[0])

    @Slot()
    def _ask_folder(self) -> None:
        self._take(QFileDialog.getExistingDirectory(self.widget, self.row.label, self.field.text()))

    def _take(self, path: str) -> None:
        if path:
            self.field.setText(path)
            self.edited.emit(path)


def _choices(row: Row) -> list[tuple[Any, str]]:
    return ([(None, "automatic")] if row.nullable else []) + list(row.choices)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return list(one) == list(other)
    return bool(one == other)
