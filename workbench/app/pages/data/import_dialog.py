"""What was understood of a folder, zip or table: classes, counts, sizes, pictures, and what is left
out. Import or Cancel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.theme import theme
from workbench.app.widgets import (
    Button,
    Cell,
    CellModel,
    Column,
    Combo,
    Figure,
    IconLabel,
    IntBox,
    Label,
    Rule,
    Table,
    ThumbnailGrid,
)
from workbench.schema.nouns import in_one_line
from workbench.schema.rows import Row

if TYPE_CHECKING:  # which needs the library of images
    from workbench.survey import Survey

_COLOUR, _SIZE = "dataset.colour", "dataset.image_size"


class ImportDialog(QDialog):
    """Asks once, before anything is kept.

    Args:
        rows: of the data set's settings, by key; those that matter here are offered.
        values: what is set of them.
    """

    def __init__(
        self,
        path: str,
        survey: Survey,
        rows: Mapping[str, Row],
        values: Mapping[str, Any],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._survey = survey
        self.setWindowTitle(f"Import {Path(path).name}")
        px = theme().px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(12))
        column.addWidget(Label(survey.how, "strong"))
        column.addWidget(Label(path, "path", "muted", elide=True))
        column.addLayout(self._figures())
        column.addLayout(self._content(), 1)
        self.notes = [_Note(words, grave=True) for words in survey.warnings]
        self.notes += [_Note(words, grave=False) for words in survey.notes]
        for note in self.notes:
            column.addWidget(note)
        column.addWidget(Rule())
        self.colour = Combo([("off", "Grey"), ("on", "Colour")], name="Keep as")
        self.side = IntBox(8, 224, 28, name="Side of an image")
        column.addLayout(self._foot(rows, values))
        self.resize(px(760), px(600))

    def values(self) -> dict[str, Any]:
        """The settings that were chosen here."""
        found: dict[str, Any] = {}
        if not self.colour.isHidden():
            found[_COLOUR] = self.colour.value() == "on"
        if not self.side.isHidden() and self.side.value() is not None:
            found[_SIZE] = self.side.value()
        return found

    def _figures(self) -> QHBoxLayout:
        survey, row = self._survey, QHBoxLayout()
        row.setSpacing(theme().px(24))
        counts = [count for *_, count in survey.classes]
        each = _range(min(counts, default=0), max(counts, default=0))
        smallest, largest = (
            f"{wide:,} × {high:,}" for wide, high in (survey.smallest, survey.largest)
        )
        sizes = smallest if smallest == largest else f"{smallest} to {largest}"
        for caption, value, suffix in (
            ("Classes", f"{len(counts):,}", _splits(survey)),
            ("Pictures", f"{survey.pictures:,}", f"{each} in a class"),
            ("Sizes", sizes, "" if survey.read == survey.pictures else f"of {survey.read:,}"),
            ("With colours", _share(survey.coloured, survey.read), ""),
        ):
            row.addWidget(Figure(caption, value, suffix))
        row.addStretch(1)
        return row

    def _content(self) -> QHBoxLayout:
        survey = self._survey
        columns = [Column("name", "Class", stretch=True)]
        if any(group for _, group, _, _ in survey.classes):
            columns.append(Column("group", "Group", width=120))
        if any(split for _, _, split, _ in survey.classes):
            columns.append(Column("split", "Split", width=88))
        columns.append(Column("count", "Pictures", "right", 72))
        self.model = CellModel(columns)
        self.model.set_rows(
            [
                {
                    "name": Cell(in_one_line(name), tip=name),
                    "group": Cell(in_one_line(group)),
                    "split": Cell(split),
                    "count": Cell(f"{count:,}", tone="warn" if count < 2 else "text"),
                }
                for name, group, split, count in survey.classes
            ],
            [str(number) for number in range(len(survey.classes))],
        )
        table = Table("Classes")
        table.set_model(self.model)
        grid = ThumbnailGrid(64, name="Pictures")
        names = [in_one_line(survey.classes[number][0]) for number in survey.shown]
        grid.set_images(np.moveaxis(survey.thumbnails, 1, -1), names)
        row = QHBoxLayout()
        row.setSpacing(theme().px(16))
        row.addWidget(table, 1)
        row.addWidget(grid, 1)
        return row

    def _foot(self, rows: Mapping[str, Row], values: Mapping[str, Any]) -> QHBoxLayout:
        px = theme().px
        row = QHBoxLayout()
        row.setSpacing(px(8))
        for key, words, box in ((_COLOUR, "Keep as", self.colour), (_SIZE, "Side", self.side)):
            label = Label(words, "small", "text2")
            label.setBuddy(box)
            for widget in (label, box):
                widget.setVisible(key in rows)
                row.addWidget(widget)
            if key in rows:
                box.setToolTip(rows[key].help)
        unit = Label("pixels", "small", "muted")
        unit.setVisible(_SIZE in rows)
        row.addWidget(unit)
        if _SIZE in rows:
            self.side.setFixedWidth(px(64))
            self.side.set_value(int(values.get(_SIZE, rows[_SIZE].default)))
        if _COLOUR in rows:
            self.colour.set_value("on" if values.get(_COLOUR, rows[_COLOUR].default) else "off")
        row.addStretch(1)
        self.cancel = Button("Cancel")
        self.cancel.clicked.connect(self.reject)
        self.go = Button("Import", icon="folder-input", kind="filled")
        self.go.setDefault(True)
        self.go.clicked.connect(self.accept)
        row.addWidget(self.cancel)
        row.addWidget(self.go)
        return row


class _Note(QWidget):
    """A sentence with an icon; a leak or damage is in the colour of warnings."""

    def __init__(self, words: str, *, grave: bool) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(6))
        icon = IconLabel("triangle-alert", "warn") if grave else IconLabel("info", "muted")
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        self.label = Label(words, "small", "warn" if grave else "text2", wrap=True)
        row.addWidget(self.label, 1)


def _splits(survey: Survey) -> str:
    groups = len({group for _, group, _, _ in survey.classes if group})
    return f"in {groups:,} groups" if groups > 1 else ""


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _share(part: int, whole: int) -> str:
    if part in (0, whole):
        return "all" if part else "none"
    return f"{part:,} of {whole:,}"
