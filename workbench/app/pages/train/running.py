"""The Train page while a run trains, and after its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.pages.train.adaptation import AdaptationPanel
from workbench.app.pages.train.curves import CurvesPanel
from workbench.app.pages.train.feed import RunFeed
from workbench.app.pages.train.figures import ALIVE, RunFacts, RunFigures, brief
from workbench.app.pages.train.launch import CostTable
from workbench.app.pages.train.log import LogPanel
from workbench.app.pages.train.strip import FigureStrip
from workbench.app.theme import Themed, theme
from workbench.app.widgets import IconLabel, Label, Panel, ProblemBox, Splitter
from workbench.errors import StoreError
from workbench.protocol import Failed
from workbench.store import RunReader, RunStatus, RunSummary

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink

WIDE_SIDE = 360


class RunningView(QWidget, Themed):
    """Shows one run. It reads nothing by itself: whoever owns the timer calls `update_run`.

    Signals:
        exported(str), export_failed(str, str): as of the plots.
    """

    exported = Signal(str)
    export_failed = Signal(str, str)

    def __init__(self, link: EngineLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self.setFocusPolicy(
            Qt.FocusPolicy.ClickFocus
        )  # so that it can take the focus from a view that goes
        self.strip = FigureStrip()
        self.note = EndNote()
        self.curves = CurvesPanel()
        self.adaptation = AdaptationPanel()
        self.machine = MachinePanel()
        self.log = LogPanel()
        self.curves.exported.connect(self.exported)
        self.curves.export_failed.connect(self.export_failed)
        self._right = Splitter("vertical", "train-run-side", [264, 168, 220])
        self._right.add(self.adaptation, 3)
        self._right.add(self.machine)
        self._right.add(self.log, 2)
        self._split = Splitter("horizontal", "train-run", [940, WIDE_SIDE])
        self._split.add(self.curves, 1)
        self._split.add(self._right)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.strip)
        self._column.addWidget(self.note)
        self._column.addWidget(self._split, 1)
        self.follow_theme()

    def set_run(self, facts: RunFacts, reader: RunReader) -> None:
        """Make ready for a run."""
        self.curves.set_facts(facts)
        self.adaptation.set_facts(facts)
        self.log.set_facts(facts)
        self.machine.set_run(facts, reader, self._link)

    def update_run(
        self,
        reader: RunReader,
        facts: RunFacts,
        summary: RunSummary,
        figures: RunFigures,
        feed: RunFeed,
        phase: str,
    ) -> None:
        """Show what is new."""
        self.strip.show_run(facts, summary, figures)
        self.note.show_run(summary)
        self.curves.update_run(feed, figures, summary.status in ALIVE)
        self.adaptation.update_run(feed.validation)
        self.machine.update_run(figures, facts, summary, phase)
        self.log.update_run(reader)

    def retheme(self) -> None:
        self._column.setSpacing(theme().px(16))
        self._right.setMinimumWidth(theme().px(340))
        self._fold(self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold(event.size().height())

    def _fold(self, height: int) -> None:
        """Where there is little height, the device's figures, which change least, make room."""
        self.machine.setVisible(height >= theme().px(640))


class EndNote(QWidget, Themed):
    """Why a run ended and what to do next; out of sight where there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problem = ProblemBox()
        self._quiet = Panel()
        self._icon = IconLabel("circle-stop", "text2")
        self._text = Label("", "body", wrap=True)
        line = QHBoxLayout()
        line.addWidget(self._icon)
        line.addWidget(self._text, 1)
        line.setContentsMargins(0, 0, 0, 0)
        self._quiet.body.addLayout(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._problem)
        column.addWidget(self._quiet)
        self._shown: tuple[str, ...] = ()
        self.hide()
        self.follow_theme()

    def retheme(self) -> None:
        px = theme().px
        self._quiet.body.setContentsMargins(px(16), px(8), px(16), px(8))

    def text(self) -> str:
        """What is said; empty while nothing is."""
        return "" if self.isHidden() else (self._text.text() or self._problem.message())

    def show_failure(self, failed: Failed) -> None:
        """Say why a run could not be resumed."""
        self._problem.set(failed.message, failed.hint)
        self._problem.show()
        self.show()

    def show_run(self, summary: RunSummary) -> None:
        """Say how a run ended."""
        news = (summary.run, summary.status, summary.reason)
        if news == self._shown:
            return
        self._shown = news
        bad = summary.status in (RunStatus.FAILED, RunStatus.DIED)
        said = summary.status not in ALIVE and bool(summary.reason)
        if bad and said:
            self._problem.set(summary.reason, summary.hint)
            self._text.setText("")
        elif said:
            self._text.setText(summary.reason)
            done = summary.status is RunStatus.DONE
            self._icon.set("circle-check" if done else "circle-stop", "ok" if done else "text2")
        self._problem.setVisible(bad)
        self._quiet.setVisible(not bad)
        self.setVisible(said)


class MachinePanel(Panel):
    """Where the run computes, and what it is doing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Device", parent=parent)
        self._table = CostTable()
        self.body.addWidget(self._table)
        self.body.addStretch(1)
        self._fixed: list[tuple[str, str]] = []

    def set_run(self, facts: RunFacts, reader: RunReader, link: EngineLink) -> None:
        """Make ready for a run."""
        try:
            environment = reader.environment
        except StoreError:
            environment = {}
        name = str(environment.get("device", facts.device))
        device = next((d for d in link.devices if d.name in (name, f"{name}:0")), None)
        self.set_title(device.title if device else name.upper().replace("CUDA", "GPU") or "Device")
        threads = environment.get("threads", facts.threads)
        self._fixed = [("Threads", str(threads or "one per core"))]
        if environment.get("torch"):
            self._fixed.append(("torch", str(environment["torch"]).partition("+")[0]))

    def update_run(
        self, figures: RunFigures, facts: RunFacts, summary: RunSummary, phase: str
    ) -> None:
        """Show what the run is doing."""
        self.set_muted("")
        lines = [("Doing", _doing(summary, phase))]
        rate = figures.tasks_per_second
        if rate > 0 and facts.meta_batch:
            lines.append(("One step takes", brief(facts.meta_batch / rate)))
        self._table.show_figures([*lines, *self._fixed])


def _doing(summary: RunSummary, phase: str) -> str:
    if summary.status is RunStatus.RUNNING:
        return phase or "training"
    return summary.status.value
