"""The Train page: prepare a run, start it, watch it, hold it, and see how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QStackedWidget, QWidget

from workbench.app.pages.train.figures import duration, run_title, whole
from workbench.app.pages.train.head import HeadButtons
from workbench.app.pages.train.running import RunningView
from workbench.app.pages.train.setup import SetupView
from workbench.app.pages.train.watch import RunWatch
from workbench.app.shell.statusbar import RunState
from workbench.app.theme import theme
from workbench.app.widgets import Page
from workbench.errors import StoreError
from workbench.protocol import (
    ControlRun,
    Event,
    Failed,
    Progress,
    ResumeRun,
    RunEnded,
    RunProgress,
    RunStarted,
    StartRun,
    Validated,
)
from workbench.schema.catalogue import as_text
from workbench.store import RunStatus

if TYPE_CHECKING:
    from workbench.app.context import Context

TICK_MS = 100
SMALLEST = (1120, 560)  # px at 100 % that the views need
HIDDEN_EVERY = 5  # ticks between two looks while another page is shown
CONTROLS = ("pause", "resume", "stop", "abort")
TONES = {"done": "ok", "stopped": "info", "failed": "bad"}


class TrainPage(Page):
    """Setup view and running view behind one head.

    Signals:
        run_opened(str): this run is watched now.
        draw_asked(str): the person wants to draw with this run.
    """

    run_opened = Signal(str)
    draw_asked = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("Train", "sliders-horizontal", "New run, not started", parent)
        self._context = context
        self._watch: RunWatch | None = None
        self._own = ""  # the run that this window's worker trains
        self._starting = 0  # the open request to start or resume; 0 for none
        self._ticks = 0
        self.setup = SetupView(context.draft, context.catalogue, context.link)
        self.running = RunningView(context.link)
        self._views = QStackedWidget()
        self._views.setObjectName("TrainViews")
        self._views.addWidget(self.setup)
        self._views.addWidget(self.running)
        # Large text in a small window scrolls: nothing is cut off.
        scroll = QScrollArea()
        scroll.setWidget(self._views)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.content.addWidget(scroll)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.head_buttons = HeadButtons(self.head)
        self._make_keys()
        self.retheme()
        self._connect()
        self._show_head()

    # ------------------------------------------------------------ what others may ask

    @property
    def run(self) -> str:
        """The run that is watched; empty for none."""
        return self._watch.run if self._watch is not None else ""

    def open_run(self, run: str) -> None:
        """Watch a run, whoever trains it, or look at one that has ended."""
        try:
            self._watch = RunWatch(self._context.store, self._context.catalogue, run)
        except StoreError as error:
            self._context.shell.add_message(error.message, "bad", error.hint)
            return
        self.running.set_run(self._watch)
        if self._views.currentWidget() is self.setup and self.setup.isAncestorOf(
            self.focusWidget()
        ):
            self.running.setFocus()  # else it falls on whatever comes next
        self._views.setCurrentWidget(self.running)
        self._look(now=True)
        self._timer.start()
        self.run_opened.emit(self._watch.run)

    @Slot()
    def start(self) -> None:
        """Train with the draft as it is; with problems, show them, and nothing starts."""
        if not self.setup.start_box.start.isEnabled():
            self.setup.show_first_problem()
            return
        self.setup.set_waiting(True)
        values = self._context.draft.values
        self._starting = self._context.link.request(StartRun, self._start_answered, values=values)

    @Slot()
    def prepare_another(self) -> None:
        """Show the settings; a run that trains goes on."""
        self._views.setCurrentWidget(self.setup)
        self._show_head()

    @Slot()
    def show_run(self) -> None:
        """Back to the run that is watched."""
        if self._watch is not None:
            self._views.setCurrentWidget(self.running)
            self._look(now=True)

    def control(self, action: str) -> None:
        """Pause, resume, stop or abort the watched run, in whichever process it trains."""
        watch = self._watch
        if watch is None or not watch.alive or action not in CONTROLS:
            return
        watch.asked = action
        if self._context.link.state == "stopped":  # the run is another process's
            try:
                watch.reader.request(action)
            except StoreError as error:
                self._context.shell.add_message(error.message, "bad", error.hint)
        else:
            link = self._context.link
            link.request(ControlRun, self._control_answered, run=watch.run, action=action)
        self._show_head()

    # ------------------------------------------------------------ starting

    @Slot()
    def _cancel_start(self) -> None:
        if self._starting:
            self._context.link.cancel(self._starting)

    def _start_answered(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.setup.start_box.show_progress(event)
            return
        self._starting = 0
        self.setup.set_waiting(False)
        if isinstance(event, RunStarted):
            self.open_run(event.run)
        elif isinstance(event, Validated):
            self.setup.checker.show(event.problems)
            self.setup.show_first_problem()
        elif isinstance(event, Failed):
            self.setup.start_box.show_failure(event)
            self._say_failure(event)
        self._show_head()

    @Slot()
    def _resume(self) -> None:
        if self._watch is not None and not self._starting:
            link, run = self._context.link, self._watch.run
            self._starting = link.request(ResumeRun, self._resume_answered, run=run)
            self._show_head()

    def _resume_answered(self, event: Event) -> None:
        if isinstance(event, Progress):
            return
        self._starting = 0
        if isinstance(event, RunStarted):
            self.open_run(event.run)
        elif isinstance(event, Failed):
            self.running.note.show_failure(event)
            self._say_failure(event)
        self._show_head()

    def _control_answered(self, event: Event) -> None:
        if isinstance(event, Failed) and self._watch is not None:
            self._watch.asked = ""
            self._say_failure(event)
            self._look(now=True)

    def _say_failure(self, event: Failed) -> None:
        if (
            not event.cancelled and not event.detail
        ):  # what has details is reported with them elsewhere
            self._context.shell.add_message(event.message, "bad", event.hint)

    @Slot(object)
    def _heard(self, event: Event) -> None:
        watch = self._watch
        if isinstance(event, RunProgress):
            self._own = event.run
            if watch is not None and event.run == watch.run:
                changed = watch.progress is None or watch.progress.phase != event.phase
                watch.progress = event
                if changed:
                    self._look(now=True)
        elif isinstance(event, RunStarted):
            self._own = event.run
        elif isinstance(event, RunEnded):
            self._own = ""
            words = f"{run_title(event.run)}: {event.reason or event.status}"
            self._context.shell.add_message(words, TONES[event.status], event.hint)
            if watch is not None and event.run == watch.run:
                self._look(now=True)

    # ------------------------------------------------------------ watching

    @Slot()
    def _tick(self) -> None:
        self._ticks += 1
        if self.isVisible() or self._ticks % HIDDEN_EVERY == 0:
            self._look()

    def _look(self, now: bool = False) -> None:
        watch = self._watch
        if watch is None:
            return
        try:
            watch.look(now or not watch.alive)
        except (StoreError, OSError) as error:
            self._timer.stop()
            self._context.shell.add_message(str(error), "bad", getattr(error, "hint", ""))
            return
        self._show_watch()
        if not watch.alive and self._timer.isActive():
            self._ended()
        self._show_head()
        self._tell_shell()

    def _show_watch(self) -> None:
        watch = self._watch
        if watch is None or not self.isVisible() or self._views.currentWidget() is not self.running:
            return
        if not watch.alive:
            self.running.curves.redraw()
        self.running.update_run(watch)
        if not watch.alive:
            self.running.curves.flush()

    def _ended(self) -> None:
        """One last look, for what was written between the rows and the status."""
        self._timer.stop()
        if self._watch is not None:
            self._watch.asked = ""
            self._watch.look(now=True)
            self._show_watch()

    def _tell_shell(self) -> None:
        watch = self._watch
        if watch is None:
            return
        figures, facts = watch.figures, watch.facts
        title = f"{facts.title} · {facts.algorithm}"
        detail = f"step {whole(figures.step)} of {whole(figures.steps)}"
        status = watch.summary.status
        if watch.alive:
            left = duration(figures.seconds_left)
            ending = f"{left} left" if left != "–" and status is RunStatus.RUNNING else ""
            state = RunState(title, watch.status, detail, figures.fraction, ending)
        elif status in (RunStatus.FAILED, RunStatus.DIED):
            state = RunState(title, status.value, detail)
        else:
            self._context.shell.set_run_state(None)
            return
        self._context.shell.set_run_state(state)

    # ------------------------------------------------------------ keys and signals

    def _make_keys(self) -> None:
        keys = (
            ("Ctrl+Return", self._key_start),
            ("Ctrl+Enter", self._key_start),
            ("Ctrl+Shift+P", self._pause_or_resume),
            ("Ctrl+Shift+S", self._ask_stop),
            (QKeySequence.StandardKey.Undo, self._context.draft.undo),
            (QKeySequence.StandardKey.Redo, self._context.draft.redo),
        )
        for key, slot in keys:
            action = QAction(self)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(slot)
            self.addAction(action)
        shell = self._context.shell
        for title, run, shown, icon in (
            ("Start training", self._command_start, "Ctrl+Return", "play"),
            ("Pause or resume the run", self._pause_or_resume, "Ctrl+Shift+P", "pause"),
            ("Stop the run after this step", self._ask_stop, "Ctrl+Shift+S", "square"),
            ("Abort the run", self._ask_abort, "", "octagon-x"),
            ("Prepare another run", self._command_prepare, "", "plus"),
            ("Copy the settings as a command", self._copy_command, "", "terminal"),
        ):
            shell.add_command(title, run, shown, icon)

    def _connect(self) -> None:
        for name, slot in {
            "copy": self._copy_command,
            "resume": self._resume,
            "draw": self._ask_draw,
            "new": self.prepare_another,
            "pause": self._pause_or_resume,
            "stop": self._ask_stop,
            "abort": self._ask_abort,
        }.items():
            self.head_buttons.button(name).clicked.connect(slot)
        self.setup.start_asked.connect(self.start)
        self.setup.back_asked.connect(self.show_run)
        self.setup.start_box.cancel_asked.connect(self._cancel_start)
        self._context.link.event.connect(self._heard)
        self._context.link.state_changed.connect(self._engine_changed)
        self.running.exported.connect(self._exported)
        self.running.export_failed.connect(self._export_failed)
        self.running.set_asked.connect(self._set_for_next)

    def _show_head(self) -> None:
        watch = self._watch
        self.setup.set_training(run_title(self._own) if self._own else "", watch is not None)
        shown = None if self._views.currentWidget() is self.setup else watch
        problem = "Restart the engine first." if self._context.link.state == "stopped" else ""
        if self._starting:
            problem = "It is being resumed."
        self.head_buttons.show_run(shown, problem)

    # ------------------------------------------------------------ what the person does

    @Slot()
    def _key_start(self) -> None:
        if self._views.currentWidget() is self.setup:
            self.start()

    @Slot()
    def _command_start(self) -> None:
        self._context.shell.show_page(self.title)
        self.prepare_another()
        self.start()

    @Slot()
    def _command_prepare(self) -> None:
        self._context.shell.show_page(self.title)
        self.prepare_another()

    @Slot()
    def _pause_or_resume(self) -> None:
        if self._watch is not None:
            paused = self._watch.summary.status is RunStatus.PAUSED
            self.control("resume" if paused else "pause")

    @Slot()
    def _ask_stop(self) -> None:
        self.control("stop")

    @Slot()
    def _ask_abort(self) -> None:
        self.control("abort")

    @Slot()
    def _ask_draw(self) -> None:
        self.draw_asked.emit(self.run)
        self._context.shell.show_page("Draw")

    @Slot()
    def _copy_command(self) -> None:
        command = self._context.catalogue.command(self._context.draft.values)
        QApplication.clipboard().setText(command)
        self._context.shell.undo_bar.say("The command is in the clipboard.")

    @Slot(str, object)
    def _set_for_next(self, key: str, value: object) -> None:
        """Follow a hint: a run keeps its settings, the draft of the next one is changed."""
        draft, shell = self._context.draft, self._context.shell
        row = next((r for r in self._context.catalogue.rows(draft.values) if r.key == key), None)
        if row is None:
            shell.undo_bar.say("The algorithm chosen for the next run has no such setting.")
            return
        draft.settle()
        draft.set(key, value)
        draft.settle()
        shell.offer_undo(f"{row.label} is {as_text(value)} for the next run.", draft.undo)

    @Slot(str)
    def _exported(self, path: str) -> None:
        self._context.shell.add_message(f"The plot is in {path}", "ok")

    @Slot(str, str)
    def _export_failed(self, message: str, hint: str) -> None:
        self._context.shell.add_message(message, "bad", hint)

    @Slot(str)
    def _engine_changed(self, state: str) -> None:
        if state == "stopped":
            self._own = ""
        if self._watch is not None:
            self._look(now=True)
        self._show_head()

    def retheme(self) -> None:
        super().retheme()
        for view in self.findChildren(QStackedWidget, "TrainViews"):
            view.setMinimumSize(theme().px(SMALLEST[0]), theme().px(SMALLEST[1]))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look(now=True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._context.draft.settle()
