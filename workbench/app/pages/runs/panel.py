"""The panel of all runs: filters above, the table, and below it how the run looked at stands."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from workbench.app.pages.runs import rows as words
from workbench.app.pages.runs.listing import Look
from workbench.app.pages.runs.model import FALLING
from workbench.app.pages.runs.picks import Picks
from workbench.app.pages.runs.rows import STATUS_FILTERS, RunRow
from workbench.app.pages.runs.table import RunsTable
from workbench.app.theme import theme
from workbench.app.widgets import (
    Button,
    EmptyState,
    IconLabel,
    Label,
    Link,
    Panel,
    ProblemBox,
    SearchField,
    Segmented,
)
from workbench.app.widgets.badge import STATUSES
from workbench.store import RunStatus

TONES = {"neutral": "muted", "accent": "accent"}


class RunsPanel(Panel):
    """All runs.

    Attributes:
        table: the runs that pass the filters.
        picks: the runs that are compared.

    Signals:
        acted(str, str): the person asked a run for "pause", "resume", "stop", "continue" (from its
            checkpoint) or "log".
        clear_asked(): nothing shall be compared any more.
        train_asked(): there is no run yet, and the person wants one.
    """

    acted = Signal(str, str)
    clear_asked = Signal()
    train_asked = Signal()

    def __init__(self, picks: Picks, parent: QWidget | None = None) -> None:
        super().__init__(padding=0, parent=parent)
        self.setAccessibleName("All runs")
        self._picks = picks
        self._rows: tuple[RunRow, ...] = ()
        self._asked: Mapping[str, str] = {}
        self._resume_problem = ""
        self._bar = QHBoxLayout()
        self.body.addLayout(self._bar)
        self._make_filters()
        self.table = RunsTable()
        self.table.sort_asked.connect(self._sort)
        self.table.current_changed.connect(self._show_line)
        self.table.scrolled.connect(self._show_place)
        self._nothing = EmptyState("list-filter", "No run matches.", "Show all runs")
        self._nothing.acted.connect(self.clear_filters)
        self._none = EmptyState("list", "No runs yet. Train one.", "Train one")
        self._none.acted.connect(self.train_asked)
        self._problem = ProblemBox()
        self._waiting = EmptyState("list", "Looking for runs…")
        self._stack = QStackedWidget()
        for view in (self._waiting, self.table, self._nothing, self._none, self._problem):
            self._stack.addWidget(view)
        self.body.addWidget(self._stack, 1)
        self._make_line()
        self.retheme()

    # ------------------------------------------------------------ what it is told

    def show_look(self, look: Look) -> None:
        """Show what the store holds."""
        first = not self._rows
        self._rows = look.rows
        for key, count in words.counts(look.rows).items():
            self.status.set_label(key, f"{STATUS_FILTERS[key][0]} {count:,}")
        message, hint = look.error
        self._problem.set(message, hint)
        self.refresh()
        if first and look.rows and not self.table.current_run():
            self.table.set_current_run(look.rows[0].run)

    def show_asked(self, asked: Mapping[str, str]) -> None:
        """Mark what the runs were asked for and have not done yet."""
        self._asked = dict(asked)
        self.table.runs.asked = self._asked
        self.table.runs.repaint_all()
        self._show_line()

    def set_resume_problem(self, problem: str) -> None:
        """Why no run can be gone on with now; empty if they can."""
        self._resume_problem = problem
        self._show_line()

    @Slot()
    def refresh(self) -> None:
        """Filter, sort and colour anew."""
        model = self.table.runs
        model.series = self._picks.series
        shown = words.chosen(self._rows, self.search.text(), self.status.value())
        self.table.show_runs(words.ordered(shown, *model.sorted_by))
        model.repaint_all()
        if self._problem.message():
            view: QWidget = self._problem
        elif not self._rows:
            view = self._none
        else:
            view = self.table if shown else self._nothing
        self._stack.setCurrentWidget(view)
        self._foot_shown(bool(self._rows))
        self._show_picks()
        self._show_line()
        self._show_place()

    @Slot()
    def clear_filters(self) -> None:
        """Show all runs again."""
        self.search.clear()
        self.status.set_value("all")
        self.refresh()

    def line(self) -> str:
        """What the line under the table says."""
        return f"{self._sentence.text()} {self._more.text()}".strip()

    def links(self) -> list[str]:
        """What it offers."""
        return [link.text() for link in self._links.values() if not link.isHidden()]

    # ------------------------------------------------------------ inside

    def add_button(self, button: Button) -> None:
        """Put a button at the right end of the filters' row."""
        self._bar.addWidget(button)

    def retheme(self) -> None:
        super().retheme()
        px = theme().px
        if hasattr(self, "_bar"):
            self._bar.setContentsMargins(px(16), px(8), px(16), px(8))
            self._bar.setSpacing(px(8))
            self.search.setFixedWidth(px(248))

    def _make_filters(self) -> None:
        self.search = SearchField("Filter by name, tag or setting")
        self.search.setToolTip("Ctrl+F. A setting with its value finds exactly that: k_shot=5")
        self.search.searched.connect(self.refresh)
        labels = [(key, f"{label} 0") for key, (label, _) in STATUS_FILTERS.items()]
        self.status = Segmented(labels, "all", "Status")
        self.status.changed.connect(self.refresh)
        self._bar.addWidget(self.search)
        self._bar.addWidget(self.status)
        self._bar.addStretch(1)

    def _make_line(self) -> None:
        row = self.footer()
        self._count = Label("", "smallstrong")
        self._numbers = Label("", "small", "muted")
        self._clear = Link("Clear")
        self._clear.setToolTip("Compare nothing")
        self._clear.clicked.connect(self.clear_asked)
        self._icon = IconLabel("info")
        self._sentence = Label("", "small", elide=True)
        self._more = Label("", "small", "muted")
        self._place = Label("", "small", "muted")
        row.addWidget(self._count)
        row.addWidget(self._numbers)
        row.addWidget(self._clear)
        row.addSpacing(theme().px(8))
        row.addWidget(self._icon)
        row.addWidget(self._sentence)
        row.addWidget(self._more)
        self._links: dict[str, Link] = {}
        for key, text in (
            ("continue", "Resume"),
            ("pause", "Pause"),
            ("resume", "Continue"),
            ("stop", "Stop after this step"),
            ("log", "Show log"),
        ):
            link = self._links[key] = Link(text)
            link.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            link.clicked.connect(lambda _checked=False, key=key: self._act(key))
            row.addWidget(link)
        row.addStretch(1)
        row.addWidget(self._place, 0, Qt.AlignmentFlag.AlignRight)
        self._show_line()

    def _foot_shown(self, shown: bool) -> None:
        if self._foot is not None:
            self._foot.setVisible(shown)

    def current(self) -> RunRow | None:
        """The run that is looked at, as far as it is in view."""
        return self.table.runs.run(self.table.currentIndex().row())

    def _act(self, action: str) -> None:
        row = self.current()
        if row is not None:
            self.acted.emit(row.run, action)

    def _show_picks(self) -> None:
        count = len(self._picks)
        numbers = {row.run: str(row.number) for row in self._rows}
        self._count.setText(f"{count} compared" if count else "")
        self._numbers.setText(", ".join(numbers.get(run, "") for run in self._picks.runs))
        for widget in (self._count, self._numbers, self._clear):
            widget.setVisible(bool(count))

    @Slot()
    def _show_line(self) -> None:
        row = self.current()
        for widget in (self._icon, self._sentence, self._more, *self._links.values()):
            widget.setVisible(row is not None)
        if row is None:
            self._sentence.setText("")
            self._more.setText("")
            return
        sentence, more = words.standing(row)
        status = row.summary.status
        icon, _, tone = STATUSES[status.value]
        self._icon.set(icon, TONES.get(tone, tone))
        self._sentence.setText(sentence)
        self._sentence.setToolTip(row.summary.reason)
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self._show_links(row)

    def _show_links(self, row: RunRow) -> None:
        status, asked = row.summary.status, self._asked.get(row.run, "")
        resume = words.resume_words(row.summary)
        go_on = self._links["continue"]
        go_on.setText("Resuming…" if asked == "continue" else resume)
        go_on.updateGeometry()
        go_on.setVisible(bool(resume))
        go_on.set_enabled_because("It is being resumed." if asked else self._resume_problem)
        self._links["pause"].setVisible(status is RunStatus.RUNNING)
        self._links["resume"].setVisible(status is RunStatus.PAUSED)
        self._links["stop"].setVisible(row.alive)
        for key in ("pause", "resume", "stop"):
            self._links[key].set_enabled_because("It has been asked already." if asked else "")

    @Slot(str)
    def _sort(self, column: str) -> None:
        before, down = self.table.runs.sorted_by
        down = not down if column == before else column in FALLING
        self.table.runs.sorted_by = (column, down)
        self.refresh()

    @Slot()
    def _show_place(self) -> None:
        first, last = self.table.rows_in_view()
        shown, total = self.table.runs.rowCount(), len(self._rows)
        found = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
        self._place.setText(f"Rows {first:,}–{last:,} of {found}" if shown else "")
