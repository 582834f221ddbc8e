"""Where the panels of the Data page stand: the groups and the split on the left, what is looked at
in the middle, the balance and the tasks on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from workbench.app.pages.data.balance import BalancePlot, Bar
from workbench.app.pages.data.browse import BrowsePanel
from workbench.app.pages.data.functions import FunctionsPanel
from workbench.app.pages.data.groups import GroupsPanel
from workbench.app.pages.data.preview import PreviewPanel
from workbench.app.pages.data.split import SplitPanel
from workbench.app.pages.data.view import SPLIT_SERIES
from workbench.app.theme import theme
from workbench.app.widgets import Panel, Segmented, Splitter

if TYPE_CHECKING:
    from workbench.app.pages.data.shown import Shown


class Panels(QWidget):
    """Folds the left side to tabs where room is short.

    Args:
        groups, split: share the left side.
        browse, functions: of which the middle shows one.
        balance, preview: share the right side.
    """

    def __init__(
        self,
        groups: GroupsPanel,
        split: SplitPanel,
        browse: BrowsePanel,
        functions: FunctionsPanel,
        balance: BalancePlot,
        preview: PreviewPanel,
    ) -> None:
        super().__init__()
        self._groups, self._split = groups, split
        self._browse, self._functions = browse, functions
        self._bars, self._preview = balance, preview
        self._balance = Panel("Balance", padding=8)
        self._balance.body.addWidget(balance, 1)
        self._folded = False
        self.tab = Segmented([("groups", "Groups"), ("split", "Split")], name="Left panel")
        self.tab.changed.connect(self._fold_left)
        self.tab.hide()
        self._left = self._make_left()
        self._middle = QStackedWidget()
        self._middle.addWidget(browse)
        self._middle.addWidget(functions)
        self._right = Splitter("vertical", "data-right")
        self._right.add(self._balance, 0)
        self._right.add(preview, 1)
        self._whole = Splitter("horizontal", "data")
        self._whole.add(self._left, 0)
        self._whole.add(self._middle, 1)
        self._whole.add(self._right, 0)
        px = theme().px
        self._left.setMinimumWidth(px(248))
        self._right.setMinimumWidth(px(360))
        self._whole.setSizes([px(272), px(620), px(404)])
        self._right.setSizes([px(216), px(440)])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._whole)

    def show_set(self, shown: Shown) -> None:
        """Let every panel show a data set, as far as it is here."""
        regression = shown.option.kind == "regression"
        self._show_kind(regression)
        self._browse.set_option(shown.option)
        self._preview.show_kind(shown.option.kind, shown.words.group)
        self._preview.refresh()
        if regression:
            self._functions.ranges.show_settings(shown.rows, shown.values)
        self._groups.set_view(shown.view)
        self._split.set_view(shown.view if shown.ready else None)  # a part has no sides
        given = shown.ready is not None and shown.ready.split_given
        self._split.form.show_settings(shown.own, shown.words, shown.kinds_of_split(), given)
        bars, muted, tab = [], "", "Groups"
        if shown.view is not None:
            groups, words = shown.view.groups, shown.view.words
            bars = [Bar(g.name, len(g.classes), SPLIT_SERIES[g.split]) for g in groups]
            muted, tab = f"{words.many} per {words.group}", words.groups.capitalize()
        self._bars.set_bars(bars)
        self._balance.set_muted(muted)
        self.tab.set_words("groups", tab)

    def _show_kind(self, regression: bool) -> None:
        """Functions have neither groups nor a balance."""
        self._middle.setCurrentWidget(self._functions if regression else self._browse)
        self._left.setVisible(not regression)
        self._balance.setVisible(not regression)

    def set_folded(self, folded: bool) -> None:
        """Groups or split, behind tabs, and a lower balance."""
        self._folded = folded
        self.tab.setVisible(folded)
        self._groups.head.setVisible(not folded)  # the tab says it already
        self._right.setSizes([theme().px(152 if folded else 216), theme().px(440)])
        self._fold_left(self.tab.value())

    def _make_left(self) -> QWidget:
        both = Splitter("vertical", "data-left")
        both.add(self._groups, 1)
        both.add(self._split, 0)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().px(8))
        column.addWidget(self.tab)
        column.addWidget(both, 1)
        return whole

    @Slot(str)
    def _fold_left(self, which: str) -> None:
        self._groups.setVisible(not self._folded or which == "groups")
        self._split.setVisible(not self._folded or which == "split")
