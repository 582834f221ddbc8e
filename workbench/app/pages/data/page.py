"""The Data page: choose a set on top, understand it in the middle, see the tasks it makes on the
right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.app.pages.data.balance import BalancePlot, Bar
from workbench.app.pages.data.browse import BrowsePanel
from workbench.app.pages.data.card import DatasetCard
from workbench.app.pages.data.functions import FunctionsPanel
from workbench.app.pages.data.groups import GroupsPanel
from workbench.app.pages.data.preview import PreviewPanel
from workbench.app.pages.data.sets import DataSets
from workbench.app.pages.data.source import SourceBar
from workbench.app.pages.data.split import SplitPanel
from workbench.app.pages.data.tasks import Tasks
from workbench.app.pages.data.view import SPLIT_SERIES, Group
from workbench.app.theme import theme
from workbench.app.widgets import Button, Label, Page, Panel, Segmented, Splitter

if TYPE_CHECKING:
    from workbench.app.context import Context

FOLDED_WIDTH, FOLDED_HEIGHT = 1200, 800
"""Smaller page areas fold the cards to one line and the split to a tab."""


class DataPage(Page):
    """Signals: none; it writes the draft, and asks the worker for data and tasks."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("Data", "database", "Choose what tasks are made of", parent)
        self._context = context
        self.sets = DataSets(context.link, context.catalogue, context.draft, self)
        self.sets.changed.connect(self._show_state)
        self.sets.opened.connect(self._show_data)
        self.cards: dict[str, DatasetCard] = {}
        self.source = SourceBar()
        self.groups = GroupsPanel()
        self.split = SplitPanel()
        self.browse = BrowsePanel()
        self.functions = FunctionsPanel()
        self.balance = BalancePlot()
        self.preview = PreviewPanel(self.sets.effective)
        self.tasks = Tasks(context.link, self.sets, self)
        self._folded: bool | None = None
        self._stale = False
        self._build_head()
        self._build_catalogue()
        self._build_panels()
        self._connect()
        self.setAcceptDrops(True)
        self._choose(self.sets.current)
        self.sets.prepare_quick()

    # ------------------------------------------------------------------------------------- building

    def _build_head(self) -> None:
        self.choose_file = Button("Import…", icon="folder-input")
        self.choose_file.setToolTip("Open a zip or a folder of images (Ctrl+O)")
        self.choose_file.clicked.connect(self._import)
        self.use = Button("Use for training", icon="arrow-right", kind="filled")
        self.use.clicked.connect(self.use_for_training)
        self.head.add_action(self.choose_file)
        self.head.add_action(self.use)

    def _build_catalogue(self) -> None:
        px = theme().px
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(Label("Data sets", "strong"))
        count = len(self.sets.all)
        self._count = Label(f"{count} in the catalogue", "small", "muted")
        line.addWidget(self._count, 1)
        row = QHBoxLayout()
        row.setSpacing(px(16))
        for name, shown in self.sets.all.items():
            card = DatasetCard(name, shown.option.title)
            card.clicked.connect(lambda _checked=False, name=name: self._choose(name))
            self.cards[name] = card
            row.addWidget(card)
        row.addStretch(1)
        top = QVBoxLayout()
        top.setSpacing(px(8))
        top.addLayout(line)
        top.addLayout(row)
        self.content.addLayout(top)
        self.content.addWidget(self.source)

    def _build_panels(self) -> None:
        self._left = Splitter("vertical", "data-left")
        self._left.add(self.groups, 1)
        self._left.add(self.split, 0)
        self.tab = Segmented([("groups", "Groups"), ("split", "Split")], name="Left panel")
        self.tab.changed.connect(self._fold_left)
        self.tab.hide()
        self._left_whole = QWidget()
        left = QVBoxLayout(self._left_whole)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(theme().px(8))
        left.addWidget(self.tab)
        left.addWidget(self._left, 1)
        self._middle = QStackedWidget()
        self._middle.addWidget(self.browse)
        self._middle.addWidget(self.functions)
        self._balance_panel = Panel("Balance", padding=8)
        self._balance_panel.body.addWidget(self.balance, 1)
        self._right = Splitter("vertical", "data-right")
        self._right.add(self._balance_panel, 0)
        self._right.add(self.preview, 1)
        whole = Splitter("horizontal", "data")
        whole.add(self._left_whole, 0)
        whole.add(self._middle, 1)
        whole.add(self._right, 0)
        px = theme().px
        self._left_whole.setMinimumWidth(px(248))
        self._right.setMinimumWidth(px(360))
        whole.setSizes([px(272), px(620), px(404)])
        self._right.setSizes([px(216), px(440)])
        self.content.addWidget(whole, 1)

    def _connect(self) -> None:
        self.groups.chosen.connect(self._show_group)
        self.balance.picked.connect(self.groups.choose)
        self.split.rotations_chosen.connect(self._set_rotations)
        self.functions.ranges.changed.connect(self._set_data)
        self.preview.wanted.connect(self.tasks.ask)
        self.tasks.came.connect(self.preview.show_task)
        self.tasks.failed.connect(self.preview.show_failure)
        self.tasks.function_came.connect(self._function_came)
        self.preview.changed.connect(self._set)
        self.source.path_chosen.connect(self._open_path)
        self.source.download_requested.connect(self._download)
        self.source.cancelled.connect(self.sets.cancel)
        self.source.retried.connect(self.sets.prepare)
        self.browse.fetch_requested.connect(self._import)
        for keys, slot in (
            ("N", self.preview.sample_again),
            ("Ctrl+O", self._import),
            ("Ctrl+F", self.groups.search.setFocus),
        ):
            # A letter is a key only while nobody types elsewhere in the window.
            context = Qt.ShortcutContext.WidgetWithChildrenShortcut
            QShortcut(QKeySequence(keys), self, slot, context=context)
        self._context.draft.changed.connect(self._follow_draft)

    # ------------------------------------------------------------------------------- what is chosen

    @Slot()
    def use_for_training(self) -> None:
        """Make the shown data set the draft's, and go on to Train."""
        self.sets.use()
        self._show_state()
        self._context.shell.show_page("Train")

    def _choose(self, name: str) -> None:
        self.functions.ranges.settle()  # what is being edited belongs to the one shown before
        self.sets.choose(name)
        self.cards[name].setChecked(True)
        shown = self.sets.shown
        if shown.ready is None and not shown.busy and shown.can_prepare:
            self.sets.prepare()
        self._show_data()

    @Slot()
    def _import(self) -> None:
        name = self.sets.reader_of()
        if name:
            self._choose(name)
            self.source.ask_for_file()

    @Slot(str)
    def _open_path(self, path: str) -> None:
        self.sets.set_path(path)
        self._show_state()
        self.sets.prepare()

    @Slot()
    def _download(self) -> None:
        self.sets.prepare()

    @Slot(bool)
    def _set_rotations(self, on: bool) -> None:
        self._set_data({"dataset.rotations": on})

    @Slot(object)
    def _set_data(self, values: dict[str, object]) -> None:
        for key, value in values.items():
            self.sets.set(key, value)
        self.sets.prepare()

    @Slot(str, object)
    def _set(self, key: str, value: object) -> None:
        self.sets.set(key, value)
        if not self.sets.used:  # else the draft says so
            self._follow_draft()

    # --------------------------------------------------------------------------------- what is
    # shown

    @Slot()
    def _show_state(self) -> None:
        """Cards, source row, buttons: everything that says how far things are."""
        for name, card in self.cards.items():
            shown = self.sets.all[name]
            card.set_lines(*shown.lines())
            card.set_state(*shown.state())
            if shown.pictures:
                card.set_pictures(shown.pictures)
            if shown.curves:
                card.set_curves(shown.curves)
        shown = self.sets.shown
        self.source.show_path(shown.asks_path, shown.option.title, shown.path, shown.can_download)
        if shown.busy:
            self.source.show_progress(*shown.progress)
        elif shown.failed is not None:
            self.source.show_failure(shown.failed)
        else:
            self.source.show_done()
        if shown.view is None:
            self.browse.set_empty(*shown.empty_words())
        self.use.set_enabled_because("" if shown.ready else "Make the data set ready first.")
        self.use.setToolTip(
            "Training uses it already; go to Train"
            if self.sets.used and shown.ready
            else self.use.toolTip()
        )

    @Slot()
    def _show_data(self) -> None:
        """The panels, for the data set that is shown."""
        shown = self.sets.shown
        regression = shown.option.kind == "regression"
        self._middle.setCurrentWidget(self.functions if regression else self.browse)
        self._left_whole.setVisible(not regression)
        self._balance_panel.setVisible(not regression)
        self.preview.show_kind(shown.option.kind, shown.words.group)
        self.preview.refresh()
        if regression:
            self.functions.ranges.show_settings(shown.rows, shown.values)
        self.groups.set_view(shown.view)
        self.split.set_view(shown.view if shown.ready else None)  # a part has no sides
        rotations = shown.value("rotations")
        self.split.set_rotations(None if rotations is None else bool(rotations))
        if shown.view is not None:
            bars = [Bar(g.name, len(g.classes), SPLIT_SERIES[g.split]) for g in shown.view.groups]
            self.balance.set_bars(bars)
            words = shown.view.words
            self._balance_panel.set_muted(f"{words.many} per {words.group}")
            self.tab.set_words("groups", words.groups.capitalize())
        else:
            self.balance.set_bars([])
        self._show_state()
        if shown.ready is None:
            self.preview.clear(coming=shown.busy)
            return
        for note in shown.ready.notes:
            self._context.shell.add_message(f"{shown.option.title}: {note}", "info")
        if regression:
            self._show_functions()
        self.preview.ask()

    @Slot(object)
    def _show_group(self, group: Group) -> None:
        view = self.sets.shown.view
        if view is not None:
            self.browse.show_group(view, group)
            self.balance.set_chosen(group.name)

    # --------------------------------------------------------------------------------------
    # previews

    def _show_functions(self) -> None:
        shown = self.sets.shown
        self.functions.show_family(shown.option.title, shown.option.summary)
        self.functions.begin()
        self.tasks.ask_functions(FunctionsPanel.CURVES)

    @Slot(object)
    def _function_came(self, curve: NDArray[np.float32]) -> None:
        self.functions.add(curve)
        self.sets.all[self.sets.current].add_curve(curve)
        self._show_state()

    @Slot()
    def _follow_draft(self) -> None:
        self._stale = not self.isVisible()  # what is set on Train is looked at when one comes back
        if not self._stale:
            self.preview.refresh()
            self.preview.ask()

    # --------------------------------------------------------------------------------------------
    # Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _local_path(event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _local_path(event.mimeData().urls())
        name = self.sets.reader_of(path)
        if path and name:
            event.acceptProposedAction()
            self._choose(name)
            self._open_path(path)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._follow_draft()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        percent = theme().scale / 100
        folded = self.width() < FOLDED_WIDTH * percent or self.height() < FOLDED_HEIGHT * percent
        if folded != self._folded:
            self._folded = folded
            for card in self.cards.values():
                card.set_folded(folded)
            self.tab.setVisible(folded)
            self.groups.head.setVisible(not folded)  # the tab says it already
            self._right.setSizes([theme().px(152 if folded else 216), theme().px(440)])
            self._fold_left(self.tab.value())

    @Slot(str)
    def _fold_left(self, which: str) -> None:
        folded = bool(self._folded)
        self.groups.setVisible(not folded or which == "groups")
        self.split.setVisible(not folded or which == "split")

    def close_page(self) -> None:
        """Give up what runs in the background."""
        self.split.stop()


def _local_path(urls: list[QUrl]) -> str:
    return urls[0].toLocalFile() if len(urls) == 1 and urls[0].isLocalFile() else ""
