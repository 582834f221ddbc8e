"""The Runs page: find runs, compare them, see why one ended, and go on from there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QWidget

from workbench.app.pages.runs.actions import CONTINUE, Actions
from workbench.app.pages.runs.background import Background
from workbench.app.pages.runs.buttons import CLONE_KEY, RunButtons
from workbench.app.pages.runs.details import Details
from workbench.app.pages.runs.listing import RunList
from workbench.app.pages.runs.lower import SMALL_HEIGHT, SMALL_WIDTH
from workbench.app.pages.runs.panel import RunsPanel
from workbench.app.pages.runs.picks import MOST, Picks
from workbench.app.pages.runs.rows import RunRow
from workbench.app.theme import theme
from workbench.app.widgets import Page, Splitter
from workbench.protocol import EngineReady, Event, RunEnded, RunStarted

if TYPE_CHECKING:
    from workbench.app.context import Context

LOOK_MS = 1000  # runs are also started, held and stopped in terminals
SETTLE_MS = 60  # the hand moves through the rows faster than curves are worth drawing
MOST_COMMANDS = 300  # runs that the palette finds


class RunsPage(Page):
    """All runs, whoever trains them.

    Signals:
        draw_asked(str): the person wants to draw with this run.
        open_asked(str): the person wants to see it on Train.
        cloned(str): its settings are the draft now.
        resumed(str): it trains again in this window's engine.
        train_asked(): there is no run, and the person wants one.
    """

    draw_asked = Signal(str)
    open_asked = Signal(str)
    cloned = Signal(str)
    resumed = Signal(str)
    train_asked = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("Runs", "list", "", parent)
        self._context = context
        self._told: set[str] = set()
        self.background = Background(self)
        self.picks = Picks()
        self.list = RunList(context.store, context.catalogue, self.background, self)
        self.deeds = Actions(context, self.background, self)
        self.panel = RunsPanel(self.picks)
        self.table = self.panel.table
        self.buttons = RunButtons(self.head, self.panel)
        self.details = Details(context, self.background)
        self._splitter = Splitter("vertical", "runs-whole", sizes=[480, 310])
        self._splitter.add(self.panel, 3)
        self._splitter.add(self.details, 2)
        self.content.addWidget(self._splitter)
        self._make_timers()
        self._connect()
        self._make_keys()
        self._show_current()

    # ------------------------------------------------------------ what others may ask

    @property
    def run(self) -> str:
        """The run that is looked at; empty for none."""
        return self.table.current_run()

    def show_run(self, run: str) -> None:
        """Look at a run, whatever the filters say."""
        if self.table.runs.row_of(run) < 0:
            self.panel.clear_filters()
        self.table.set_current_run(run)
        self.table.setFocus()

    def close_page(self) -> None:
        """Keep what was typed; the window goes away."""
        self._look_timer.stop()
        self._settle_timer.stop()
        self.details.notes.flush()
        self.background.close()

    # ------------------------------------------------------------ life

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.list.refresh()
        self._look_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look_timer.stop()
        self.details.notes.flush()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        scale = theme().scale / 100
        small = self.width() < SMALL_WIDTH * scale or self.height() < SMALL_HEIGHT * scale
        self.details.arrange(small)

    def _make_timers(self) -> None:
        self._look_timer = QTimer(self, interval=LOOK_MS)
        self._look_timer.timeout.connect(self.list.refresh)
        self._settle_timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle_timer.timeout.connect(self._show_details)

    def _connect(self) -> None:
        self.list.changed.connect(self._listed)
        self.background.failed.connect(self._failed)
        self.deeds.done.connect(self.list.refresh)
        self.deeds.asked_changed.connect(self._asked_changed)
        self.deeds.resumed.connect(self.resumed)
        table = self.table
        table.runs.checked_changed.connect(self._pick)
        table.star_asked.connect(self._star)
        table.opened.connect(self.open_asked)
        table.delete_asked.connect(self._delete)
        table.current_changed.connect(self._show_current)
        table.selectionModel().selectionChanged.connect(self._show_buttons)
        self.panel.acted.connect(self._act)
        self.panel.clear_asked.connect(self._clear_picks)
        self.panel.train_asked.connect(self.train_asked)
        self.details.failed.connect(self._failed)
        self.details.notes.tags_changed.connect(lambda run, tags: self.deeds.mark(run, tags=tags))
        self.details.notes.notes_changed.connect(lambda run, text: self.deeds.mark(run, notes=text))
        self.details.compare.exported.connect(self._exported)
        for button, slot in (
            (self.buttons.score, self._ask_scores),
            (self.buttons.draw, self._ask_draw),
            (self.buttons.clone, self._clone),
            (self.buttons.open, self._ask_open),
            (self.buttons.delete, self._delete),
        ):
            button.clicked.connect(slot)
        self._context.link.event.connect(self._heard)
        self._context.link.state_changed.connect(self._engine_changed)

    def _make_keys(self) -> None:
        child = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut(QKeySequence.StandardKey.Find, self, self._find, context=child)
        QShortcut(QKeySequence(CLONE_KEY), self, self._clone, context=child)
        shell = self._context.shell
        shell.add_command("Clone the run into Train", self._clone, CLONE_KEY, icon="copy")
        shell.add_command("Filter the runs", self._command_find, "Ctrl+F", icon="list-filter")

    # ------------------------------------------------------------ what the store says

    @Slot()
    def _listed(self) -> None:
        look = self.list.look
        if look is None:
            return
        self.picks.keep(row.run for row in look.rows)
        self.deeds.notice(look.rows)
        self.panel.show_look(look)
        for problem in look.problems:
            if problem.message not in self._told:
                self._told.add(problem.message)
                self._context.shell.add_message(problem.message, "warn", problem.hint)
        self._offer_commands()
        self._show_head()
        self._show_current()

    @Slot(object)
    def _heard(self, event: Event) -> None:
        if isinstance(event, (EngineReady, RunStarted, RunEnded)):
            self.list.refresh()

    @Slot(str)
    def _engine_changed(self, state: str) -> None:
        problem = "Restart the engine first." if state == "stopped" else ""
        self.panel.set_resume_problem(problem)
        self._show_buttons()

    @Slot(str, str)
    def _failed(self, message: str, hint: str) -> None:
        self._context.shell.add_message(message, "bad", hint)
        self._context.shell.undo_bar.say(message)

    @Slot(str)
    def _exported(self, path: str) -> None:
        self._context.shell.add_message(f"The plot is in {path}", "ok")

    @Slot()
    def _asked_changed(self) -> None:
        self.panel.show_asked(self.deeds.asked)

    # ------------------------------------------------------------ what is shown

    def _row(self) -> RunRow | None:
        return self.list.row(self.run)

    def compared(self) -> list[tuple[RunRow, int]]:
        """The runs in the plot with their series: the picked ones, or the one looked at."""
        series = self.picks.series
        rows = [(self.list.row(run), index) for run, index in series.items()]
        found = [(row, index) for row, index in rows if row is not None]
        current = self._row()
        return found or ([(current, 0)] if current is not None else [])

    def _show_head(self) -> None:
        count = len(self.list.rows)
        words = f"{count:,} run{'' if count == 1 else 's'}"
        picked = f", {len(self.picks)} compared" if len(self.picks) else ""
        self.head.set_muted(words + picked if count else "")

    @Slot()
    def _show_current(self) -> None:
        self._show_buttons()
        self._settle_timer.start()

    @Slot()
    def _show_buttons(self) -> None:
        selected = [row for row in map(self.list.row, self.table.selected_runs()) if row]
        self.buttons.show(self._row(), selected, self._context.link.state == "stopped")
        score = self.buttons.score
        self.details.set_unscorable("" if score.isEnabled() else score.toolTip())

    @Slot()
    def _show_details(self) -> None:
        self.details.show_runs(self.compared(), self._row())

    def _offer_commands(self) -> None:
        rows = self.list.rows[:MOST_COMMANDS]
        self._context.shell.set_run_commands(
            [
                (f"Run {r.number} · {r.facts.subject}", partial(self._command_show, r.run))
                for r in rows
            ]
        )

    # ------------------------------------------------------------ what the person does

    @Slot(str, bool)
    def _pick(self, run: str, _picked: bool) -> None:
        if not self.picks.toggle(run):
            self._context.shell.undo_bar.say(
                f"{MOST} runs can be compared at once. Take one away first."
            )
            return
        self._picks_changed()

    @Slot()
    def _clear_picks(self) -> None:
        self.picks.clear()
        self._picks_changed()

    def _picks_changed(self) -> None:
        self.panel.refresh()
        self._show_head()
        self._show_details()

    @Slot(str)
    def _star(self, run: str) -> None:
        row = self.list.row(run)
        if row is not None:
            self.deeds.mark(run, starred=not row.summary.starred)

    @Slot(str, str)
    def _act(self, run: str, action: str) -> None:
        if action == "log":
            self.details.show_view("log")
        elif action == CONTINUE:
            self.deeds.go_on(run)
        else:
            self.deeds.control(run, action)

    @Slot()
    def _clone(self) -> None:
        row = self._row()
        if row is None:
            return
        draft = self._context.draft
        draft.settle()
        draft.replace(row.values)
        self.cloned.emit(row.run)
        words = f"Train has the settings of run {row.number} now"
        self._context.shell.offer_undo(words, draft.undo)

    @Slot()
    def _delete(self) -> None:
        runs = self.table.selected_runs()
        if runs and self.buttons.delete.isEnabled():
            self.details.notes.flush()
            self.deeds.delete(runs)

    @Slot()
    def _ask_scores(self) -> None:
        self.details.show_view("scores")

    @Slot()
    def _ask_draw(self) -> None:
        if self.run:
            self.draw_asked.emit(self.run)

    @Slot()
    def _ask_open(self) -> None:
        if self.run:
            self.open_asked.emit(self.run)

    @Slot()
    def _find(self) -> None:
        self.panel.search.setFocus()
        self.panel.search.selectAll()

    @Slot()
    def _command_find(self) -> None:
        self._context.shell.show_page(self.title)
        self._find()

    def _command_show(self, run: str) -> None:
        self._context.shell.show_page(self.title)
        self.show_run(run)
