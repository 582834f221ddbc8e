"""The Draw page: teach, ask, answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QHideEvent,
    QKeySequence,
    QPixmap,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)

from workbench.app.canvas import QUERY, Cell
from workbench.app.pages.draw.answer import Answer
from workbench.app.pages.draw.answers import AnswerPanel
from workbench.app.pages.draw.conversation import Conversation
from workbench.app.pages.draw.exports import Exports
from workbench.app.pages.draw.fill import Filler
from workbench.app.pages.draw.keeper import FILE, Keeper
from workbench.app.pages.draw.layout import Panels
from workbench.app.pages.draw.loop import LoopPanel
from workbench.app.pages.draw.map import EmbeddingMap
from workbench.app.pages.draw.missing import Missing, missing
from workbench.app.pages.draw.models import Model, Models
from workbench.app.pages.draw.others import Others
from workbench.app.pages.draw.picker import ModelPicker
from workbench.app.pages.draw.query import QueryPanel
from workbench.app.pages.draw.regression import RegressionTwin
from workbench.app.pages.draw.support import SupportPanel
from workbench.app.pages.draw.tasks import SUFFIX, TaskFiles
from workbench.app.widgets import Page, Panel
from workbench.protocol import Event, RunEnded, RunProgress, RunStarted

if TYPE_CHECKING:
    from workbench.app.context import Context

LOOK_MS = 2000  # runs may also be started in a terminal
PREVIEW_MS = 33
DRAWINGS = "Teach the model a few characters, then ask it about a new one"
NUMBERS = "Teach the model a function by a few of its points"


class DrawPage(Page):
    """Teach the model a few characters, ask it about a new one, see what it answers.

    Args:
        context: what the window shares; the drawing is kept in the store's folder.

    Attributes:
        desk: what is drawn.
        canvas: the paper.
        talk: what is asked and answered.
    """

    def __init__(self, context: Context) -> None:
        super().__init__("Draw", "pen-tool", DRAWINGS)
        self._context = context
        file = context.store.root / FILE
        self.desk = Keeper.load(file)
        self._moment: int | None = None  # None follows the last step
        self._told: Answer | None = None  # how long the hand waited for it
        self._missing = Missing("", "")
        self.picker = ModelPicker()
        self.support = SupportPanel(self.desk)
        self.query = QueryPanel(self.desk)
        self.canvas = self.query.canvas
        self.answers = AnswerPanel()
        self.map = EmbeddingMap()
        self.map_panel = Panel("Embedding map", "features after the inner loop", padding=0)
        self.map_panel.body.addWidget(self.map)
        self.loop = LoopPanel()
        self.panels = Panels(self.support, self.query, self.answers, self.map_panel, self.loop)
        self.twin = RegressionTwin(context.link)
        self.twin.hide()
        self.content.addWidget(self.panels)
        self.content.addWidget(self.twin)
        self._keeper = Keeper(self.desk, file, self)
        self.talk = Conversation(context.link, self.desk, self.picker, self._drawing, self)
        self.others = Others(self.talk, self.desk, self.picker, self.answers, self)
        self.head.add_action(self.others.button)
        self.head.add_action(self.picker)
        self._filler = Filler(context.link, self.desk, self)
        self.files = TaskFiles(self.desk, self)
        self.exports = Exports(self.panels, self._frames, self._figures, self)
        self._models = Models(context.store, context.catalogue, self)
        self._timers()
        self._connect()
        self._bind_keys()
        self.setAcceptDrops(True)
        self._refresh()

    # ---------------------------------------------------------------------------------- life

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
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
        self.talk.close()
        self.twin.close_view()
        self._keeper.save()
        self._models.close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panels.arrange(self.width(), self.height())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _task_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _task_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.files.open(path)

    # ------------------------------------------------------------------------------ wiring

    def _timers(self) -> None:
        self._look_timer = QTimer(self, interval=LOOK_MS)
        self._preview_timer = QTimer(self, singleShot=True, interval=PREVIEW_MS)
        self._look_timer.timeout.connect(self._models.refresh)
        self._preview_timer.timeout.connect(self._show_picture)

    def _connect(self) -> None:
        self.desk.listen(self._desk_changed)
        self._board = self.desk.board
        self.query.grew.connect(self._grew)
        self.support.fill_requested.connect(self._fill)
        self.answers.acted.connect(self._act_on_missing)
        self.answers.remedied.connect(self._remedy)
        self.answers.query_wanted.connect(lambda: self.desk.select(QUERY))
        self.loop.moment_chosen.connect(self._choose_moment)
        self.panels.compacted.connect(self._compact)
        self.picker.picked.connect(self._picked)
        self._models.listed.connect(self._list)
        self.talk.changed.connect(self._talked)
        self.talk.failed.connect(self._failed)
        self._filler.working.connect(self._filling)
        self._filler.failed.connect(self._failed)
        self.support.open_asked.connect(self.files.ask_open)
        self.support.save_asked.connect(self.files.ask_save)
        self.loop.export_asked.connect(lambda: self.exports.open_menu(self.loop.export))
        for writer in (self.files, self.exports):
            writer.done.connect(self._context.shell.undo_bar.say)
            writer.failed.connect(self._file_failed)
        self._keeper.failed.connect(lambda text: self._context.shell.add_message(text, "warn"))
        self._context.link.event.connect(self._hear)
        self._context.link.state_changed.connect(self._engine_changed)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._keeper.save)

    def _bind_keys(self) -> None:
        self.query.bind_keys(self.panels)  # the other side has keys of its own
        for keys, by in (("Ctrl+Left", -1), ("Ctrl+Right", 1)):
            QShortcut(QKeySequence(keys), self, lambda by=by: self._move_moment(by))
        shell = self._context.shell
        for words, keys, icon, deed in (
            ("Open a task", "Ctrl+O", "folder-open", self.files.ask_open),
            ("Save the drawing as a task", "Ctrl+S", "save", self.files.ask_save),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(deed)
            shell.add_command(words, deed, keys, icon=icon)

    @Slot(str, str)
    def _file_failed(self, message: str, hint: str) -> None:
        self._context.shell.add_message(message, "bad", hint)
        self._context.shell.undo_bar.say(message)

    # --------------------------------------------------------------------------------- runs

    @Slot(object)
    def _list(self, models: list[Model]) -> None:
        self.picker.show_models(models)
        self.others.show_models(models)
        self._refresh()

    @Slot()
    def _picked(self) -> None:
        self.talk.begin()
        self.others.begin()
        if self.picker.model is not None and self._regression():
            self.twin.show_model(self.picker.run, self.picker.model)

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

    # ------------------------------------------------------------------------------ drawing

    def _desk_changed(self) -> None:
        if self.desk.board is self._board:
            self._refresh()
            return
        self._board = self.desk.board
        self.talk.ask(waiting=True)

    @Slot()
    def _grew(self) -> None:
        self.talk.hold()
        if not self._preview_timer.isActive():
            self._preview_timer.start()

    @Slot()
    def _show_picture(self) -> None:
        """What the network would be given now, the stroke being drawn included."""
        sheet = self.desk.board.query
        live = self.canvas.live
        if live is not None and self.desk.selected == QUERY:
            sheet = sheet.with_stroke(live)
        size = self._size()
        self.answers.show_picture(sheet.pixels(size, self.desk.board.pen_width), size)

    def _size(self) -> int:
        model = self.picker.model
        return model.size if model is not None else 28

    def _drawing(self) -> bool:
        return self.canvas.live is not None

    # ---------------------------------------------------------------------------- answering

    @property
    def answer(self) -> Answer | None:
        """What is shown now, None while there is nothing."""
        return self.talk.answer

    @Slot()
    def _talked(self) -> None:
        answer = self.answer
        if answer is not None:
            self.answers.show_problem("")
        self._refresh()
        if answer is not None and answer is not self._told and answer.asked:
            passed = 1000 * (time.perf_counter() - answer.asked)
            took = f"{passed:.0f} ms" if passed < 1000 else f"{passed / 1000:.1f} s"
            self.query.say(f"Answered {took} after the last stroke")
        self._told = answer

    def _show_answer(self) -> None:
        answer, board, model = self.answer, self.desk.board, self.picker.model
        if answer is None or model is None:
            return
        moment = answer.last if self._moment is None else min(self._moment, answer.last)
        names = [card.name for card in board.classes]
        self.answers.show_answer(answer, board, moment)
        self.loop.show_answer(answer, names, moment, model.training_steps)
        self.map.show_answer(answer, board)
        self.panels.set_has_map(answer.support_map is not None)
        title = f"{model.title}, untrained" if self.picker.untrained else model.title
        row, share = answer.best(moment)
        self.answers.show_own(title, self._how(answer), (row, names[row], share))

    def _how(self, answer: Answer) -> str:
        model = self.picker.model
        if model is not None and model.training and not self.picker.untrained:
            return f"training, step {answer.step:,}"
        return f"step {answer.step:,}" if answer.step else "before training"

    @Slot(str, str)
    def _failed(self, message: str, hint: str) -> None:
        remedy = ""
        model, drawn = self.picker.model, len(self.desk.board.drawn_rows)
        if self._context.link.state == "stopped":
            remedy = "Restart the engine"
        elif model is not None and self.talk.most is None and drawn > model.n_way:
            remedy = f"Ask with the first {model.n_way}"
        self.answers.show_problem(message, hint, remedy)
        self._refresh()

    @Slot()
    def _remedy(self) -> None:
        self.answers.show_problem("")
        model = self.picker.model
        if self._context.link.state == "stopped":
            self._context.link.restart()
        elif model is not None:
            self.talk.most = model.n_way
        self.talk.ask(waiting=False)

    # ------------------------------------------------------------------------ what is shown

    def _refresh(self) -> None:
        """Show what is missing for an answer, or keep the answer."""
        self._show_side()
        self._show_picture()
        if self.answer is not None:
            self._show_answer()
            return
        self._missing = missing(self.desk.board, self.picker.model, self._context.link.state)
        self.answers.show_missing(self._missing.icon, self._missing.sentence, self._missing.button)
        model = self.picker.model
        self.loop.show_answer(None, (), 0, 0 if model is None else model.training_steps)
        self.map.show_answer(None, self.desk.board)
        self.query.say("")

    def _regression(self) -> bool:
        return self.picker.model is not None and self.picker.model.regression

    def _show_side(self) -> None:
        """Points and curves for a run that predicts numbers, drawings for any other."""
        regression = self._regression()
        self.panels.setVisible(not regression)
        self.twin.setVisible(regression)
        self.others.button.setVisible(not regression)
        self.head.set_muted(NUMBERS if regression else DRAWINGS)

    @Slot()
    def _act_on_missing(self) -> None:
        if self._missing.button == "Train a model":
            self._context.shell.show_page("Train")
        elif self._missing.button == "Draw the query":
            self.desk.select(QUERY)
        else:
            self._fill(1, None)

    @Slot(int, object)
    def _fill(self, shots: int, cell: Cell | None) -> None:
        model = self.picker.model
        values = model.values if model is not None else self._context.draft.values
        if cell is None:
            self._filler.fill(values, shots)
        else:
            self._filler.fill_cell(values, cell)

    @Slot(str)
    def _filling(self, text: str) -> None:
        self.support.set_busy(text)

    @Slot(int)
    def _choose_moment(self, moment: int) -> None:
        last = self.answer.last if self.answer is not None else 0
        self._moment = None if moment >= last else moment
        self._show_answer()

    def _frames(self) -> Iterator[QPixmap]:
        """The panels at each known inner step; then they are as before."""
        before = self._moment
        for moment in range(self.answer.last + 1 if self.answer is not None else 0):
            self._choose_moment(moment)
            yield self.panels.grab()
        self._moment = before
        self._show_answer()

    def _figures(self) -> tuple[Answer | None, list[str]]:
        return self.answer, [card.name for card in self.desk.board.classes]

    def _move_moment(self, by: int) -> None:
        if self.answer is not None:
            now = self.answer.last if self._moment is None else min(self._moment, self.answer.last)
            self._choose_moment(min(max(now + by, 0), self.answer.last))

    @Slot(bool)
    def _compact(self, compact: bool) -> None:
        self.support.set_compact(compact)
        self.answers.set_compact(compact)
        self.query.tools.set_compact(compact)
        self.loop.set_compact(compact)


def _task_file(event: QDropEvent) -> Path | None:
    """The task file that is dragged, if it is one."""
    urls = event.mimeData().urls()
    one = len(urls) == 1 and urls[0].isLocalFile()
    path = Path(urls[0].toLocalFile()) if one else None
    return path if path is not None and path.suffix == SUFFIX else None
