"""What is taught: the classes, each with its shots."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from workbench.app.canvas import QUERY, Board, Cell, Desk
from workbench.app.canvas.desk import MOST_CLASSES
from workbench.app.pages.draw.cards import ClassCardView
from workbench.app.pages.draw.examples import Examples, examples
from workbench.app.pages.draw.reorder import Reorder
from workbench.app.pages.draw.tile import SMALL_TILE, TILE
from workbench.app.theme import theme
from workbench.app.widgets import Button, IconButton, Panel
from workbench.app.widgets.notices import announce

FILLS = ((1, "1 shot of each class"), (3, "3 shots of each class"), (5, "5 shots of each class"))


class SupportPanel(Panel):
    """The board of the support set. It changes the desk, and shows what the desk becomes.

    Signals:
        fill_requested(int, object): so many shots of a new task, or the Cell whose class is to be
            filled.
        paste_asked(Cell), files_asked(Cell): a picture of the clipboard, or of files, is to be put
            there.
        drawing(): a cell was chosen by hand, or a ready-made task; the next keys are the paper's.
        open_asked(), save_asked(): a task file is to be opened, or written.
    """

    fill_requested = Signal(int, object)
    paste_asked = Signal(object)
    files_asked = Signal(object)
    drawing = Signal()
    open_asked = Signal()
    save_asked = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Support", padding=0, parent=parent)
        self._desk = desk
        self._tile = TILE
        self.cards: list[ClassCardView] = []
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._rows.addStretch(1)
        inside = QWidget()
        inside.setObjectName("Clear")
        inside.setLayout(self._rows)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        self.area.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.addWidget(self.area)
        self.examples = Examples()
        self.examples.chosen.connect(self._open)
        self.body.addWidget(self.examples)
        self._reorder = Reorder(self.area, inside, self.cards, self)
        self._reorder.moved.connect(self._move)
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
            self._rows.removeWidget(gone)
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
        self.examples.setVisible(not board.drawn_rows and board.query.empty)
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

    def bind_keys(self, page: QWidget) -> None:
        """While the focus is in `page`; a text field keeps its own keys."""
        for keys, act in (
            ("Alt+Up", partial(self._move_chosen, -1)),
            ("Alt+Down", partial(self._move_chosen, 1)),
            ("Ctrl+V", self._paste),
        ):
            shortcut = QShortcut(QKeySequence(keys), page)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def cell_at(self, place: QPoint) -> Cell | None:
        """The cell under a place in px of the panel; None beside the cards."""
        viewport = self.area.viewport()
        if not viewport.rect().contains(viewport.mapFrom(self, place)):
            return None
        for card in self.cards:
            inside = card.mapFrom(self, place)
            if card.rect().contains(inside):
                return card.cell_at(inside)
        return None

    def show_target(self, cell: Cell | None) -> None:
        """Mark the cell in which what is dragged would land."""
        for card in self.cards:
            card.show_target(cell)

    def _add_card(self) -> None:
        card = ClassCardView(len(self.cards))
        card.set_tile(self._tile)
        card.selected.connect(self._select)
        card.renamed.connect(self._desk.rename)
        card.asked.connect(self._act)
        self._reorder.watch(card)
        self._rows.insertWidget(len(self.cards), card)
        self.cards.append(card)

    @Slot(object)
    def _select(self, cell: Cell) -> None:
        self._desk.select(cell)
        self.drawing.emit()

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
        elif what == "paste":
            self.paste_asked.emit(cell)
        elif what == "files":
            self.files_asked.emit(cell)
        elif what == "invert":
            desk.invert(cell)
        elif what in ("up", "down"):
            self._move(cell.row, cell.row + (1 if what == "down" else -1))

    @Slot(int, int)
    def _move(self, row: int, to: int) -> None:
        """Put a class in another place, and say so."""
        self._desk.move_class(row, to)
        announce(self, f"{self._desk.board.classes[to].name} is class {to + 1}")

    def _move_chosen(self, by: int) -> None:
        """Move the class whose card has the focus, or else the one that is drawn into."""
        focus = QApplication.focusWidget()
        focused = [row for row, card in enumerate(self.cards) if focus and card.isAncestorOf(focus)]
        row = focused[0] if focused else self._desk.selected.row
        to = row + by
        if row == QUERY.row or not 0 <= to < len(self.cards):
            return
        self.cards[row].commit_name()
        self._move(row, to)
        if focused:  # the focus goes with the class
            self.cards[to].tile.setFocus(Qt.FocusReason.OtherFocusReason)

    def _paste(self) -> None:
        self.paste_asked.emit(self._desk.selected)

    @Slot()
    def _choose_fill(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = menu.addAction("A new task from the data set")
        title.setEnabled(False)
        for shots, words in FILLS:
            action = menu.addAction(words)
            action.triggered.connect(partial(self._fill, shots))
        menu.addSeparator()
        ready = menu.addMenu("Ready-made")
        for words, board in examples():
            ready.addAction(words).triggered.connect(partial(self._open, board))
        menu.addAction("A task file…\tCtrl+O").triggered.connect(self.open_asked)
        menu.addSeparator()
        chosen = self._desk.selected
        name = "query" if chosen == QUERY else self._desk.board.classes[chosen.row].name
        title = menu.addAction(f"Pictures into {name}".replace("&", "&&"))
        title.setEnabled(False)
        menu.addAction("From the clipboard\tCtrl+V").triggered.connect(self._paste)
        menu.addAction("Picture files…").triggered.connect(self._ask_files)
        corner = self.fill_button.mapToGlobal(QPoint(0, 0))
        menu.popup(corner - QPoint(0, menu.sizeHint().height()))

    def _open(self, board: Board, _checked: bool = False) -> None:
        self._desk.open(board)
        self.drawing.emit()

    def _fill(self, shots: int, _checked: bool = False) -> None:
        self.fill_requested.emit(shots, None)

    @Slot()
    def _ask_files(self) -> None:
        self.files_asked.emit(self._desk.selected)
