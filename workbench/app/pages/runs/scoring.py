"""Scores a run on the fixed tasks of a split, and shows both modes side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from workbench.app.pages.runs.rows import RunRow
from workbench.app.pages.runs.scores import Scored
from workbench.app.pages.train.besides import sentence
from workbench.app.pages.train.figures import measure, whole
from workbench.app.theme import Themed, theme
from workbench.app.widgets import (
    Badge,
    Button,
    Figure,
    Label,
    ProblemBox,
    ProgressLine,
    Rule,
)

SPLITS = {"validation": "Validation", "test": "Test", "list": "Tasks of a file"}
_UNSCORED = {
    SPLITS["test"]: "Not opened: choose between runs on validation.",
    SPLITS["list"]: "A list that the Data page keeps, a task, or one_shot_runs.zip of Omniglot.",
}
FIGURES = {
    "inductive": ("Inductive", "Each query is answered on its own"),
    "transductive": ("Transductive", "Statistics of normalisation come from all queries at once"),
    "before": ("Before adaptation", "The same tasks, before the inner loop"),
    "tasks": ("Tasks", "Fixed by the evaluation's seed: the same for every run"),
}


class ScoringView(QScrollArea, Themed):
    """The scores of the run that is looked at, a block a split.

    Signals:
        score_asked(str): the person wants it scored on "validation", "test" or a "list".
        cancel_asked(): the person wants the scoring to stop.
    """

    score_asked = Signal(str)
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: RunRow | None = None
        self._opened: dict[str, bool] = {}
        self._busy = ""
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self.blocks = {split: _Block(title) for split, title in SPLITS.items()}
        for split, block in self.blocks.items():
            block.button.clicked.connect(lambda _checked=False, split=split: self._pressed(split))
        self.question = _Question()
        self.question.yes.clicked.connect(self._opened_test)
        self.question.no.clicked.connect(self._close_question)
        self.progress = _Work()
        self.progress.cancel.clicked.connect(self.cancel_asked)
        self.problem = ProblemBox()
        self._column.addWidget(self.blocks["validation"])
        self._column.addWidget(Rule())
        self._column.addWidget(self.blocks["test"])
        self._column.addWidget(self.question)
        self._column.addWidget(Rule())
        self._column.addWidget(self.blocks["list"])
        for part in (self.progress, self.problem):
            self._column.addWidget(part)
            part.hide()
        self.question.hide()
        self._column.addStretch(1)
        self.setWidget(inner)
        self.follow_theme()

    def show_run(self, row: RunRow | None, scores: Mapping[str, Scored], problem: str = "") -> None:
        """Show a run's scores.

        Args:
            scores: by split.
            problem: why nothing can be scored now; empty if it can.
        """
        other = self._row is None or row is None or row.run != self._row.run
        self._row = row
        if other:
            self.question.hide()
            self.problem.hide()
        self._opened = {split: split in scores for split in SPLITS}
        for split, block in self.blocks.items():
            block.show_score(scores.get(split), row is not None and row.regression)
            if split == "list":
                block.setVisible(row is not None and not row.regression)
                block.button.setText("Score on a file…")
            if split == "test":
                block.button.setText(block.button.text() + ("" if split in scores else "…"))
            block.button.set_enabled_because(problem)

    def show_progress(self, text: str, done: int = 0, total: int = 0) -> None:
        """Say how far a scoring is; an empty text says that none is at work."""
        self._busy = text
        self.progress.setVisible(bool(text))
        if text:
            self.problem.hide()
            self.progress.say(text, done, total)

    def show_problem(self, message: str, hint: str = "") -> None:
        self.problem.set(message, hint)
        self.problem.setVisible(bool(message))
        self.ensureWidgetVisible(self.problem)

    def retheme(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(16), px(12), px(16), px(12))
        self._column.setSpacing(px(12))

    def _pressed(self, split: str) -> None:
        if split == "test" and not self._opened.get("test"):
            self.question.show()
            self.question.yes.setFocus()
            self.ensureWidgetVisible(self.question)
            return
        self.score_asked.emit(split)

    @Slot()
    def _opened_test(self) -> None:
        self.question.hide()
        self.score_asked.emit("test")

    @Slot()
    def _close_question(self) -> None:
        self.question.hide()


class _Block(QWidget, Themed):
    """One split: title, when it was scored, a button, and the figures."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = Label(title, "strong")
        self._when = Label("", "small", "muted", elide=True)
        self._badge = Badge("", "lock-open", "warn")
        self.button = Button("Score", "badge-check", small=True)
        self.figures = {key: Figure(words) for key, (words, _) in FIGURES.items()}
        for key, figure in self.figures.items():
            figure.setToolTip(FIGURES[key][1])
        self.besides = Label("", "small", "text2", wrap=True)
        self._head, self._row = QHBoxLayout(), QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self._badge)
        self._head.addWidget(self._when, 1)
        self._head.addWidget(self.button)
        for figure in self.figures.values():
            self._row.addWidget(figure, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addLayout(self._row)
        self._column.addWidget(self.besides)
        self._is_test = title == SPLITS["test"]
        self.follow_theme()

    def show_score(self, score: Scored | None, regression: bool) -> None:
        split = self._title.text().lower()
        words = f"Score {split} tasks" if score is None else "Score again"
        if self.button.text() != words:
            self.button.setText(words)
        self._badge.setVisible(self._is_test and score is not None)
        for figure in self.figures.values():
            figure.setVisible(score is not None)
        self.besides.setText(sentence(score.besides) if score is not None else "")
        self.besides.setVisible(bool(self.besides.text()))
        if score is None:
            self._when.setText(_UNSCORED.get(self._title.text(), "Not scored yet."))
            return
        when = datetime.fromtimestamp(score.time).astimezone()
        self._badge.set(f"Opened {when:%d %b %Y}")
        of = f"{score.source}, " if score.source else ""
        self._when.setText(f"{of}step {whole(score.step)}, {when:%d %b %H:%M}. {score.note}")
        self._when.setToolTip(score.note)
        for key, mode in (("inductive", score.inductive), ("transductive", score.transductive)):
            figure = self.figures[key]
            value, sign, rest = measure(mode.value, mode.interval, regression).partition(" ± ")
            figure.set(value, f"± {rest}" if sign else "")
            figure.setToolTip(f"{FIGURES[key][1]} ({mode.norm})" if mode.norm else FIGURES[key][1])
        before = score.inductive.before
        self.figures["before"].set(measure(before, math.nan, regression))
        self.figures["before"].setVisible(not math.isnan(before))
        self.figures["tasks"].set(whole(score.tasks))

    def retheme(self) -> None:
        self._head.setSpacing(theme().px(8))
        self._row.setSpacing(theme().px(8))
        self._column.setSpacing(theme().px(6))


class _Question(QFrame, Themed):
    """Asked once a run, before its test split is opened."""

    def __init__(self) -> None:
        super().__init__()
        self._title = Label("Open the test split?", "strong")
        self._words = Label(
            "Open it when you have finished choosing: a run that was chosen by its test score has"
            " no honest score any more. The run will say that it was opened.",
            "small",
            "text2",
            wrap=True,
        )
        self.yes = Button("Open the test split", "lock-open", small=True)
        self.no = Button("Not now", small=True)
        self._row = QHBoxLayout()
        self._row.addWidget(self.yes)
        self._row.addWidget(self.no)
        self._row.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._title)
        self._column.addWidget(self._words)
        self._column.addLayout(self._row)
        self.setAccessibleName("Open the test split?")
        self.follow_theme()

    def retheme(self) -> None:
        self._row.setSpacing(theme().px(8))
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().px(6))


class _Work(QWidget, Themed):
    """How far the scoring is, and Cancel."""

    def __init__(self) -> None:
        super().__init__()
        self._text = Label("", "small", "text2", elide=True)
        self._line = ProgressLine(name="Scoring")
        self.cancel = Button("Cancel", "x", small=True)
        words = QVBoxLayout()
        words.addWidget(self._text)
        words.addWidget(self._line)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addLayout(words, 1)
        self._row.addWidget(self.cancel)
        self.follow_theme()

    def say(self, text: str, done: int, total: int) -> None:
        self._text.setText(f"{text}, {done:,} of {total:,}" if total else text)
        self._line.set_fraction(done / total if total else None)

    def text(self) -> str:
        return self._text.text()

    def retheme(self) -> None:
        self._row.setSpacing(theme().px(12))
