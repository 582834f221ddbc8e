"""The Data page: choose a set on top, understand it in the middle, see the tasks it makes on the
right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from workbench.app.pages.data.balance import BalancePlot
from workbench.app.pages.data.browse import BrowsePanel
from workbench.app.pages.data.conversation import Conversation
from workbench.app.pages.data.dressing import Dressing
from workbench.app.pages.data.functions import FunctionsPanel
from workbench.app.pages.data.groups import GroupsPanel
from workbench.app.pages.data.keeping import SUFFIX as LIST
from workbench.app.pages.data.keeping import TASK
from workbench.app.pages.data.obtaining import Obtaining
from workbench.app.pages.data.panels import Panels
from workbench.app.pages.data.preview import PreviewPanel
from workbench.app.pages.data.sets import DataSets
from workbench.app.pages.data.source import SourceBar
from workbench.app.pages.data.split import SplitPanel
from workbench.app.pages.data.strip import CatalogueStrip
from workbench.app.pages.data.view import Group
from workbench.app.theme import theme
from workbench.app.widgets import Button, Page
from workbench.inquiries import TasksOpened

if TYPE_CHECKING:
    from workbench.app.context import Context

FOLDED_WIDTH, FOLDED_HEIGHT = 1200, 800
"""Smaller page areas fold the cards to one line and the split to a tab."""


class DataPage(Page):
    """Writes the draft, and asks the worker for data and tasks.

    Signals:
        task_dropped(object): the path of a task file, which the Draw page opens.
    """

    task_dropped = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("Data", "database", "Choose what tasks are made of", parent)
        self._context = context
        self.sets = DataSets(context.link, context.catalogue, context.draft, self)
        self.sets.changed.connect(self._show_state)
        self.sets.opened.connect(self._show_data)
        self.strip = CatalogueStrip(self.sets.all)
        self.cards = self.strip.cards
        self.source = SourceBar()
        self.groups = GroupsPanel()
        self.split = SplitPanel()
        self.browse = BrowsePanel()
        self.functions = FunctionsPanel()
        self.balance = BalancePlot()
        self.preview = PreviewPanel(self.sets.effective)
        self.talk = Conversation(context, self.sets, self)
        self.obtaining = Obtaining(context.link, self.sets, self.source, self)
        self.importer = self.obtaining.importer
        self.dressing = Dressing(self.sets, context.draft, context.shell, self)
        self.panels = Panels(
            self.groups, self.split, self.browse, self.functions, self.balance, self.preview
        )
        self.tab = self.panels.tab
        self._folded: bool | None = None
        self._stale = False
        self._build_head()
        self.content.addWidget(self.strip)
        self.content.addWidget(self.source)
        self.content.addWidget(self.panels, 1)
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

    def _connect(self) -> None:
        self.strip.chosen.connect(self._choose)
        self.groups.chosen.connect(self._show_group)
        self.balance.picked.connect(self.groups.choose)
        self.split.form.changed.connect(self._set_data)
        self.functions.ranges.changed.connect(self._set_data)
        self.preview.changed.connect(self._set)
        self.browse.fetch_requested.connect(self._import)
        self.browse.map.picked.connect(self._find_image)
        self.browse.one.hidden_changed.connect(self.dressing.hide)
        self.browse.one.renamed.connect(self.dressing.rename)
        self.obtaining.changed.connect(self._show_state)
        self.talk.join(self.preview, self.split, self.browse)
        self.talk.function_came.connect(self._function_came)
        self.talk.lists.opened.connect(self._show_list)
        for keys, slot in (
            ("N", self.preview.sample_again),
            ("Ctrl+O", self._import),
            ("Ctrl+F", self.groups.search.setFocus),
            ("Ctrl+S", self.preview.keep),
            ("Ctrl+Shift+O", self._ask_list),
            ("F2", self.browse.one.begin_rename),
            ("Ctrl+H", self.browse.one.toggle_hidden),
            ("Ctrl+Z", self.dressing.undo),
            ("Ctrl+Shift+Z", self.dressing.redo),
        ):
            # A letter is a key only while nobody types elsewhere in the window.
            context = Qt.ShortcutContext.WidgetWithChildrenShortcut
            QShortcut(QKeySequence(keys), self, slot, context=context)
        self._context.draft.changed.connect(self._follow_draft)
        words = "Open a list of tasks"
        self._context.shell.add_command(words, self._ask_list, "Ctrl+Shift+O", "folder-open")

    # ------------------------------------------------------------------------------- what is chosen

    @Slot()
    def use_for_training(self) -> None:
        """Make the shown data set the draft's, and go on to Train."""
        self.sets.use()
        self._show_state()
        self._context.shell.show_page("Train")

    def _choose(self, name: str) -> None:
        self.functions.ranges.settle()  # what is being edited belongs to the one shown before
        if name != self.sets.current:
            self.dressing.forget()
            self.importer.cancel()  # what is looked at is meant for the one shown before
            self.preview.leave_list()
        self.sets.choose(name)
        self.strip.choose(name)
        shown = self.sets.shown
        gave_up = shown.failed is not None and not shown.failed.cancelled  # until Try again
        if shown.ready is None and not (shown.busy or gave_up) and shown.can_prepare:
            self.sets.prepare()
        self._show_data()

    @Slot()
    def _import(self) -> None:
        name = self.sets.reader_of()
        if name:
            self._choose(name)
            self.source.ask_for_file()

    @Slot(object)
    def _set_data(self, values: dict[str, object]) -> None:
        for key, value in values.items():
            self.sets.set(key, value)
        shown = self.sets.shown
        if shown.ready is not None or shown.busy or shown.can_prepare:  # else it would be fetched
            self.obtaining.prepare()

    @Slot(str, object)
    def _set(self, key: str, value: object) -> None:
        self.sets.set(key, value)
        if not self.sets.used:  # else the draft says so
            self._follow_draft()

    # ------------------------------------------------------------------------------ what is shown

    @Slot()
    def _show_state(self) -> None:
        """Cards, source row, buttons: everything that says how far things are."""
        self.strip.show_sets()
        shown = self.sets.shown
        self.obtaining.show()
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
        self.panels.show_set(shown)
        self.talk.audits.ask()
        self._show_state()
        if shown.ready is None:
            self.preview.clear(coming=shown.busy)
            return
        if shown.told is not shown.ready:  # not again whenever a class is hidden or renamed
            shown.told = shown.ready
            for note in shown.ready.notes:
                self._context.shell.add_message(f"{shown.option.title}: {note}", "info")
        if shown.option.kind == "regression":
            self._show_functions()
        self.preview.ask()

    @Slot(object)
    def _show_group(self, group: Group) -> None:
        view = self.sets.shown.view
        if view is not None:
            self.browse.show_group(view, group)
            self.balance.set_chosen(group.name)

    @Slot(int, int)
    def _find_image(self, number: int, image: int) -> None:
        """Show the class of an image of the map, and the image in it."""
        view = self.sets.shown.view
        group = view.group_of(number) if view is not None else None
        if group is not None:
            self.groups.choose(group.name)
            self.browse.choose(number, image)

    # ----------------------------------------------------------------------------------- previews

    def open_file(self, path: Path) -> None:
        """Open what belongs here: a list of tasks in the preview, all else as something to
        import."""
        if path.suffix.lower() == LIST:
            self.talk.lists.open(path)
            return
        name = self.sets.reader_of(str(path))
        if name:
            self._choose(name)
            self.importer.look(str(path))

    @Slot()
    def _ask_list(self) -> None:
        self._context.shell.show_page("Data")
        self.talk.lists.ask_open()

    @Slot(object)
    def _show_list(self, tasks: TasksOpened) -> None:
        """Show the tasks of a list on the data set that it names, or else on the shown one."""
        if tasks.dataset in self.sets.all and tasks.dataset != self.sets.current:
            self._choose(tasks.dataset)
        option = self._context.catalogue.option("dataset", tasks.dataset)
        self.preview.open_list(tasks, option.title if option is not None else tasks.dataset)
        if self.sets.shown.ready is None:
            self.preview.clear(coming=self.sets.shown.busy)

    def _show_functions(self) -> None:
        shown = self.sets.shown
        self.functions.show_family(shown.option.title, shown.option.summary)
        self.functions.begin()
        self.talk.tasks.ask_functions(FunctionsPanel.CURVES)

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

    # ----------------------------------------------------------------------------------------- Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _local_path(event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _local_path(event.mimeData().urls())
        if path:
            event.acceptProposedAction()
            if path.lower().endswith(TASK):
                self.task_dropped.emit(Path(path))
            else:
                self.open_file(Path(path))

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
            self.strip.set_folded(folded)
            self.panels.set_folded(folded)


def _local_path(urls: list[QUrl]) -> str:
    return urls[0].toLocalFile() if len(urls) == 1 and urls[0].isLocalFile() else ""
