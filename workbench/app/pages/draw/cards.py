"""One class of the support board: its drawing, number, name, shots and what can be done to it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from workbench.app.canvas import Cell, ClassCard
from workbench.app.pages.draw.tile import SHOT, TILE, SheetTile
from workbench.app.theme import Themed, theme
from workbench.app.widgets import ClassNumber, IconButton, Label

SHOTS_A_ROW = 5
MENU = (
    ("Add a shot", "add"),
    ("Clear this drawing", "clear"),
    ("", ""),
    ("Fill this class from the data set", "fill"),
    ("Paste a picture\tCtrl+V", "paste"),
    ("Picture files…", "files"),
    ("Turn dark and light round", "invert"),
    ("", ""),
    ("Move up\tAlt+Up", "up"),
    ("Move down\tAlt+Down", "down"),
    ("", ""),
    ("Remove this shot", "remove_shot"),
    ("Remove this class", "remove"),
)


class NameField(QLineEdit, Themed):
    """A name that looks like text until one points at it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxLength(60)
        self.setAcceptDrops(False)  # a picture that is dropped here is meant for the class
        self.follow_theme()

    def retheme(self) -> None:
        here = theme()
        self.setFont(here.font("strong"))
        self.setFixedHeight(here.px(24))
        tokens = here.tokens
        self.setStyleSheet(
            f"QLineEdit {{ background: transparent; border: 1px solid transparent;"
            f" border-radius: 4px; padding: 0 3px; min-height: 0; color: {tokens.text}; }}"
            f"QLineEdit:hover {{ border-color: {tokens.border}; }}"
            f"QLineEdit:focus {{ border: 2px solid {tokens.accent}; padding: 0 2px; }}"
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(48), theme().px(24))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clearFocus()
        elif event.key() == Qt.Key.Key_Escape:
            self.undo()
            self.clearFocus()
        else:
            super().keyPressEvent(event)


