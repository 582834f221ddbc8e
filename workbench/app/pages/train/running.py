"""The Train page while a run trains, and after its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.app.pages.train.curves import CurvesPanel
from workbench.app.pages.train.figures import ALIVE
from workbench.app.pages.train.insight import InsightPanel
from workbench.app.pages.train.log import LogPanel
from workbench.app.pages.train.machine import MachinePanel
from workbench.app.pages.train.notes import BAD, FATAL, EndNote, HintNote
from workbench.app.pages.train.strip import FigureStrip
from workbench.app.pages.train.watch import RunWatch
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Splitter

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink

WIDE_SIDE = 360


class RunningView(QWidget, Themed):
    """Shows one run. It reads nothing by itself: whoever owns the timer calls `update_run`.

    Signals:
        exported(str), export_failed(str, str): as of the plots.
        set_asked(str, object): a setting's key and its value for the next run.
    """

    exported = Signal(str)
    export_failed = Signal(str, str)
    set_asked = Signal(str, object)

    def __init__(self, link: EngineLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self.setFocusPolicy(
            Qt.FocusPolicy.ClickFocus
        )  # so that it can take the focus from a view that goes
        self.strip = FigureStrip()
        self.note, self.hint = EndNote(), HintNote()
        self.note.set_asked.connect(self.set_asked)
        self.hint.set_asked.connect(self.set_asked)
        self.curves = CurvesPanel()
        self.insight = InsightPanel()
        self.machine = MachinePanel()
        self.log = LogPanel()
        for panel in (self.curves, self.insight, self.machine, self.log):
            panel.maximised.connect(self._maximised)
        self.curves.exported.connect(self.exported)
        self.curves.export_failed.connect(self.export_failed)
        self._right = Splitter("vertical", "train-run-side", [312, 156, 184])
        self._right.add(self.insight, 3)
        self._right.add(self.machine)
        self._right.add(self.log, 2)
        self._split = Splitter("horizontal", "train-run", [940, WIDE_SIDE])
        self._split.add(self.curves, 1)
        self._split.add(self._right)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.strip)
        self._column.addWidget(self.note)
        self._column.addWidget(self.hint)
        self._column.addWidget(self._split, 1)
        self.follow_theme()

    def set_run(self, watch: RunWatch) -> None:
        """Make ready for a run."""
        facts = watch.facts
        self.curves.set_facts(facts)
        self.insight.set_run(watch)
        self.log.set_facts(facts)
        self.machine.set_run(facts, watch.reader, self._link)
        self.hint.clear()

    def update_run(self, watch: RunWatch) -> None:
        """Show what is new."""
        facts, summary, figures = watch.facts, watch.summary, watch.figures
        self.strip.show_run(facts, summary, figures)
        failed = summary.status in BAD and any(hint.kind in FATAL for hint in watch.hints)
        self.note.show_run(summary, watch.hints if failed else ())
        self.hint.show_hints(() if failed else watch.hints)
        self.curves.update_run(watch.feed, figures, summary.status in ALIVE)
        self.insight.update_run(watch)
        self.machine.update_run(figures, facts, summary, watch.phase)
        self.log.update_run(watch.reader)

    def retheme(self) -> None:
        self._column.setSpacing(theme().px(16))
        self._right.setMinimumWidth(theme().px(352))
        self._fold(self.height())

    def hasHeightForWidth(self) -> bool:
        """Never: a note that wraps takes its room from the panels, and nothing begins to scroll."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold(event.size().height())

    @Slot(bool)
    def _maximised(self, full: bool) -> None:
        if not full:
            self._fold(self.height())

    def _fold(self, height: int) -> None:
        """Where there is little height, the device's figures, which change least, make room."""
        panels = (self.curves, self.insight, self.machine, self.log)
        if not any(panel.is_maximised() for panel in panels):  # it has hidden the others
            self.machine.setVisible(height >= theme().px(640))
