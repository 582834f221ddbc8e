"""The characters of one alphabet, and the drawers of one character."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from workbench.app.pages.data.about import About
from workbench.app.pages.data.mapping import MapPane
from workbench.app.pages.data.one_class import OneClass
from workbench.app.pages.data.view import DataView, Group
from workbench.app.theme import theme
from workbench.app.widgets import (
    EmptyState,
    IconButton,
    IntBox,
    Label,
    Panel,
    Rule,
    Segmented,
    ThumbnailGrid,
)
from workbench.schema.nouns import plural
from workbench.schema.rows import Option

TILES = (36, 48, 64, 80, 105)
SMALLEST_FIT = 2  # of them: below that one rather scrolls


class BrowsePanel(Panel):
    """Above the characters as one drawer wrote them, or their means; below one character by every
    drawer.

    Signals:
        fetch_requested(): nothing is here yet, and the person pressed the button that brings it.
    """

    fetch_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Classes", padding=0, parent=parent)
        self._view: DataView | None = None
        self._group: Group | None = None
        self._size, self._zoomed = SMALLEST_FIT, False
        self._smaller = IconButton("zoom-out", "Smaller")
        self._larger = IconButton("zoom-in", "Larger")
        self._smaller.clicked.connect(lambda: self._zoom(-1))
        self._larger.clicked.connect(lambda: self._zoom(1))
        self.add_tool(self._smaller)
        self.add_tool(self._larger)
        modes = [("drawer", "Characters"), ("mean", "Mean image"), ("map", "Map")]
        self.mode = Segmented(modes, name="Show")
        self.mode.changed.connect(self._refill)
        self.drawer = IntBox(1, 20, 1, name="Drawer")
        self.drawer.setFixedWidth(theme().px(72))
        self.drawer.value_changed.connect(self._refill)
        self._drawer_label = Label("Drawer", "small", "text2")
        self._drawer_label.setBuddy(self.drawer)
        self.grid = ThumbnailGrid(TILES[self._size], name="Classes")
        self.grid.current_changed.connect(self._show_one)
        self.map = MapPane()
        self.one = OneClass()
        self.one.drawers.current_changed.connect(self._pick_drawer)
        self.empty = EmptyState("database", "")
        self.empty.acted.connect(self.fetch_requested)
        self.about = About()
        self.about_button = IconButton("info", "About this data set", checkable=True)
        self.about_button.toggled.connect(self._show_about)
        self.add_tool(self.about_button)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._build_first())
        self._stack.addWidget(self._build())
        self.body.addLayout(self._stack, 1)

    def set_option(self, option: Option) -> None:
        """Tell of another data set."""
        self.about.show_option(option)
        self.about_button.setChecked(False)

    def set_empty(self, icon: str, sentence: str, button: str = "") -> None:
        """Say what belongs here."""
        self.about_button.setVisible(False)
        self.empty.show()
        self.set_title("Classes")
        self.set_muted("")
        self.empty.set(icon, sentence, button)
        self._stack.setCurrentIndex(0)
        self._show_tools(False)

    def show_group(self, view: DataView, group: Group) -> None:
        """Show an alphabet."""
        news = self._group is None or self._group.name != group.name or self._view is not view
        self._view, self._group = view, group
        self.about_button.setVisible(True)
        self._stack.setCurrentIndex(0 if self.about_button.isChecked() else 1)
        self._show_tools(True)
        words, (colours, high, wide) = view.words, view.bank.image_shape
        count, colour = len(group.classes), colours > 1
        drawers = len(view.images(group.classes[0]))
        images = f"{drawers} {plural(words.image) if drawers != 1 else words.image}"
        self._drawer_label.setText(words.image.capitalize())
        self.drawer.setAccessibleName(words.image.capitalize())
        self.mode.set_words("drawer", words.many.capitalize())
        self.set_title(group.name)
        self.set_muted(
            f"{words.count(count)} × {images} · {wide} × {high}, {'colour' if colour else 'grey'}"
        )
        self.drawer.set_range(1, view.drawers())
        self._refill()
        self._fit()
        if news:
            self.grid.verticalScrollBar().setValue(0)
            self.grid.set_current(-1)
            self.grid.set_current(0)
        else:
            self._show_one(self.grid.current())

    def choose(self, number: int, image: int) -> None:
        """Make a class of the shown group current, and one of its images."""
        if self._group is not None and number in self._group.classes:
            self.grid.set_current(self._group.classes.index(number))
            self.one.drawers.set_current(image)

    def _build_first(self) -> QWidget:
        """What is shown while nothing is here: what belongs here, and what is known of it."""
        px = theme().px
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(24))
        column.addWidget(self.empty, 1)
        column.addWidget(self.about)
        column.addStretch(1)
        return whole

    @Slot(bool)
    def _show_about(self, shown: bool) -> None:
        self.empty.setVisible(not shown)
        self._stack.setCurrentIndex(0 if shown else 1)

    def _build(self) -> QWidget:
        px = theme().px
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, px(12), 0, 0)
        column.setSpacing(px(8))
        row = QHBoxLayout()
        row.setContentsMargins(px(16), 0, px(16), 0)
        row.addWidget(self.mode)
        row.addStretch(1)
        row.addWidget(self._drawer_label)
        row.addWidget(self.drawer)
        column.addLayout(row)
        tiles = QWidget()
        holder = QHBoxLayout(tiles)
        holder.setContentsMargins(px(16), px(4), px(4), 0)
        holder.addWidget(self.grid)
        self._upper = QStackedLayout()
        self._upper.addWidget(tiles)
        self._upper.addWidget(self.map)
        column.addLayout(self._upper, 1)
        column.addWidget(Rule())
        column.addWidget(self.one)
        return whole

    def _show_tools(self, shown: bool) -> None:
        self._smaller.setVisible(shown)
        self._larger.setVisible(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The largest tiles that show the whole alphabet, until the person chooses a size."""
        if self._zoomed or self._group is None:
            return
        count = len(self._group.classes)
        for size in range(len(TILES) - 1, SMALLEST_FIT - 1, -1):
            self._set_size(size)
            rows = -(-count // self.grid.columns())
            if self.grid.height_for(rows) <= self.grid.viewport().height():
                break

    def _zoom(self, step: int) -> None:
        self._zoomed = True
        self._set_size(min(max(self._size + step, 0), len(TILES) - 1))

    def _set_size(self, size: int) -> None:
        self._size = size
        self.grid.set_tile(TILES[self._size])
        self._smaller.setEnabled(self._size > 0)
        self._larger.setEnabled(self._size < len(TILES) - 1)

    @Slot()
    def _refill(self) -> None:
        view, group = self._view, self._group
        if view is None or group is None:
            return
        mean, mapped = self.mode.value() == "mean", self.mode.value() == "map"
        self.drawer.setEnabled(not mean)
        for widget in (self.drawer, self._drawer_label):
            widget.setVisible(not mapped)
        self._show_tools(not mapped)
        self._upper.setCurrentIndex(int(mapped))
        drawer = int(self.drawer.value() or 1) - 1
        classes = group.classes
        self.grid.set_source(
            len(classes),
            (lambda i: view.mean(classes[i]))
            if mean
            else (lambda i: view.image(classes[i], drawer)),
            lambda i: short_name(view.name(classes[i])),
        )
        self.one.drawers.set_current(drawer)
        if mapped:
            self.map.show_group(view, group)
            self.map.ask()

    @Slot(int)
    def _show_one(self, index: int) -> None:
        if self._view is None or self._group is None or not 0 <= index < len(self._group.classes):
            return
        self.one.show_class(self._view, self._group, self._group.classes[index])
        self.one.drawers.set_current(int(self.drawer.value() or 1) - 1)

    @Slot(int)
    def _pick_drawer(self, index: int) -> None:
        if index >= 0 and index + 1 != self.drawer.value():
            self.drawer.set_value(index + 1)
            self._refill()


def short_name(name: str) -> str:
    """The number at the end of a character's name, where there is one.

    >>> short_name("character06"), short_name("alpha")
    ('06', 'alpha')
    """
    found = re.fullmatch(r"character[ _]?(\d+)", name, re.IGNORECASE)
    return found.group(1) if found else name
