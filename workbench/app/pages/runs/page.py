"""The Runs page: find runs, compare them, see why one ended, and go on from there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QWidget

from workbench.app.pages.runs.actions import CONTINUE, Actions
from workbench.app.pages.runs.background import Background
from workbench.app.pages.runs.compare import ComparePanel
from workbench.app.pages.runs.events import EventsView
from workbench.app.pages.runs.listing import RunList
from workbench.app.pages.runs.lower import SMALL_HEIGHT, SMALL_WIDTH, Lower
from workbench.app.pages.runs.notes import NotesView
from workbench.app.pages.runs.panel import RunsPanel
from workbench.app.pages.runs.picks import MOST, Picks
from workbench.app.pages.runs.reading import Readings
from workbench.app.pages.runs.rows import RunRow
from workbench.app.pages.runs.scorer import Scorer
from workbench.app.pages.runs.scoring import ScoringView
from workbench.app.pages.runs.settings import SettingsView
from workbench.app.pages.train.figures import run_title
from workbench.app.theme import theme
from workbench.app.widgets import Button, Page, Splitter
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
        self._readings = Readings(context.store, self.background, self)
        self.deeds = Actions(context, self.background, self)
        self.scorer = Scorer(context, self.background, self)
        self.panel = RunsPanel(self.picks)
        self.table = self.panel.table
        self.compare = ComparePanel()
        self.settings = SettingsView(context.catalogue)
        self.scores = ScoringView()
        self.notes = NotesView()
        self.log = EventsView()
        views: dict[str, QWidget] = {
            "differences": self.settings,
            "scores": self.scores,
            "notes": self.notes,
            "log": self.log,
        }
        self.below = Lower(self.compare, views)
        self._splitter = Splitter("vertical", "runs-whole", sizes=[480, 310])
        self._splitter.add(self.panel, 3)
        self._splitter.add(self.below, 2)
        self.content.addWidget(self._splitter)
        self._make_buttons()
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
        self.notes.flush()
        self.background.close()

    # ------------------------------------------------------------ life

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.list.refresh()
        self._look_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look_timer.stop()
        self.notes.flush()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        scale = theme().scale / 100
        small = self.width() < SMALL_WIDTH * scale or self.height() < SMALL_HEIGHT * scale
        self.below.arrange(small)

    def _make_timers(self) -> None:
        self._look_timer = QTimer(self, interval=LOOK_MS)
        self._look_timer.timeout.connect(self.list.refresh)
        self._settle_timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle_timer.timeout.connect(self._show_below)

    def _make_buttons(self) -> None:
        self.open_button = Button("Open in Train", "activity", small=True)
        self.delete_button = Button("Delete", "trash-2", small=True)
        self.panel.add_button(self.open_button)
        self.panel.add_button(self.delete_button)
        self.score_button = Button("Evaluate…", "badge-check")
        self.draw_button = Button("Draw with it", "pen-tool")
        self.clone_button = Button("Clone into Train", "copy", kind="filled")
        for button, slot in (
            (self.score_button, self._ask_scores),
            (self.draw_button, self._ask_draw),
            (self.clone_button, self._clone),
            (self.open_button, self._ask_open),
            (self.delete_button, self._delete),
        ):
            button.clicked.connect(slot)
        for button in (self.score_button, self.draw_button, self.clone_button):
            self.head.add_action(button)

    def _connect(self) -> None:
        self.list.changed.connect(self._listed)
        self.background.failed.connect(self._failed)
        self._readings.failed.connect(self._failed)
        self._readings.curve_read.connect(self._curve_read)
        self._readings.log_read.connect(self._log_read)
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
        self.below.view_changed.connect(self._show_below)
        self.scores.score_asked.connect(self._score)
        self.scores.cancel_asked.connect(self.scorer.cancel)
        self.scorer.changed.connect(self._show_scores)
        self.scorer.progressed.connect(self.scores.show_progress)
        self.scorer.failed.connect(self.scores.show_problem)
        self.settings.only.toggled.connect(self._show_muted)
        self.notes.tags_changed.connect(lambda run, tags: self.deeds.mark(run, tags=tags))
        self.notes.notes_changed.connect(lambda run, text: self.deeds.mark(run, notes=text))
        self.compare.exported.connect(self._exported)
        self.compare.export_failed.connect(self._failed)
        self._context.link.event.connect(self._heard)
        self._context.link.state_changed.connect(self._engine_changed)

    def _make_keys(self) -> None:
        child = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut(QKeySequence.StandardKey.Find, self, self._find, context=child)
        QShortcut(QKeySequence("Ctrl+D"), self, self._clone, context=child)
        self.clone_button.setToolTip("Ctrl+D")
        shell = self._context.shell
        shell.add_command("Clone the run into Train", self._clone, "Ctrl+D", icon="copy")
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
        self._show_scores()

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
        row = self._row()
        stopped = self._context.link.state == "stopped"
        none = "" if row is not None else "Choose a run in the table first."
        saved = none or ("" if row and row.askable else "It has saved no checkpoint yet.")
        engine = "Restart the engine first." if stopped else ""
        self.score_button.set_enabled_because(saved or engine)
        numbers = "It predicts numbers: there is nothing to draw."
        self.draw_button.set_enabled_because(
            none or (numbers if row and row.regression else "" if row and row.alive else saved)
        )
        self.clone_button.set_enabled_because(none)
        self.clone_button.setToolTip(none or "Ctrl+D")
        self.open_button.set_enabled_because(none)
        training = [r for r in map(self.list.row, self.table.selected_runs()) if r and r.alive]
        trains = f"Run {training[0].number} trains: stop it first." if training else ""
        self.delete_button.set_enabled_because(none or trains)

    @Slot()
    def _show_below(self) -> None:
        rows = self.compared()
        for row, _ in rows:
            self._readings.want_curve(row)
        self.compare.show_runs(rows, self._readings.curves)
        self.settings.show_runs(rows)
        self.notes.show_run(self._row())
        self._show_scores()
        if self.below.view == "log":
            self._read_log()
        self._show_muted()

    @Slot()
    def _show_muted(self) -> None:
        row = self._row()
        if self.below.view in ("differences", "compare"):
            self.below.set_muted(self.settings.muted)
        else:
            self.below.set_muted(f"Run {row.title}" if row is not None else "")

    @Slot()
    def _show_scores(self) -> None:
        row = self._row()
        problem = self.score_button.toolTip() if not self.score_button.isEnabled() else ""
        if self.scorer.run:
            problem = f"{run_title(self.scorer.run)} is being scored."
        self.scores.show_run(row, self.scorer.of(row.run) if row else {}, problem)

    @Slot(str)
    def _curve_read(self, run: str) -> None:
        rows = self.compared()
        if any(row.run == run for row, _ in rows):
            self.compare.show_runs(rows, self._readings.curves)

    def _read_log(self) -> None:
        row = self._row()
        if self._readings.want_log(row) and row is None:
            self.log.show_events(None, ())

    @Slot(object, list)
    def _log_read(self, row: RunRow, lines: list[dict[str, Any]]) -> None:
        if row.run == self.run:
            self.log.show_events(row, lines)

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
        self._show_below()

    @Slot(str)
    def _star(self, run: str) -> None:
        row = self.list.row(run)
        if row is not None:
            self.deeds.mark(run, starred=not row.summary.starred)

    @Slot(str, str)
    def _act(self, run: str, action: str) -> None:
        if action == "log":
            self.below.show_view("log")
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
        if runs and self.delete_button.isEnabled():
            self.notes.flush()
            self.deeds.delete(runs)

    @Slot()
    def _ask_scores(self) -> None:
        self.below.show_view("scores")

    @Slot(str)
    def _score(self, split: str) -> None:
        row = self._row()
        if row is not None:
            self.scorer.score(row.run, split)

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
