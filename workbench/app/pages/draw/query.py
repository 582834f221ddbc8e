"""The paper and its tools: what is asked, or the example that is being drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from workbench import ink
from workbench.app.canvas import QUERY, Canvas, Cell, Desk, Sheet
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Button, IconButton, Label, Panel, Rule, Slider

THINNEST, WIDEST = 2.0, 9.0
"""Pen widths that the slider reaches, in units of a 105-pixel sheet."""


class Tools(QWidget, Themed):
    """The row above the paper.

    Attributes:
        pen, eraser, pressure, grid, onion, keys: checkable; `pressure` is shown once a tablet's pen
            has drawn.
        undo, redo, clear: press.
        width: the pen's, in tenths of a unit.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pen = IconButton("pen-line", "Pen (B)", checkable=True)
        self.eraser = IconButton("eraser", "Eraser: takes a whole stroke (E)", checkable=True)
        self.undo = IconButton("undo-2", "Undo (Ctrl+Z)")
        self.redo = IconButton("redo-2", "Redo (Ctrl+Shift+Z)")
        self.clear = IconButton("trash-2", "Clear this drawing (Del)")
        self.word = Label("Pen", "small", "muted")
        self.width_slider = Slider(
            round(THINNEST * 10), round(WIDEST * 10), round(ink.PEN_WIDTH * 10), "Pen width", 48
        )
        self.width_slider.setMaximumWidth(theme().px(96))
        self.width_words = Label("", "small")
        self.omniglot = IconButton("rotate-ccw", "Pen as wide as Omniglot's")
        self.pressure = IconButton(
            "pen-tool",
            "Pressure: a firm pen draws wider. Off, it draws as the data set does (P)",
            checkable=True,
        )
        self.pressure.setChecked(True)
        self.pressure.hide()
        self.grid = IconButton("grid-3x3", "Grid (G)", checkable=True)
        self.onion = IconButton(
            "layers-2", "Onion skin: an example under the ink (O)", checkable=True
        )
        self.keys = IconButton(
            "keyboard", "Draw by keyboard: arrows move, Space lowers and lifts", checkable=True
        )
        self._group = QButtonGroup(self)
        for button in (self.pen, self.eraser):
            self._group.addButton(button)
        self.pen.setChecked(True)
        self.grid.setChecked(True)
        self.onion.setChecked(True)
        self._row = QHBoxLayout(self)
        rules = (Rule(vertical=True), Rule(vertical=True))
        for widget in (self.pen, self.eraser, rules[0], self.undo, self.redo, self.clear, rules[1]):
            self._row.addWidget(widget)
        self._row.addWidget(self.word)
        self._row.addWidget(self.width_slider)
        self._row.addWidget(self.width_words)
        self._row.addWidget(self.omniglot)
        self._row.addWidget(self.pressure)
        self._row.addStretch(1)
        for widget in (self.grid, self.onion, self.keys):
            self._row.addWidget(widget)
        self.follow_theme()

    def show_width(self, width: float) -> None:
        """In units of a 105-pixel sheet."""
        self.width_slider.blockSignals(True)
        self.width_slider.setValue(round(width * 10))
        self.width_slider.blockSignals(False)
        same = abs(width - ink.PEN_WIDTH) < 0.05
        self.width_words.setText(f"{width:.1f} as Omniglot" if same else f"{width:.1f}")
        self.omniglot.setVisible(not same)

    def set_compact(self, compact: bool) -> None:
        self.word.setVisible(not compact)

    def retheme(self) -> None:
        px = theme().px
        self.setFixedHeight(px(40))
        self._row.setContentsMargins(px(12), 0, px(12), 0)
        self._row.setSpacing(px(6))


