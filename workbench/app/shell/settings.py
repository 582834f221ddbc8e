"""How the window looks, and where things lie."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from workbench.app.theme import theme
from workbench.app.theme.tokens import SIZES
from workbench.app.widgets import Button, CheckBox, Combo, Label, Page, Panel, Segmented

SCALES = (80, 90, 100, 110, 125, 150, 175, 200)


class SettingsPage(Page):
    """Scheme, scale, motion; the store's folder.

    Signals:
        look_changed(str, int, bool): scheme, scale in percent, and whether motion is reduced.
    """

    look_changed = Signal(str, int, bool)

    def __init__(self, store: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(
            "Settings", "settings", "How the workbench looks, and where it keeps runs", parent
        )
        self._scheme = Segmented(
            [("system", "As the system"), ("light", "Light"), ("dark", "Dark")], name="Colours"
        )
        self._scale = Combo([(str(s), f"{s} %") for s in SCALES], "100", name="Size")
        self._motion = CheckBox("Less motion")
        self._scheme.changed.connect(self._changed)
        self._scale.chosen.connect(self._changed)
        self._motion.toggled.connect(self._changed)
        look = Panel("Look")
        rows = _Rows()
        rows.add("Colours", self._scheme, "Follows the desktop, or stays as chosen.")
        rows.add("Size", self._scale, "Text and controls together.")
        rows.add("Motion", self._motion, "Sections of forms open at once instead of sliding.")
        look.body.addWidget(rows)
        files = Panel("Files")
        rows = _Rows()
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        self._place = Label(str(store) if store else "–", "path", "text2", elide=True)
        self._open = Button("Open folder", icon="folder-open", small=True)
        self._open.clicked.connect(self._open_store)
        self._open.setEnabled(store is not None)
        row.addWidget(self._place, 1)
        row.addWidget(self._open)
        rows.add(
            "Runs", place, "Each run is a folder; set another place with --store when starting."
        )
        files.body.addWidget(rows)
        self._store = store
        # A form keeps its width on a wide screen.
        for panel in (look, files):
            line = QHBoxLayout()
            panel.setMaximumWidth(theme().px(880))
            line.addWidget(panel, 10)
            line.addStretch(1)
            self.content.addLayout(line)
        self.content.addStretch(1)

    def show_look(self, scheme: str, scale: int, less_motion: bool) -> None:
        """Show what is in force, without a signal."""
        self._scheme.set_value(scheme)
        self._scale.set_value(str(scale))
        blocked = self._motion.blockSignals(True)
        self._motion.setChecked(less_motion)
        self._motion.blockSignals(blocked)

    @Slot()
    def _changed(self) -> None:
        self.look_changed.emit(
            self._scheme.value(), int(self._scale.value()), self._motion.isChecked()
        )

    @Slot()
    def _open_store(self) -> None:
        if self._store is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._store)))


class _Rows(QWidget):
    """Label, control, sentence; one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setColumnMinimumWidth(0, theme().px(SIZES.form_label) - 40)
        self._grid.setColumnStretch(1, 1)

    def add(self, name: str, control: QWidget, sentence: str) -> None:
        row = self._grid.rowCount()
        label: QLabel = Label(name)
        label.setBuddy(control)
        natural = isinstance(control, Segmented | Combo | CheckBox)
        holder = QHBoxLayout()
        holder.addWidget(control, 0 if natural else 1)
        if natural:
            holder.addStretch(1)
        self._grid.addWidget(label, row, 0)
        self._grid.addLayout(holder, row, 1)
        self._grid.addWidget(Label(sentence, "small", "muted"), row + 1, 1)
        self._grid.setRowMinimumHeight(row, theme().px(SIZES.row_form))
        self._grid.setRowMinimumHeight(row + 1, theme().px(24))
