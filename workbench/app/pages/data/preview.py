"""A task of the present settings, as training or evaluation would draw it, or one of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from workbench.app.pages.data.curves import CurvePlot
from workbench.app.pages.data.list_bar import ListBar
from workbench.app.pages.data.sheet import TaskSheet
from workbench.app.theme import theme
from workbench.app.widgets import (
    Button,
    CheckBox,
    Combo,
    EmptyState,
    IconButton,
    IconLabel,
    IntBox,
    Label,
    Panel,
    ProblemBox,
)
from workbench.inquiries import TasksOpened
from workbench.protocol import Failed, TaskPreviewed

_BOXES = (("task.n_way", "Ways"), ("task.k_shot", "Shots"), ("task.queries", "Queries"))
_SPLITS = [("train", "Training"), ("validation", "Validation"), ("test", "Test")]
_WITHIN = "sampler.within_group"


class PreviewPanel(Panel):
    """Ways, shots and queries, and a task of that shape.

    Args:
        values: tells every dotted setting as it is now.

    Signals:
        changed(str, object): the person wants another value of that setting.
        wanted(str, int, str): a task of that split and number should be shown, or of that number of
            the list in a file.
        open_wanted(): the person wants to see the tasks of a list.
        keep_wanted(str): the person wants to keep tasks of that split.
        task_wanted(object): the person wants to keep this TaskPreviewed as a task file.
    """

    changed = Signal(str, object)
    wanted = Signal(str, int, str)
    open_wanted = Signal()
    keep_wanted = Signal(str)
    task_wanted = Signal(object)

    def __init__(
        self, values: Callable[[], Mapping[str, Any]], parent: QWidget | None = None
    ) -> None:
        super().__init__("Task preview", parent=parent)
        px = theme().px
        self._values = values
        self._index = 0
        self._task: TaskPreviewed | None = None
        self._list: TasksOpened | None = None
        self._build_head()
        self._shape = self._build_shape()
        self.bar = ListBar()
        self.bar.left.connect(self.leave_list)
        self.sheet = TaskSheet()
        self.plot = CurvePlot("Task")
        self.problem = ProblemBox()
        self._refused = QWidget()
        refused = QVBoxLayout(self._refused)
        refused.setContentsMargins(0, 0, 0, 0)
        refused.addWidget(self.problem)
        refused.addStretch(1)
        self._empty = EmptyState("dices", "")
        self._stack = QStackedLayout()
        for widget in (self._empty, self.sheet, self.plot, self._refused):
            self._stack.addWidget(widget)
        note = QHBoxLayout()
        note.setSpacing(px(6))
        self._note_icon = IconLabel("scan-eye", "muted")
        self._note = Label("", "caption", "muted", elide=True)
        note.addWidget(self._note_icon)
        note.addWidget(self._note, 1)
        self.body.addWidget(self._shape)
        self.body.addWidget(self.bar)
        self.body.addSpacing(px(4))
        self.body.addLayout(self._stack, 1)
        self.body.addLayout(note)
        self._build_footer()
        self._show_note("")
        self.refresh()

    def split(self) -> str:
        return self._split.value()

    def index(self) -> int:
        return self._index

    def open_list(self, tasks: TasksOpened, title: str) -> None:
        """Show the tasks of a list, which are of the data set of that title."""
        self._list, self._index, self._task = tasks, 0, None
        self.bar.show_list(tasks, title)
        self._empty.set("file-text", "The tasks of the list appear here.")
        self._stack.setCurrentIndex(0)
        self._show_note("")
        self._show_mode()
        self.ask()

    @Slot()
    def leave_list(self) -> None:
        """Draw tasks again."""
        if self._list is not None:
            self._list, self._index = None, 0
            self._show_mode()
            self.ask()

    def clear(self, coming: bool) -> None:
        """There is no data set to draw from; `coming`: it is being made ready."""
        words = "Choose a data set, and a task appears here."
        if self._list is not None:
            words = "Make the data set ready, and the tasks of the list appear here."
        coming_words = "A task appears here when the data set is ready."
        self._empty.set("dices", coming_words if coming else words)
        self._stack.setCurrentIndex(0)
        self._show_note("")

    @Slot()
    def sample_again(self) -> None:
        self._go(1)

    @Slot()
    def keep(self) -> None:
        """Want to keep these tasks, if there are any to keep; those of a list are in a file."""
        if self._list is not None:
            self.keep_task()
        elif self._stack.currentWidget() is self.sheet:
            self.keep_wanted.emit(self.split())

    @Slot()
    def keep_task(self) -> None:
        """Want to keep the one that is shown."""
        if self._stack.currentWidget() is self.sheet and self._task is not None:
            self.task_wanted.emit(self._task)

    @Slot()
    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        deeds = [("This task as a file…", self.keep_task)]
        if self._list is None:
            deeds.insert(0, ("These tasks as a list…", self.keep))
        for words, slot in deeds:
            menu.addAction(words).triggered.connect(slot)
        menu.popup(self._keep.mapToGlobal(self._keep.rect().bottomLeft()))

    def ask(self) -> None:
        """Want the present task again, since something about it has changed."""
        self.wanted.emit(self.split(), self._index, self._list.path if self._list else "")

    def show_task(self, task: TaskPreviewed) -> None:
        self._task = task
        self._show_place()
        if task.curve is not None:
            support = np.concatenate([task.support_x, task.support_y], axis=1)
            query = np.concatenate([task.query_x, task.query_y], axis=1)
            self.plot.set_curves([task.curve])
            self.plot.set_points(support, query)
            self._stack.setCurrentWidget(self.plot)
            self._show_note("Filled: support. Hollow: query. Line: the function itself.")
            return
        self.sheet.set_task(
            (task.support_x, task.support_y),
            (task.query_x, task.query_y),
            task.class_names,
            self._seed(),
        )
        self._stack.setCurrentWidget(self.sheet)
        high, wide = task.support_x.shape[-2:]
        twice = shared(task.support_x, task.query_x)
        words = "No image is in both." if not twice else f"{twice} images are in both."
        self._show_note(f"As the network sees them, {wide} × {high}. {words}")

    def show_failure(self, failed: Failed) -> None:
        if not failed.cancelled:
            self._show_place()
            self.problem.set(failed.message, failed.hint)
            self._stack.setCurrentWidget(self._refused)
            self._show_note("")

    def show_kind(self, kind: str, group: str) -> None:
        """Hide what has no meaning for this kind of data; `group` is what it calls its groups."""
        self.within.setText(f"Within one {group}")
        images = kind != "regression"
        self._keep.setVisible(images)
        self._open.setVisible(images)
        self.within.setVisible(images)
        self._pairs["task.n_way"].setVisible(images)

    @Slot()
    def refresh(self) -> None:
        """Show the settings as they are."""
        values = self._values()
        for key, box in self.boxes.items():
            value = values.get(self._key(key))
            if value is not None and value != box.value():
                box.set_value(value)
        blocked = self.within.blockSignals(True)
        # Not every way to choose tasks knows of groups, and a list has chosen.
        self.within.setVisible(_WITHIN in values and self._list is None)
        self.within.setChecked(bool(values.get(_WITHIN)))
        self.within.blockSignals(blocked)

    def _show_mode(self) -> None:
        """What a list has decided cannot be set."""
        drawn = self._list is None
        self.bar.setVisible(not drawn)
        for widget in (self._shape, self._again, self._split):
            widget.setVisible(drawn)
        self.within.setVisible(drawn and _WITHIN in self._values())
        self._show_place()

    def _show_place(self) -> None:
        of = "" if self._list is None else f" of {self._list.count:,}"
        self._number.setText(f"Task {self._index + 1:,}{of}")
        self._earlier.setEnabled(self._index > 0)
        self._later.setEnabled(self._list is None or self._index + 1 < self._list.count)

    def _build_head(self) -> None:
        self.within = CheckBox("Within one alphabet")
        self.within.toggled.connect(self._set_within)
        self.add_tool(self.within)
        self._open = IconButton("folder-open", "Open a list of tasks… (Ctrl+Shift+O)")
        self._open.clicked.connect(self.open_wanted)
        self.add_tool(self._open)
        self._keep = IconButton("save", "Save these tasks… (Ctrl+S)")
        self._keep.clicked.connect(self._open_menu)
        self.add_tool(self._keep)

    def _build_shape(self) -> QWidget:
        """Ways, shots and queries."""
        self.boxes: dict[str, IntBox] = {}
        self._pairs: dict[str, QWidget] = {}
        shape = QWidget()
        row = QHBoxLayout(shape)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(16))
        for key, words in _BOXES:
            box = IntBox(2 if key == "task.n_way" else 1, 1000, 5, name=words)
            box.setFixedWidth(theme().px(56))
            box.value_changed.connect(lambda value, key=key: self._set(key, value))
            self.boxes[key], self._pairs[key] = box, _labelled(words, box)
            row.addWidget(self._pairs[key])
        row.addStretch(1)
        return shape

    def _build_footer(self) -> None:
        row = self.footer()
        self._again = Button("Sample again", icon="dices")
        self._again.setToolTip("Sample again (N)")
        self._again.clicked.connect(self.sample_again)
        self._earlier = IconButton("chevron-left", "Earlier task")
        self._earlier.clicked.connect(lambda: self._go(-1))
        self._later = IconButton("chevron-right", "Next task")
        self._later.clicked.connect(lambda: self._go(1))
        self._number = Label("Task 1", "small", "text2")
        self._split = Combo(_SPLITS, "train", name="Tasks of")
        self._split.chosen.connect(self._split_chosen)
        for widget in (self._again, self._earlier, self._number, self._later):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._split)

    def _seed(self) -> tuple[int, ...]:
        """The address of the task that is shown."""
        if self._list is not None:
            return (self._index,)
        seed = self._values().get("training.seed" if self.split() == "train" else "evaluation.seed")
        return int(seed or 0), [key for key, _ in _SPLITS].index(self.split()), self._index

    def _go(self, step: int) -> None:
        last = self._list.count - 1 if self._list is not None else self._index + step
        self._index = min(max(0, self._index + step), last)
        self.ask()

    def _key(self, key: str) -> str:
        """The setting that decides the tasks that are shown: training may have one of its own."""
        own = key.replace("task.", "training.")
        mine = self.split() == "train" and self._values().get(own) is not None
        return own if mine else key

    @Slot(str)
    def _split_chosen(self, _split: str) -> None:
        self.refresh()
        self.ask()

    def _set(self, key: str, value: object) -> None:
        if value is not None:
            self.changed.emit(self._key(key), value)

    @Slot(bool)
    def _set_within(self, checked: bool) -> None:
        self.changed.emit(_WITHIN, checked)

    def _show_note(self, words: str) -> None:
        self._note.setText(words)
        self._note_icon.setVisible(bool(words))


def _labelled(words: str, box: IntBox) -> QWidget:
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme().px(6))
    label = Label(words, "small", "text2")
    label.setBuddy(box)
    row.addWidget(label)
    row.addWidget(box)
    return pair


def shared(support: NDArray[Any], query: NDArray[Any]) -> int:
    """How many images of one set are in the other too, pixel for pixel."""
    seen = {image.tobytes() for image in support}
    return sum(image.tobytes() in seen for image in query)
