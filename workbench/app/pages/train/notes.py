"""What the running view says in words: how a run ended, and what its figures hint at."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.pages.train.figures import ALIVE
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Button, IconButton, IconLabel, Label, Panel, ProblemBox
from workbench.protocol import Failed
from workbench.store import RunStatus, RunSummary
from workbench.store.hints import Hint

BAD = (RunStatus.FAILED, RunStatus.DIED)
FATAL = ("diverged", "memory")  # said where the run says why it failed


def remedy_words(hint: Hint) -> str:
    """The words of the button that follows a hint's advice; empty where it names no setting."""
    if not hint.key:
        return ""
    if isinstance(hint.value, bool):
        return "Switch it on" if hint.value else "Switch it off"
    return f"Set to {hint.value:g}"


class HintNote(QFrame, Themed):
    """What a run's figures say about its settings, one thing at a time; out of sight where all is
    well.

    Signals:
        set_asked(str, object): a setting's key and its value for the next run.
    """

    set_asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Hint")
        self._hints: tuple[Hint, ...] = ()
        self._dismissed: set[str] = set()
        self._at = 0
        self._message = Label("", "smallstrong", wrap=True)
        self._advice = Label("", "small", wrap=True)
        self.remedy = Button("", small=True)
        self.remedy.setToolTip("For the next run: a run keeps the settings that it began with")
        self.remedy.clicked.connect(self._ask)
        self.more = IconButton("chevron-right", "Next hint")
        self.more.clicked.connect(self._next)
        self.cross = IconButton("x", "Hide this hint")
        self.cross.clicked.connect(self._dismiss)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._message)
        words.addWidget(self._advice)
        self._row = QHBoxLayout(self)
        self._row.addWidget(IconLabel("triangle-alert", "warn"), 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(words, 1)
        for button in (self.remedy, self.more, self.cross):
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()
        self.follow_theme()

    def clear(self) -> None:
        """Make ready for another run."""
        self._dismissed.clear()
        self.show_hints(())

    def show_hints(self, found: tuple[Hint, ...]) -> None:
        """Say these, but for those that the person has hidden."""
        shown = tuple(h for h in found if h.kind not in self._dismissed)
        if shown != self._hints:
            kind = self._hints[self._at].kind if self._hints else ""
            self._hints = shown
            kinds = [hint.kind for hint in shown]
            self._at = kinds.index(kind) if kind in kinds else 0
            self._show()

    def text(self) -> str:
        """What is said; empty while nothing is."""
        return "" if self.isHidden() else f"{self._message.text()} {self._advice.text()}"

    def retheme(self) -> None:
        px = theme().px
        self._row.setContentsMargins(px(12), px(6), px(12), px(6))
        self._row.setSpacing(px(10))

    def _show(self) -> None:
        self.setVisible(bool(self._hints))
        if not self._hints:
            return
        hint = self._hints[self._at]
        self._message.setText(hint.message)
        self._advice.setText(hint.advice)
        self.remedy.setText(remedy_words(hint))
        self.remedy.setVisible(bool(hint.key))
        self.more.setVisible(len(self._hints) > 1)
        self.more.setToolTip(f"Next hint ({self._at + 1} of {len(self._hints)})")
        self.setAccessibleName(f"Hint: {hint.message} {hint.advice}")

    @Slot()
    def _ask(self) -> None:
        hint = self._hints[self._at]
        self.set_asked.emit(hint.key, hint.value)

    @Slot()
    def _next(self) -> None:
        self._at = (self._at + 1) % len(self._hints)
        self._show()

    @Slot()
    def _dismiss(self) -> None:
        self._dismissed.add(self._hints[self._at].kind)
        self.show_hints(self._hints)


class EndNote(QWidget, Themed):
    """Why a run ended and what to do next; out of sight where there is nothing to say.

    Signals:
        set_asked(str, object): a setting's key and its value for the next run.
    """

    set_asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problem = ProblemBox()
        self._problem.remedied.connect(self._remedied)
        self._hint: Hint | None = None
        self._quiet = Panel()
        self._icon = IconLabel("circle-stop", "text2")
        self._text = Label("", "body", wrap=True)
        line = QHBoxLayout()
        line.addWidget(self._icon)
        line.addWidget(self._text, 1)
        line.setContentsMargins(0, 0, 0, 0)
        self._quiet.body.addLayout(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._problem)
        column.addWidget(self._quiet)
        self._shown: tuple[object, ...] = ()
        self.hide()
        self.follow_theme()

    def retheme(self) -> None:
        px = theme().px
        self._quiet.body.setContentsMargins(px(16), px(8), px(16), px(8))

    def text(self) -> str:
        """What is said; empty while nothing is."""
        return "" if self.isHidden() else (self._text.text() or self._problem.message())

    def show_failure(self, failed: Failed) -> None:
        """Say why a run could not be resumed."""
        self._problem.set(failed.message, failed.hint)
        self._problem.show()
        self.show()

    def show_run(self, summary: RunSummary, found: tuple[Hint, ...] = ()) -> None:
        """Say how a run ended, with the remedy where its figures tell one."""
        hint = next((hint for hint in found if hint.kind in FATAL), None)
        news = (summary.run, summary.status, summary.reason, hint)
        if news == self._shown:
            return
        self._shown, self._hint = news, hint
        bad = summary.status in BAD
        said = summary.status not in ALIVE and bool(summary.reason)
        if bad and said:
            if hint is None:
                self._problem.set(summary.reason, summary.hint)
            else:
                self._problem.set(summary.reason, hint.advice, remedy_words(hint))
            self._text.setText("")
        elif said:
            self._text.setText(summary.reason)
            done = summary.status is RunStatus.DONE
            self._icon.set("circle-check" if done else "circle-stop", "ok" if done else "text2")
        self._problem.setVisible(bad)
        self._quiet.setVisible(not bad)
        self.setVisible(said)

    @Slot()
    def _remedied(self) -> None:
        if self._hint is not None:
            self.set_asked.emit(self._hint.key, self._hint.value)
