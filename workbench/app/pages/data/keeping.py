"""Keeps the tasks of the preview as a list, for every algorithm to be scored on, and opens one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.theme import theme
from workbench.app.widgets import Button, IntBox, Label
from workbench.errors import DataError
from workbench.inquiries import OpenTasks, SaveTasks, TasksOpened, TasksSaved
from workbench.protocol import Event, Failed, TaskPreviewed

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink
    from workbench.app.pages.data.sets import DataSets

SUFFIX = ".json"
TASK = ".fewshot"
_TASKS = f"Few-shot tasks (*{TASK});;All files (*)"
_KINDS = f"Lists of tasks (*{SUFFIX});;All files (*)"
MOST = 100_000
_WORDS = {"train": "training"}


class TaskLists(QObject):
    """Asks how many and where, and has them written, or read again.

    Signals:
        done(str): what was done, in words.
        opened(object): a TasksOpened: what was read.
        failed(str, str): message and hint.
    """

    done = Signal(str)
    opened = Signal(object)
    failed = Signal(str, str)

    def __init__(self, link: EngineLink, sets: DataSets, parent: QWidget) -> None:
        super().__init__(parent)
        self._link, self._sets, self._parent = link, sets, parent
        self._folder = str(Path.home())
        self._opening = 0

    def ask(self, split: str) -> None:
        """Ask how many of a split's tasks to keep."""
        count = int(self._sets.effective().get("evaluation.tasks") or 600)
        dialog = SaveDialog(split, count, self._parent)
        dialog.wanted.connect(lambda number: self._ask_where(split, number))
        dialog.open()

    def save(self, split: str, count: int, path: Path) -> None:
        """Write the first tasks of a split; a name without an ending gets one."""
        path = path if path.suffix else path.with_suffix(SUFFIX)
        self._folder = str(path.parent)
        self._link.request(
            SaveTasks,
            self._answered,
            values=self._sets.preview_values(),
            split=split,
            count=count,
            path=str(path),
        )

    @Slot()
    def ask_open(self) -> None:
        """Ask which list to show the tasks of."""
        found, _ = QFileDialog.getOpenFileName(
            self._parent, "Open a list of tasks", self._folder, _KINDS
        )
        if found:
            self.open(Path(found))

    def open(self, path: Path) -> None:
        """Read a list."""
        self._folder = str(path.parent)
        self._opening = self._link.request(OpenTasks, self._read, path=str(path))

    def ask_task(self, task: TaskPreviewed) -> None:
        """Ask where to keep one task as a file that the Draw page opens."""
        dialog = QFileDialog(
            self._parent, "Save this task", str(Path(self._folder) / f"task{TASK}"), _TASKS
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(TASK)
        if dialog.exec() and dialog.selectedFiles():
            self.save_task(task, Path(dialog.selectedFiles()[0]))
        dialog.deleteLater()

    def save_task(self, task: TaskPreviewed, path: Path) -> None:
        """Write one task; a name without the ending gets it."""
        from workbench.taskfile import of_arrays, save_task  # the library of images loads then

        path = path if path.suffix == TASK else path.with_name(path.name + TASK)
        self._folder = str(path.parent)
        try:
            support: Any = (task.support_x, task.support_y)  # of images: uint8, and class numbers
            query: Any = (task.query_x, task.query_y)
            save_task(of_arrays(task.class_names, support, query), path)
        except DataError as error:
            self.failed.emit(error.message, error.hint)
            return
        self.done.emit(f"The task is in {path}")

    def _ask_where(self, split: str, count: int) -> None:
        name = f"{self._sets.current}-{split}-{count}{SUFFIX}"
        dialog = QFileDialog(
            self._parent, "Save these tasks", str(Path(self._folder) / name), _KINDS
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX)
        if dialog.exec() and dialog.selectedFiles():
            self.save(split, count, Path(dialog.selectedFiles()[0]))
        dialog.deleteLater()

    def _read(self, event: Event) -> None:
        if event.request != self._opening:
            return  # another one was chosen meanwhile
        if isinstance(event, TasksOpened):
            self.opened.emit(event)
        else:
            self._answered(event)

    def _answered(self, event: Event) -> None:
        if isinstance(event, TasksSaved):
            self.done.emit(f"{event.count:,} tasks are in {event.path}")
        elif isinstance(event, Failed) and not event.cancelled:
            self.failed.emit(event.message, event.hint)


class SaveDialog(QDialog):
    """How many tasks to keep.

    Signals:
        wanted(int): the person wants so many.
    """

    wanted = Signal(int)

    def __init__(self, split: str, count: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save these tasks")
        px = theme().px
        self.count = IntBox(1, MOST, count, name="Tasks")
        self.count.setFixedWidth(px(96))
        label = Label("Tasks", "body", "text2")
        label.setBuddy(self.count)
        words = Label(
            f"The first {_WORDS.get(split, split)} tasks, as they are drawn with these settings:"
            " which classes and images, in which half, how turned. Any run on these data can be"
            " scored on them.",
            "small",
            "text2",
            wrap=True,
        )
        self.save = Button("Save as…", icon="save", kind="filled")
        self.save.setDefault(True)
        self.save.clicked.connect(self._accepted)
        cancel = Button("Cancel")
        cancel.clicked.connect(self.reject)
        form = QGridLayout()
        form.addWidget(label, 0, 0)
        form.addWidget(self.count, 0, 1)
        form.setColumnStretch(2, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(16))
        column.addWidget(words)
        column.addLayout(form)
        column.addLayout(buttons)
        self.setFixedWidth(px(400))
        self.finished.connect(self.deleteLater)

    @Slot()
    def _accepted(self) -> None:
        number = self.count.value()
        if number is not None and not self.count.problem():
            self.accept()
            self.wanted.emit(int(number))
