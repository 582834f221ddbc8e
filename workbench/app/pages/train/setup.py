"""The Train page before a run: algorithm, its settings, cost and start, from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.app.forms import Checker, Form, HelpView, experiment_sections
from workbench.app.pages.train.algorithms import WIDTH, AlgorithmList
from workbench.app.pages.train.heading import Heading
from workbench.app.pages.train.launch import DEVICE, DevicePanel, StartBox
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Panel, Rule, Segmented, Splitter
from workbench.errors import Problem

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.app.engine_link import EngineLink
    from workbench.schema.catalogue import Catalogue

ROOMY = (1200, 800)  # px of page area at 100 %; below it Help folds into a tab
WIDE = 1300  # px of this view at 100 %; below it the sides are narrow, so that units stay whole


class SetupView(QWidget, Themed):
    """Prepares a run.

    Signals:
        start_asked(): train with the draft as it is.
        back_asked(): back to the run that trains.
    """

    start_asked = Signal()
    back_asked = Signal()

    def __init__(
        self, draft: Draft, catalogue: Catalogue, link: EngineLink, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._link = link
        self._waiting = False
        self._training, self._watched = "", False
        self._room: tuple[bool, bool] | None = None  # roomy, wide
        self.algorithms = AlgorithmList(draft, catalogue)
        self.heading = Heading(draft, catalogue)
        self.form = Form(draft, catalogue, experiment_sections)
        self.help = HelpView(draft)
        self.devices = DevicePanel(draft, link)
        self.start_box = StartBox()
        self.checker = Checker(draft, catalogue, link, self)
        self.form.row_focused.connect(self._show_help)
        self.checker.problems_changed.connect(self._show_problems)
        self.start_box.start_asked.connect(self.start_asked)
        self.start_box.show_asked.connect(self.show_first_problem)
        self.start_box.back_asked.connect(self.back_asked)
        self.start_box.restart_asked.connect(link.restart)
        link.state_changed.connect(self._refresh_start)
        self._lay_out()
        self._show_problems(self.checker.problems)
        self.follow_theme()

    def set_waiting(self, waiting: bool) -> None:
        """Whether Start was pressed and its answer is to come."""
        self._waiting = waiting
        self._refresh_start()

    def set_training(self, title: str, watched: bool) -> None:
        """Say which run occupies the engine, if any, and whether one can go back to a run."""
        self._training, self._watched = title, watched
        self._refresh_start()

    @Slot()
    def show_first_problem(self) -> None:
        """Go to the first thing that is wrong."""
        problems = self.checker.problems
        keys = self.form.setting_keys()
        placed = [p for p in problems if p.path in keys]
        if any(p.path == DEVICE for p in problems) and not placed:
            self._tabs.set_value("device")
            self._show_tab("device")
            self.devices.combo.setFocus()
        else:
            first = min(placed, key=lambda p: keys.index(p.path), default=None)
            self.form.reveal(first.path if first and len(placed) == len(problems) else "")

    def retheme(self) -> None:
        self._right.setSpacing(theme().px(16))
        self._fold(self.width(), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold(event.size().width(), event.size().height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fold(self.width(), self.height())

    def _lay_out(self) -> None:
        middle = Panel(padding=0)
        middle.setAccessibleName("Settings")
        middle.body.addWidget(self.heading)
        middle.body.addWidget(Rule())
        middle.body.addWidget(self.form, 1)
        self._help_panel = Panel()
        self._help_panel.setAccessibleName("Help")
        self._help_panel.body.addWidget(self.help, 1)
        self._tabs = Segmented(
            [("help", "Help"), ("device", "Device and cost")], name="Beside the settings"
        )
        self._tabs.changed.connect(self._show_tab)
        side = _Side()
        self._side = side
        self._right = QVBoxLayout(side)
        self._right.setContentsMargins(0, 0, 0, 0)
        for widget in (self._tabs, self.devices):
            self._right.addWidget(widget)
        self._right.addWidget(self._help_panel, 1)
        self._right.addWidget(self.start_box)
        splitter = Splitter("horizontal", "train-setup")
        splitter.add(self.algorithms)
        splitter.add(middle, 1)
        splitter.add(side)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)
        self._splitter = splitter

    def _fold(self, width: int, height: int) -> None:
        """Help beside the device where there is room for both, else one of them behind a tab."""
        px = theme().px
        roomy = width >= px(ROOMY[0] - 32) and height >= px(ROOMY[1] - 80)
        self._tabs.setVisible(not roomy)
        room = roomy, roomy and width >= px(WIDE)
        self._side.setMinimumWidth(px(272))
        self.algorithms.setMinimumWidth(px(208))
        if self.isVisible() and room != self._room:
            if self._room is not None or not room[1]:  # a wide start keeps the person's own widths
                left, right = (px(WIDTH), px(328)) if room[1] else (px(232), px(272))
                self._splitter.setSizes([left, width - left - right - 2 * px(16), right])
            self._room = room
        if roomy:
            self.devices.show()
            self._help_panel.show()
        else:
            self._show_tab(self._tabs.value())

    @Slot(str)
    def _show_tab(self, key: str) -> None:
        if self._tabs.isHidden():
            return
        self.devices.setVisible(key == "device")
        self._help_panel.setVisible(key == "help")

    @Slot(object)
    def _show_help(self, row: object) -> None:
        self.help.show_row(row)  # type: ignore[arg-type]  # the signal carries a Row
        if not self._tabs.isHidden() and self._tabs.value() != "help":
            self._tabs.set_value("help")
            self._show_tab("help")

    @Slot(object)
    def _show_problems(self, problems: Sequence[Problem]) -> None:
        self.devices.set_problems(problems)
        self.form.set_problems([p for p in problems if p.path != DEVICE])
        self._refresh_start()

    @Slot()
    def _refresh_start(self) -> None:
        self.start_box.show_state(
            self.checker.problems, self._link.state, self._waiting, self._training
        )
        self.start_box.back_link.setVisible(self._watched)


class _Side(QWidget):
    """The right column, as wide as its panels like to be."""

    def sizeHint(self) -> QSize:
        return QSize(theme().px(328), super().sizeHint().height())
