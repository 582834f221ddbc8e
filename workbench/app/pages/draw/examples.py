"""Ready-made tasks to begin with, offered while nothing is drawn."""

from __future__ import annotations

from functools import lru_cache, partial

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QVBoxLayout, QWidget

from workbench.app.canvas import Board
from workbench.app.canvas.layers import thumbnail
from workbench.app.pages.draw.tasks import SUFFIX
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Label, Rule
from workbench.app.widgets.checkbox import paint_focus
from workbench.errors import DataError
from workbench.schema.resources import resource

COLUMNS, SHOWN, HEIGHT = 2, 5, 48


@lru_cache(maxsize=1)
def examples() -> tuple[tuple[str, Board], ...]:
    """Title and board of each; the files are made by `packaging/examples.py`."""
    from workbench.app.canvas.tasks import to_board  # the library of images loads when wanted
    from workbench.taskfile import load_task

    found = []
    for path in sorted(resource("examples").glob(f"*{SUFFIX}")):
        try:
            task = load_task(path)
            found.append((task.title, to_board(task)))
        except DataError:
            continue  # whoever changed the program's files still has the others
    return tuple(found)


class ExampleButton(QAbstractButton, Themed):
    """The first examples of a board, and its title below."""

    def __init__(self, title: str, board: Board, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self.setText(title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        names = ", ".join(card.name for card in board.classes)
        self.setToolTip(f"{title}: {names}")
        self.setAccessibleName(f"Start from {title.lower()}")
        self.follow_theme()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(104), theme().px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        here, pad = theme(), theme().px(4)
        painter = QPainter(self)
        painter.setPen(QPen(here.colour("border"), 1))
        painter.setBrush(here.colour("hover" if self.underMouse() else "tile"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), here.px(4), here.px(4))
        side = min((self.width() - 2 * pad) // SHOWN, here.px(24))
        for number, card in enumerate(self._board.classes[:SHOWN]):
            picture = thumbnail(
                card.shots[0], side, self.devicePixelRatioF(), self._board.pen_width
            )
            painter.drawPixmap(pad + number * side, pad, picture)
        painter.setPen(here.colour("text2"))
        painter.setFont(here.font("caption"))
        room = QRect(0, pad + here.px(22), self.width(), self.height() - pad - here.px(22))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            paint_focus(painter, self.rect().toRectF())
        painter.end()


class Examples(QWidget, Themed):
    """All of them. They are read when they are first shown.

    Signals:
        chosen(Board): begin with this one.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout()
        self._column = QVBoxLayout()
        self._column.addWidget(Label("Or start from", "small", "muted"))
        self._column.addLayout(self._grid)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(Rule())
        whole.addLayout(self._column)
        self.buttons: list[ExampleButton] = []
        self.follow_theme()

    def retheme(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(12), px(8), px(12), px(8))
        self._column.setSpacing(px(6))
        self._grid.setSpacing(px(6))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.buttons:
            QTimer.singleShot(0, self, self._fill)

    @Slot()
    def _fill(self) -> None:
        if self.buttons:
            return
        for number, (title, board) in enumerate(examples()):
            button = ExampleButton(title, board)
            button.clicked.connect(partial(self._choose, board))
            self._grid.addWidget(button, number // COLUMNS, number % COLUMNS)
            self.buttons.append(button)

    def _choose(self, board: Board, _checked: bool = False) -> None:
        self.chosen.emit(board)
