"""The map of a data set's images: alike ones lie together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from workbench.app.pages.data.map_view import MapView
from workbench.app.pages.data.view import DataView, Group, as_pictures
from workbench.app.theme import theme
from workbench.app.widgets import Button, Combo, EmptyState, Label, ProgressLine
from workbench.inquiries import ImagesMapped

_METHODS = [("pca", "PCA"), ("tsne", "t-SNE")]


class MapPane(QWidget):
    """Whose images, laid out how, and the map.

    Signals:
        wanted(object, str): these classes' images by that method.
        gave_up(): the person no longer wants it.
        picked(int, int): the class and the number of the image that the person chose.
    """

    wanted = Signal(object, str)
    gave_up = Signal()
    picked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = theme().px
        self._view: DataView | None = None
        self._group: Group | None = None
        self._images: NDArray[np.int64] = np.zeros(0, np.int64)
        self._classes: NDArray[np.int64] = np.zeros(0, np.int64)
        self._key: tuple[object, ...] = ()
        self.map = MapView()
        self.map.picked.connect(self._picked)
        self.scope = Combo([("group", "This group"), ("all", "All groups")], "group", name="Of")
        self.method = Combo(_METHODS, "pca", name="Laid out by")
        self.colour = Combo([("class", "Class"), ("group", "Group")], "class", name="Coloured by")
        self.scope.setToolTip("Whose images")
        self.method.setToolTip("Laid out by principal components, or by t-SNE")
        self.colour.setToolTip("What a colour stands for")
        self.scope.chosen.connect(self._scope_chosen)
        self.method.chosen.connect(lambda _key: self.ask())
        self.colour.chosen.connect(lambda _key: self.map.set_kinds(self._kinds()))
        self._busy = QWidget()
        self._line = ProgressLine(name="Map")
        self._words = Label("", "small", "text2", elide=True)
        self.cancel = Button("Cancel", icon="x", small=True)
        self.cancel.clicked.connect(self._cancel)
        self._problem = EmptyState("grip", "")
        self._problem.acted.connect(self.ask)
        self._foot = Label("", "caption", "muted", elide=True)
        self._stack = QStackedLayout()
        for widget in (self.map, self._build_busy(), self._problem):
            self._stack.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        colour = Label("Colour", "small", "text2")
        colour.setBuddy(self.colour)
        for widget in (self.scope, self.method, colour, self.colour):
            row.addWidget(widget)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), 0, px(16), px(8))
        column.setSpacing(px(8))
        column.addLayout(row)
        column.addLayout(self._stack, 1)
        column.addWidget(self._foot)

    def show_group(self, view: DataView, group: Group) -> None:
        """The group that is looked at is another one."""
        words = view.words
        self.scope.set_items([("group", f"This {words.group}"), ("all", f"All {words.groups}")])
        self.colour.set_items(
            [("class", words.one.capitalize()), ("group", words.group.capitalize())]
        )
        single = len(view.groups) < 2
        for box in (self.scope, self.colour):
            box.setEnabled(not single)
        if view is not self._view:
            self._key = ()
        self._view, self._group = view, group
        if self.isVisible():
            self.ask()

    @Slot()
    def ask(self) -> None:
        """Want the map as it is set, unless it is shown already."""
        if self._view is None or self._group is None:
            return
        everything = self.scope.value() == "all"
        classes: Sequence[int] = (
            [n for group in self._view.groups for n in group.classes]
            if everything
            else self._group.classes
        )
        key = (tuple(classes), self.method.value())
        if key != self._key:
            self._key = key
            self._foot.setText("")
            self.wanted.emit(tuple(classes), self.method.value())

    def show_progress(self, done: int, total: int, text: str) -> None:
        self._line.set_fraction(done / total if total else None)
        self._words.setText(f"{text}…")
        self._stack.setCurrentIndex(1)

    def show_map(self, found: ImagesMapped) -> None:
        view = self._view
        if view is None:
            return
        self._images = found.images
        self._classes = np.searchsorted(view.bank.starts, found.images, "right") - 1
        images, classes = self._images, self._classes
        self.map.set_points(
            found.places,
            self._kinds(),
            lambda i: as_pictures(view.bank.images[images[i] : images[i] + 1])[0],
            lambda i: view.full_name(int(classes[i])),
        )
        self._stack.setCurrentIndex(0)
        self._foot.setText(
            f"{len(images):,} images. Rest the mouse on one to see it, click to find it."
        )

    def show_failure(self, message: str, hint: str) -> None:
        self._key = ()
        self._problem.set("circle-alert", f"{message} {hint}".strip())
        self._stack.setCurrentIndex(2)

    def _kinds(self) -> list[int]:
        view = self._view
        if view is None:
            return []
        if self.colour.value() == "class":
            _, kinds = np.unique(self._classes, return_inverse=True)
        else:
            groups = [view.bank.classes[number].group for number in self._classes.tolist()]
            _, kinds = np.unique(groups, return_inverse=True)
        return [int(kind) for kind in kinds]

    def _build_busy(self) -> QWidget:
        px = theme().px
        row = QHBoxLayout()
        row.setSpacing(px(12))
        words = QVBoxLayout()
        words.addWidget(self._words)
        words.addWidget(self._line)
        row.addStretch(1)
        row.addLayout(words, 2)
        row.addWidget(self.cancel)
        row.addStretch(1)
        column = QVBoxLayout(self._busy)
        column.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        return self._busy

    @Slot(str)
    def _scope_chosen(self, key: str) -> None:
        self.colour.set_value("group" if key == "all" else "class")
        self.ask()

    @Slot()
    def _cancel(self) -> None:
        self.gave_up.emit()
        if self.method.value() == "pca":  # nothing quicker is left
            self._key = ()
            self._problem.set("grip", "The map was not made.", "Make the map")
            self._stack.setCurrentIndex(2)
            return
        self.method.set_value("pca")
        self.ask()

    @Slot(int)
    def _picked(self, index: int) -> None:
        if self._view is not None:
            number = int(self._classes[index])
            self.picked.emit(number, int(self._images[index] - self._view.bank.starts[number]))
