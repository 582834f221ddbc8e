"""The Train page: prepare a run, start it, watch it, hold it, and see how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QStackedWidget, QWidget

from workbench.app.pages.train.figures import run_title
from workbench.app.pages.train.head import HeadButtons
from workbench.app.pages.train.onlooker import Onlooker
from workbench.app.pages.train.running import RunningView
from workbench.app.pages.train.setup import SetupView
from workbench.app.pages.train.starter import Starter
from workbench.app.theme import theme
from workbench.app.widgets import Page
from workbench.schema.values import as_text
from workbench.store import RunStatus

if TYPE_CHECKING:
    from workbench.app.context import Context

SMALLEST = (1120, 560)  # px at 100 % that the views need


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
        self._onlooker = Onlooker(context, self.running, self)
        self._starter = Starter(context, self.setup, self.running.note, self)
        self.head_buttons = HeadButtons(self.head)
        self._make_keys()
        self._add_commands()
        self.retheme()
        self._connect()
        self._show_head()

    # ------------------------------------------------------------ what others may ask

    @property
    def run(self) -> str:
        """The run that is watched; empty for none."""
        return self._onlooker.watch.run if self._onlooker.watch is not None else ""

    @Slot(str)
    def open_run(self, run: str) -> None:
        """Watch a run, whoever trains it, or look at one that has ended."""
        watch = self._onlooker.open(run)
        if watch is None:
            return
        if self._views.currentWidget() is self.setup and self.setup.isAncestorOf(
            self.focusWidget()
        ):
            self.running.setFocus()  # else it falls on whatever comes next
        self._views.setCurrentWidget(self.running)
        self._look(now=True)
        self._onlooker.follow()
        self.run_opened.emit(watch.run)

    @Slot()
    def start(self) -> None:
        """Train with the draft as it is; with problems, show them, and nothing starts."""
        self._starter.start()

    @Slot()
    def prepare_another(self) -> None:
        """Show the settings; a run that trains goes on."""
        self._views.setCurrentWidget(self.setup)
        self._show_head()

    @Slot()
    def show_run(self) -> None:
        """Back to the run that is watched."""
        if self._onlooker.watch is not None:
            self._views.setCurrentWidget(self.running)
            self._look(now=True)

    def control(self, action: str) -> None:
        """Pause, resume, stop or abort the watched run, in whichever process it trains."""
        if self._onlooker.watch is not None:
            self._starter.control(self._onlooker.watch, action)

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

    def _add_commands(self) -> None:
        for title, run, shown, icon in (
            ("Start training", self._command_start, "Ctrl+Return", "play"),
            ("Pause or resume the run", self._pause_or_resume, "Ctrl+Shift+P", "pause"),
            ("Stop the run after this step", self._ask_stop, "Ctrl+Shift+S", "square"),
            ("Abort the run", self._ask_abort, "", "octagon-x"),
            ("Prepare another run", self._command_prepare, "", "plus"),
            ("Copy the settings as a command", self._copy_command, "", "terminal"),
        ):
            self._context.shell.add_command(title, run, shown, icon)

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
        self.setup.start_box.cancel_asked.connect(self._starter.cancel)
        self._starter.started.connect(self.open_run)
        self._starter.changed.connect(self._show_head)
        self._starter.refused.connect(self._look_now)
        self._onlooker.looked.connect(self._show_head)
        self._context.link.state_changed.connect(self._engine_changed)
        self.running.exported.connect(self._exported)
        self.running.export_failed.connect(self._export_failed)
        self.running.set_asked.connect(self._set_for_next)

    @Slot()
    def _show_head(self) -> None:
        watch, own = self._onlooker.watch, self._onlooker.own
        self.setup.set_training(run_title(own) if own else "", watch is not None)
        shown = None if self._views.currentWidget() is self.setup else watch
        problem = "Restart the engine first." if self._context.link.state == "stopped" else ""
        if self._starter.waiting:
            problem = "It is being resumed."
        self.head_buttons.show_run(shown, problem)

    def _look(self, now: bool = False) -> None:
        self._onlooker.look(now)

    @Slot()
    def _look_now(self) -> None:
        self._look(now=True)

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
    def _resume(self) -> None:
        self._starter.resume(self.run)

    @Slot()
    def _pause_or_resume(self) -> None:
        watch = self._onlooker.watch
        if watch is not None:
            paused = watch.summary.status is RunStatus.PAUSED
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
            self._onlooker.own = ""
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
