"""The Draw page: teach, ask, answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHideEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)

from workbench.app.pages.draw.answer import Answer
from workbench.app.pages.draw.answering import Answering
from workbench.app.pages.draw.exports import Exports
from workbench.app.pages.draw.keeper import FILE, Keeper
from workbench.app.pages.draw.layout import Panels, Sharing
from workbench.app.pages.draw.models import Model, Models
from workbench.app.pages.draw.picker import ModelPicker
from workbench.app.pages.draw.query import QueryPanel
from workbench.app.pages.draw.quizzing import Quizzing
from workbench.app.pages.draw.regression import RegressionTwin
from workbench.app.pages.draw.support import SupportPanel
from workbench.app.pages.draw.teaching import Teaching
from workbench.app.widgets import Page
from workbench.protocol import Event, RunEnded, RunProgress, RunStarted

if TYPE_CHECKING:
    from workbench.app.context import Context

LOOK_MS = 2000  # runs may also be started in a terminal
DRAWINGS = "Teach the model a few characters, then ask it about a new one"
NUMBERS = "Teach the model a function by a few of its points"


class DrawPage(Page):
    """Teach the model a few characters, ask it about a new one, see what it answers.

    Args:
        context: what the window shares; the drawing is kept in the store's folder.

    Attributes:
        desk: what is drawn.
        canvas: the paper.
        picker: chooses the run that answers.
        teaching: brings examples on the board.
        answering: asks, and shows the answer.
        quizzing: asks the person in turn.
        twin: in the place of all panels for a run that predicts numbers.
    """

    def __init__(self, context: Context) -> None:
        super().__init__("Draw", "pen-tool", DRAWINGS)
        self._context = context
        file = context.store.root / FILE
        self.desk = Keeper.load(file)
        self.picker = ModelPicker()
        self.support = SupportPanel(self.desk)
        self.query = QueryPanel(self.desk)
        self.canvas = self.query.canvas
        self._keeper = Keeper(self.desk, file, self)
        self.teaching = Teaching(context, self.desk, self.picker, self.support, self.canvas, self)
        self.answering = answering = Answering(context, self.desk, self.picker, self.query, self)
        self.files, self.talk = self.teaching.files, answering.talk
        self.answers, self.map_panel = answering.answers, answering.map_panel
        self.loop, self.others = answering.loop, answering.others
        kept = context.store.root / "quizzes"
        self.quizzing = Quizzing(self.desk, answering, self.query, kept, self)
        teach = Sharing(self.support, self.quizzing.panel)
        self.panels = Panels(teach, self.query, self.answers, self.map_panel, self.loop)
        self.twin = RegressionTwin(context.link)
        self.twin.hide()
        self.content.addWidget(self.panels)
        self.content.addWidget(self.twin)
        self.head.add_action(self.quizzing.button)
        self.head.add_action(self.others.button)
        self.head.add_action(self.picker)
        frames = partial(answering.frames, self.panels)
        self.exports = Exports(self.panels, frames, answering.figures, self)
        self._models = Models(context.store, context.catalogue, self)
        self._look_timer = QTimer(self, interval=LOOK_MS)
        self._connect()
        self._bind_keys()
        self.setAcceptDrops(True)
        self._refresh()

    @property
    def answer(self) -> Answer | None:
        """What is shown now, None while there is nothing."""
        return self.answering.answer

    # ---------------------------------------------------------------------------------- life

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        holder = self.parentWidget()
        if holder is not None:
            holder.installEventFilter(self)
        self._models.refresh()
        self._look_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.canvas.lift()
        self._look_timer.stop()
        self.talk.rest()
        self._keeper.save()

    def close_page(self) -> None:
        """Keep the drawing, ask nothing more; the window goes away."""
        self._look_timer.stop()
        self.quizzing.end()
        self.talk.close()
        self.twin.close_view()
        self._keeper.save()
        self._models.close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self._arrange()
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        """Fold by the room there is: where the page needs more than that, it is larger."""
        holder = self.parentWidget()
        room = self.size() if holder is None else holder.size()
        self.panels.arrange(room.width(), room.height())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.accept()  # what it is, and where, is looked at on the way

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.teaching.drag(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.teaching.drag_ended()

    def dropEvent(self, event: QDropEvent) -> None:
        self.teaching.drop(event)

    # ------------------------------------------------------------------------------ wiring

    def _connect(self) -> None:
        self._look_timer.timeout.connect(self._models.refresh)
        self._models.listed.connect(self._list)
        self.picker.picked.connect(self._picked)
        self.panels.compacted.connect(self._compact)
        self.support.drawing.connect(self.canvas.setFocus)
        memory, pressure = self._context.shell.memory, self.query.tools.pressure
        pressure.setChecked(memory.flag("pen_pressure", True))
        pressure.toggled.connect(partial(memory.keep_flag, "pen_pressure"))
        self.teaching.failed.connect(self.answering.show_failure)
        self.answering.fill_wanted.connect(self.teaching.fill)
        self.answering.mapped.connect(self.panels.set_has_map)
        self.quizzing.began.connect(self.support.setHidden)
        self.quizzing.task_wanted.connect(self.teaching.fill)
        self.quizzing.said.connect(self._context.shell.undo_bar.say)
        self.loop.export_asked.connect(self._export)
        for writer in (self.files, self.teaching.own, self.exports):
            writer.done.connect(self._context.shell.undo_bar.say)
            writer.failed.connect(self._file_failed)
        self._keeper.failed.connect(self._not_kept)
        self._context.link.event.connect(self._hear)
        self._context.link.state_changed.connect(self._engine_changed)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._keeper.save)

    def _bind_keys(self) -> None:
        for tool in (self.quizzing, self.answering.marking):
            tool.bind_keys(self.panels)
        self.query.bind_keys(self.panels)  # the other side has keys of its own
        self.support.bind_keys(self.panels)
        for keys, by in (("Ctrl+Left", -1), ("Ctrl+Right", 1)):
            QShortcut(QKeySequence(keys), self, partial(self.answering.move_moment, by))
        shell = self._context.shell
        for words, keys, icon, deed in (
            ("Open a task", "Ctrl+O", "folder-open", self.files.ask_open),
            ("Save the drawing as a task", "Ctrl+S", "save", self.files.ask_save),
            ("Begin a quiz", "Ctrl+Shift+Q", "circle-help", self._begin_quiz),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(deed)
            shell.add_command(words, deed, keys, icon=icon)

    @Slot()
    def _begin_quiz(self) -> None:
        self._context.shell.show_page("Draw")
        self.quizzing.begin()

    @Slot()
    def _export(self) -> None:
        self.exports.open_menu(self.loop.export)

    @Slot(str, str)
    def _file_failed(self, message: str, hint: str) -> None:
        self._context.shell.add_message(message, "bad", hint)
        self._context.shell.undo_bar.say(message)

    @Slot(str)
    def _not_kept(self, text: str) -> None:
        self._context.shell.add_message(text, "warn")

    # --------------------------------------------------------------------------------- runs

    @Slot(object)
    def _list(self, models: list[Model]) -> None:
        self.picker.show_models(models)
        self.others.show_models(models)
        self._refresh()

    @Slot()
    def _picked(self) -> None:
        self.quizzing.end()  # its marks are of the model before
        self._show_side()
        self.answering.begin()
        model = self.picker.model
        if model is not None and model.regression:
            self.twin.show_model(self.picker.run, model)

    @Slot(object)
    def _hear(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self.picker.pick(event.run)
            self._models.refresh()
        elif isinstance(event, RunEnded):
            self._models.refresh()
        elif isinstance(event, RunProgress) and event.run == self.picker.run and self.isVisible():
            self.talk.heard(event.step)
            if self._regression():
                self.twin.heard()

    @Slot(str)
    def _engine_changed(self, _state: str) -> None:
        self._refresh()

    # ------------------------------------------------------------------------ what is shown

    def _refresh(self) -> None:
        self._show_side()
        self.answering.refresh()

    def _regression(self) -> bool:
        return self.picker.model is not None and self.picker.model.regression

    def _show_side(self) -> None:
        """Points and curves for a run that predicts numbers, drawings for any other."""
        regression = self._regression()
        self.panels.setVisible(not regression)
        self.twin.setVisible(regression)
        self.others.button.setVisible(not regression)
        self.quizzing.button.setVisible(not regression and self.picker.model is not None)
        self.head.set_muted(NUMBERS if regression else DRAWINGS)

    @Slot(bool)
    def _compact(self, compact: bool) -> None:
        self.support.set_compact(compact)
        self.quizzing.panel.set_compact(compact)
        self.answers.set_compact(compact)
        self.query.tools.set_compact(compact)
        self.loop.set_compact(compact)