class ClassCardView(QWidget, Themed):
    """A class.

    Signals:
        selected(Cell): draw here.
        renamed(int, str): row and new name.
        asked(str, Cell): what is to be done, a second word of `MENU`.
    """

    selected = Signal(object)
    renamed = Signal(int, str)
    asked = Signal(str, object)

    def __init__(self, row: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row, self._shot, self._here = row, 0, False
        self._lifted = self._has_image = False
        self.setObjectName("ClassCardView")
        self.tile = SheetTile(TILE, f"Class {row + 1}, drawing")
        self.tile.clicked.connect(self._tile_clicked)
        self.number = ClassNumber(row + 1)
        self.name = NameField()
        self.name.setAccessibleName(f"Name of class {row + 1}")
        self.name.editingFinished.connect(self._renamed)
        self.count = Label("", "small", "muted")
        self._shots: list[SheetTile] = []
        self._shot_box = QWidget()
        self._grid = QGridLayout(self._shot_box)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.tools = {
            what: IconButton(icon, f"{words} ({row + 1})")
            for what, icon, words in (
                ("add", "plus", "Add a shot to this class"),
                ("clear", "eraser", "Clear this drawing"),
                ("fill", "image-down", "Fill this class from the data set"),
            )
        }
        self.more = IconButton("ellipsis", f"More for class {row + 1}")
        self.more.clicked.connect(self._open_menu)
        self._build()
        self.tile.installEventFilter(self)
        self.follow_theme()

    def _build(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self.number)
        self._head.addWidget(self.name, 1)
        self._head.addWidget(self.more)
        self._tools = QHBoxLayout()
        for what, button in self.tools.items():
            button.clicked.connect(partial(self._ask, what))
            self._tools.addWidget(button)
        self._tools.addStretch(1)
        self._right = QVBoxLayout()
        self._right.addLayout(self._head)
        self._right.addWidget(self.count)
        self._right.addWidget(self._shot_box, 0, Qt.AlignmentFlag.AlignLeft)
        self._right.addLayout(self._tools)
        self._right.addStretch(1)
        self._line = QHBoxLayout(self)
        self._line.addWidget(self.tile, 0, Qt.AlignmentFlag.AlignTop)
        self._line.addLayout(self._right, 1)

    def show_card(self, card: ClassCard, selected: Cell, pen_width: float) -> None:
        """Show a class; `selected` may be a cell of it."""
        self._here = selected.row == self._row
        if self._here:
            self._shot = selected.shot
        self._shot = min(self._shot, len(card.shots) - 1)
        self._has_image = card.shots[self._shot].image is not None
        self.tile.show_sheet(card.shots[self._shot], pen_width, self._here)
        if not self.name.hasFocus() and self.name.text() != card.name:
            self.name.setText(card.name)
            self.name.setCursorPosition(0)
        self.name.setToolTip(card.name)
        many = len(card.shots) > 1
        self.count.setText("1 shot")
        self.count.setVisible(not many)
        self._shot_box.setVisible(many)
        self._show_shots(card if many else ClassCard(card.name, ()), pen_width)

    def set_tile(self, side: int) -> None:
        self.tile.set_side(side)

    def set_lifted(self, lifted: bool) -> None:
        """Whether it is being dragged to another place."""
        self._lifted = lifted
        self.update()

    def commit_name(self) -> None:
        """A name that is being typed is this class's, whatever stands here next."""
        if self.name.hasFocus():
            self.name.clearFocus()

    def cell_at(self, place: QPoint) -> Cell:
        """The cell under a place in px of the card; beside the tiles the one that is shown."""
        for shot, tile in enumerate(self._shots):
            if tile.rect().contains(tile.mapFrom(self, place)):
                return Cell(self._row, shot)
        return Cell(self._row, self._shot)

    def show_target(self, cell: Cell | None) -> None:
        """Mark the cell in which what is dragged would land."""
        here = cell is not None and cell.row == self._row
        self.tile.set_target(here and cell is not None and cell.shot == self._shot)
        for shot, tile in enumerate(self._shots):
            tile.set_target(here and cell is not None and cell.shot == shot)

    def retheme(self) -> None:
        px = theme().px
        self._line.setContentsMargins(px(16), px(8), px(8), px(8))
        self._line.setSpacing(px(12))
        self._head.setSpacing(px(2))
        self._right.setSpacing(0)
        self._tools.setSpacing(0)
        self._grid.setSpacing(px(3))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._lifted:
            painter.fillRect(self.rect(), theme().colour("soft"))
        painter.setPen(theme().colour("border"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.tile and event.type() == QEvent.Type.ContextMenu:
            self._open_menu()
            return True
        return super().eventFilter(watched, event)

    def _show_shots(self, card: ClassCard, pen_width: float) -> None:
        while len(self._shots) > len(card.shots):
            gone = self._shots.pop()
            self._grid.removeWidget(gone)
            gone.deleteLater()
        while len(self._shots) < len(card.shots):
            shot = len(self._shots)
            tile = SheetTile(SHOT, f"Class {self._row + 1}, shot {shot + 1}")
            tile.clicked.connect(partial(self._choose, shot))
            self._grid.addWidget(tile, shot // SHOTS_A_ROW, shot % SHOTS_A_ROW)
            self._shots.append(tile)
        for shot, tile in enumerate(self._shots):
            tile.show_sheet(card.shots[shot], pen_width, self._here and shot == self._shot)

    def _choose(self, shot: int) -> None:
        self.selected.emit(Cell(self._row, shot))

    @Slot()
    def _tile_clicked(self) -> None:
        self._choose(self._shot)

    @Slot()
    def _renamed(self) -> None:
        self.renamed.emit(self._row, self.name.text())

    def _ask(self, what: str, _checked: bool = False) -> None:
        self.asked.emit(what, Cell(self._row, self._shot))

    @Slot()
    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, what in MENU:
            if not words:
                menu.addSeparator()
                continue
            action = menu.addAction(words)
            action.setEnabled(what != "invert" or self._has_image)
            action.triggered.connect(partial(self._ask, what))
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
