"""Was this right? What a person says to an answer, and what may come of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets import Button, IconButton, IconLabel, Label

if TYPE_CHECKING:
    from workbench.app.canvas import Desk, Sheet
    from workbench.app.pages.draw.answer import Answer

HEIGHT = 40


class MarkButtons(QWidget, Themed):
    """A tick and a cross."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.word = Label("Right?", "small", "muted")
        self.yes = IconButton("check", "This was right (Y)")
        self.no = IconButton("x", "This was wrong: say what it was (N)")
        self._row = QHBoxLayout(self)
        for widget in (self.word, self.yes, self.no):
            self._row.addWidget(widget)
        self.setAccessibleName("Was this right?")
        self.follow_theme()

    def retheme(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme().px(2))


class MarkRow(QWidget, Themed):
    """What was noted, and the offer to learn from it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sign, self.words = IconLabel("check", "ok"), Label("", "body", elide=True)
        self.teach = Button("", small=True)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.sign)
        self._row.addWidget(self.words, 1)
        self._row.addWidget(self.teach)
        self.hide()
        self.follow_theme()

    def show_mark(self, right: bool, words: str, offer: str) -> None:
        """Show what was noted; an empty offer is none."""
        self.sign.set("check" if right else "x", "ok" if right else "bad")
        self.words.setText(words)
        self.teach.setText(offer)
        self.teach.setVisible(bool(offer))
        self.show()

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme().px(8))


class Marking(QObject):
    """Counts what a person says to the answers of a model, each drawing once.

    Attributes:
        buttons: to say it.
        row: what was said.
        right, count: of the drawings that were marked, for the model that answers.

    Signals:
        marked(bool): the row is to be shown, or taken away.
    """

    marked = Signal(bool)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.buttons, self.row = MarkButtons(), MarkRow()
        self.right, self.count = 0, 0
        self._answer: Answer | None = None
        self._moment = -1
        self._marked: Sheet | None = None
        self._truth = 0
        self._was_right = False
        self.buttons.yes.clicked.connect(self.say_right)
        self.buttons.no.clicked.connect(self._ask_what)
        self.row.teach.clicked.connect(self._teach)

    def bind_keys(self, page: QWidget) -> None:
        """Y and N while the focus is in `page`."""
        for keys, button in (("Y", self.buttons.yes), ("N", self.buttons.no)):
            shortcut = QShortcut(QKeySequence(keys), page)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._press, button))

    def begin(self) -> None:
        """Another model answers."""
        self.right, self.count = 0, 0
        self._forget()

    def show_answer(self, answer: Answer | None, moment: int = -1) -> None:
        """This can be marked now; None cannot."""
        self._answer, self._moment = answer, moment
        self.buttons.setVisible(answer is not None)
        if answer is None or answer.query is not self._marked:
            self._forget()

    @Slot()
    def say_right(self) -> None:
        """It is what the model says."""
        if self._answer is not None:
            self.say(self._answer.best(self._moment)[0])

    def say(self, row: int) -> None:
        """It is the class in a row of the board."""
        answer, classes = self._answer, self._desk.board.classes
        if answer is None or row >= len(classes):
            return
        if self._marked is answer.query:  # said again, otherwise: the first does not count
            self.count, self.right = self.count - 1, self.right - self._was_right
        self._was_right = answer.best(self._moment)[0] == row
        self._marked, self._truth = answer.query, row
        self.count, self.right = self.count + 1, self.right + self._was_right
        name = classes[row].name
        said = "Right" if self._was_right else f"It was {name}"
        words = f"{said} · {self.right} of {self.count} right"
        self.row.show_mark(self._was_right, words, f"Add to {_short(name)}")
        self.row.teach.setToolTip(
            "Make this drawing another example of its class; undo takes it back"
        )
        self.marked.emit(True)

    def menu(self) -> QMenu:
        """What else it may have been."""
        menu = QMenu(self.buttons)
        answer = self._answer
        if answer is not None:
            best, _ = answer.best(self._moment)
            for row in answer.rows:
                if row != best:
                    number = f"&{row + 1}" if row < 9 else str(row + 1)
                    name = self._desk.board.classes[row].name.replace("&", "&&")
                    menu.addAction(f"{number}  {name}").triggered.connect(partial(self._said, row))
        return menu

    def _said(self, row: int, _checked: bool = False) -> None:
        self.say(row)

    @Slot()
    def _ask_what(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        button = self.buttons.no
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    @Slot()
    def _teach(self) -> None:
        sheet = self._marked
        if sheet is None or self._truth >= len(self._desk.board.classes):
            return
        name = self._desk.board.classes[self._truth].name
        if self._desk.teach(self._truth, sheet):
            words = f"{name} has one more example now"
            self.row.show_mark(True, words, "")
        else:
            self.row.show_mark(False, f"{name} has no room for another example", "")

    def _press(self, button: IconButton) -> None:
        if button.isVisible() and button.isEnabled():
            button.click()

    def _forget(self) -> None:
        if self._marked is not None:
            self._marked = None
        self.row.hide()
        self.marked.emit(False)


def _short(name: str) -> str:
    return name if len(name) <= 14 else f"{name[:13]}…"