class QueryPanel(Panel):
    """The paper. It changes the desk, and shows what the desk becomes.

    Signals:
        grew(): a stroke is being drawn.
        drawn(): a stroke ended, or strokes were erased.
    """

    grew = Signal()
    drawn = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Query", padding=0, parent=parent)
        self._desk = desk
        self.bare = False  # nothing to trace, whatever the tool says
        self._example = Cell(0, 0)
        self.tools, self.canvas = Tools(), Canvas()
        self.note = Label("", "small", "muted")
        self.back = Button("Draw the query", icon="pen-line", small=True)
        self.back.setToolTip("Q")
        self.back.clicked.connect(self._to_query)
        self.add_tool(self.note)
        self.add_tool(self.back)
        self.body.addWidget(self.tools)
        self.body.addWidget(Rule())
        self._room = QHBoxLayout()
        self._room.addWidget(self.canvas)
        self.body.addLayout(self._room, 1)
        self._connect()
        desk.listen(self.refresh)
        self.retheme()
        self.refresh()

    def retheme(self) -> None:
        super().retheme()
        if hasattr(self, "_room"):
            pad = theme().px(16)
            self._room.setContentsMargins(pad, pad, pad, pad)

    def say(self, text: str) -> None:
        """A few words in the head, such as how quick the answer was."""
        self.note.setText(text)

    def bind_keys(self, page: QWidget) -> None:
        """Single letters while the focus is in `page`, but not in a text field."""
        tools = self.tools
        for keys, act in (
            ("B", tools.pen.click),
            ("E", tools.eraser.click),
            ("P", tools.pressure.click),
            ("G", tools.grid.click),
            ("O", tools.onion.click),
            ("Q", self._to_query),
            ("[", lambda: self._widen(-0.2)),
            ("]", lambda: self._widen(0.2)),
            ("Del", self._clear),
            ("Ctrl+Z", self._undo),
            ("Ctrl+Shift+Z", self._redo),
        ):
            self._bind(page, keys, act)
        for number in range(1, 10):
            self._bind(page, str(number), partial(self._desk.select, Cell(number - 1, 0)))

    def refresh(self) -> None:
        """Show the desk as it is."""
        desk, board = self._desk, self._desk.board
        sheet, selected = desk.sheet, desk.selected
        if selected != QUERY:
            self._example = selected
        asking = selected == QUERY
        self.set_title("Query" if asking else f"Class {selected.row + 1}")
        self.set_muted(_words(sheet) if asking else self._place(selected, sheet))
        self.note.setVisible(asking)
        self.back.setVisible(not asking)
        self.canvas.set_pen_width(board.pen_width)
        self.canvas.set_onion(self._onion() if self.tools.onion.isChecked() else None)
        self.canvas.set_sheet(sheet)
        self.tools.show_width(board.pen_width)
        self.tools.undo.setEnabled(desk.can_undo)
        self.tools.redo.setEnabled(desk.can_redo)
        self.tools.undo.set_tip(f"Undo {desk.undo_words} (Ctrl+Z)".replace("  ", " "))
        self.tools.redo.set_tip(f"Redo {desk.redo_words} (Ctrl+Shift+Z)".replace("  ", " "))
        self.tools.clear.setEnabled(not sheet.empty)

    def _place(self, cell: Cell, sheet: Sheet) -> str:
        card = self._desk.board.classes[cell.row]
        shot = f", shot {cell.shot + 1} of {len(card.shots)}" if len(card.shots) > 1 else ""
        return f"{card.name}{shot} · {_words(sheet)}"

    def _onion(self) -> Sheet | None:
        """Under the query the class last worked on, under a later shot the first one."""
        desk = self._desk
        if self.bare:
            return None
        cell = self._example if desk.selected == QUERY else Cell(desk.selected.row, 0)
        if cell == desk.selected or not desk.board.has(cell):
            return None
        sheet = desk.board.sheet(cell)
        return None if sheet.empty else sheet

    def _connect(self) -> None:
        tools, canvas, desk = self.tools, self.canvas, self._desk
        canvas.stroke_finished.connect(self._add_stroke)
        canvas.stroke_grew.connect(self.grew)
        canvas.erased.connect(self._erase)
        tools.pen.clicked.connect(lambda: canvas.set_tool("pen"))
        tools.eraser.clicked.connect(lambda: canvas.set_tool("eraser"))
        tools.undo.clicked.connect(self._undo)
        tools.redo.clicked.connect(self._redo)
        tools.clear.clicked.connect(self._clear)
        tools.width_slider.valueChanged.connect(lambda tenths: desk.set_pen_width(tenths / 10))
        tools.omniglot.clicked.connect(lambda: desk.set_pen_width(ink.PEN_WIDTH))
        canvas.pen_seen.connect(tools.pressure.show)
        tools.pressure.toggled.connect(canvas.set_pressure)
        tools.grid.toggled.connect(canvas.set_grid)
        tools.onion.toggled.connect(lambda _on: self.refresh())
        tools.keys.toggled.connect(canvas.set_keys)

    def _bind(self, page: QWidget, keys: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)

    @Slot(object)
    def _add_stroke(self, stroke: ink.Stroke) -> None:
        self._desk.draw(stroke)
        self.drawn.emit()

    @Slot(float, float, bool)
    def _erase(self, x: float, y: float, joined: bool) -> None:
        if self._desk.erase(x, y, joined):
            self.drawn.emit()

    def _undo(self) -> None:
        self.canvas.lift()
        self._desk.undo()

    @Slot()
    def _clear(self) -> None:
        self._desk.clear()

    def _redo(self) -> None:
        self._desk.redo()

    @Slot()
    def _to_query(self) -> None:
        self.canvas.lift()
        self._desk.select(QUERY)
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _widen(self, by: float) -> None:
        width = min(max(self._desk.board.pen_width + by, THINNEST), WIDEST)
        self._desk.set_pen_width(round(width, 1))


def _words(sheet: Sheet) -> str:
    if sheet.image is not None:
        return "a picture"
    count = len(sheet.strokes)
    return "empty" if count == 0 else f"{count} stroke{'' if count == 1 else 's'}"
