"""What is taught: the classes, each with its shots."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from workbench.app.canvas import Cell, Desk
from workbench.app.canvas.desk import MOST_CLASSES
from workbench.app.pages.draw.cards import SMALL_TILE, TILE, ClassCardView
from workbench.app.theme import theme
from workbench.app.widgets import Button, IconButton, Panel

FILLS = ((1, "1 shot of each class"), (3, "3 shots of each class"), (5, "5 shots of each class"))


class SupportPanel(Panel):
    """The board of the support set. It changes the desk, and shows what the desk becomes.

    Signals:
        fill_requested(int, object): so many shots of a new task, or the one Cell to be filled.
        open_asked(), save_asked(): a task file is to be opened, or written.
    """

    fill_requested = Signal(int, object)
    open_asked = Signal()
    save_asked = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Support", padding=0, parent=parent)
        self._desk = desk
        self._tile = TILE
        self.cards: list[ClassCardView] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        inside = QWidget()
        inside.setObjectName("Clear")
        inside.setLayout(self._column)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        self.area.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.addWidget(self.area)
        self.save_button = IconButton("save", "Save task… (Ctrl+S)")
        self.save_button.clicked.connect(self.save_asked)
        self.add_tool(self.save_button)
        self.clear_button = IconButton("trash-2", "Clear all classes (undo brings them back)")
        self.clear_button.clicked.connect(self._desk.clear_support)
        self.add_tool(self.clear_button)
        self.add_button = Button("Add class", icon="plus")
        self.add_button.clicked.connect(desk.add_class)
        self.fill_button = Button("Fill…", icon="dices")
        self.fill_button.clicked.connect(self._choose_fill)
        foot = self.footer()
        foot.addWidget(self.add_button)
        foot.addStretch(1)
        foot.addWidget(self.fill_button)
        desk.listen(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the desk as it is."""
        board, selected = self._desk.board, self._desk.selected
        while len(self.cards) > len(board.classes):
            gone = self.cards.pop()
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self.cards) < len(board.classes):
            self._add_card()
        for card, shown in zip(board.classes, self.cards, strict=True):
            shown.show_card(card, selected, board.pen_width)
        self.set_muted(board.shot_words)
        full = len(board.classes) >= MOST_CLASSES
        self.add_button.set_enabled_because(f"{MOST_CLASSES} classes are the most" if full else "")
        self.clear_button.setEnabled(bool(board.drawn_rows))
        self.save_button.setEnabled(bool(board.drawn_rows))
        if 0 <= selected.row < len(self.cards) and self.isVisible():
            self.area.ensureWidgetVisible(self.cards[selected.row], 0, theme().px(8))

    def set_busy(self, text: str) -> None:
        """Say that examples are on their way; empty when they are here."""
        self.fill_button.set_enabled_because(text)
        self.fill_button.setText("Filling…" if text else "Fill…")

    def set_compact(self, compact: bool) -> None:
        self._tile = SMALL_TILE if compact else TILE
        for card in self.cards:
            card.set_tile(self._tile)

    def _add_card(self) -> None:
        card = ClassCardView(len(self.cards))
        card.set_tile(self._tile)
        card.selected.connect(self._desk.select)
        card.renamed.connect(self._desk.rename)
        card.asked.connect(self._act)
        self._column.insertWidget(len(self.cards), card)
        self.cards.append(card)

    @Slot(str, object)
    def _act(self, what: str, cell: Cell) -> None:
        desk = self._desk
        if what == "add":
            desk.add_shot(cell.row)
        elif what == "clear":
            desk.clear(cell)
        elif what == "remove_shot":
            desk.remove_shot(cell)
        elif what == "remove":
            desk.remove_class(cell.row)
        elif what == "fill":
            self.fill_requested.emit(1, cell)

    @Slot()
    def _choose_fill(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = menu.addAction("A new task from the data set")
        title.setEnabled(False)
        for shots, words in FILLS:
            action = menu.addAction(words)
            action.triggered.connect(lambda _=False, n=shots: self.fill_requested.emit(n, None))
        menu.addSeparator()
        menu.addAction("A task file…\tCtrl+O").triggered.connect(self.open_asked)
        corner = self.fill_button.mapToGlobal(QPoint(0, 0))
        menu.popup(corner - QPoint(0, menu.sizeHint().height()))
