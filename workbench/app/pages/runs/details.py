"""What is known of the runs that are compared, and of the one that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.app.pages.runs.background import Background
from workbench.app.pages.runs.compare import ComparePanel
from workbench.app.pages.runs.events import EventsView
from workbench.app.pages.runs.lower import Lower
from workbench.app.pages.runs.notes import NotesView
from workbench.app.pages.runs.reading import Readings
from workbench.app.pages.runs.rows import RunRow
from workbench.app.pages.runs.scorer import Scorer
from workbench.app.pages.runs.scoring import ScoringView
from workbench.app.pages.runs.settings import SettingsView
from workbench.app.pages.train.figures import run_title

if TYPE_CHECKING:
    from workbench.app.context import Context

TASKS = "Lists of tasks, tasks, one-shot runs (*.json *.fewshot *.zip)"
Compared = Sequence[tuple[RunRow, int]]


class Details(Lower):
    """The lower half of the page, kept up to date with what is read in the background.

    Signals:
        failed(str, str): message and hint.
    """

    failed = Signal(str, str)

    def __init__(self, context: Context, background: Background) -> None:
        self.settings = SettingsView(context.catalogue)
        self.scores = ScoringView()
        self.notes = NotesView()
        self.log = EventsView()
        views: dict[str, QWidget] = {
            "differences": self.settings,
            "scores": self.scores,
            "notes": self.notes,
            "log": self.log,
        }
        super().__init__(ComparePanel(), views)
        self.scorer = Scorer(context, background, self)
        self._readings = Readings(context.store, background, self)
        self._compared: Compared = ()
        self._row: RunRow | None = None
        self._unscorable = ""
        self._connect()

    def _connect(self) -> None:
        self._readings.failed.connect(self.failed)
        self._readings.curve_read.connect(self._curve_read)
        self._readings.log_read.connect(self._log_read)
        self.view_changed.connect(self._show_view)
        self.scores.score_asked.connect(self._score)
        self.scores.cancel_asked.connect(self.scorer.cancel)
        self.scorer.changed.connect(self._show_scores)
        self.scorer.progressed.connect(self.scores.show_progress)
        self.scorer.failed.connect(self.scores.show_problem)
        self.settings.only.toggled.connect(self._show_muted)
        self.compare.export_failed.connect(self.failed)

    def show_runs(self, compared: Compared, row: RunRow | None) -> None:
        """Show the runs in the plot with their series, and the one that is looked at."""
        self._compared, self._row = compared, row
        for each, _ in compared:
            self._readings.want_curve(each)
        self.compare.show_runs(compared, self._readings.curves)
        self.settings.show_runs(compared)
        self.notes.show_run(row)
        self._show_scores()
        self._show_view()

    def set_unscorable(self, reason: str) -> None:
        """Say why the run cannot be scored; empty where it can."""
        self._unscorable = reason
        self._show_scores()

    @Slot(str)
    def _score(self, split: str) -> None:
        if self._row is None:
            return
        if split == "list":
            self._ask_list()
        else:
            self.scorer.score(self._row.run, split)

    def _ask_list(self) -> None:
        """Ask for a list of tasks, a task or Omniglot's one-shot runs, and score on it."""
        found, _ = QFileDialog.getOpenFileName(
            self, "Score on tasks of a file", str(Path.home()), TASKS
        )
        if found:
            self.score_list(found)

    def score_list(self, path: str) -> None:
        """Score the run that is looked at on the tasks of a file."""
        if self._row is not None:
            self.scorer.score(self._row.run, "list", path)

    @Slot()
    def _show_scores(self) -> None:
        row, problem = self._row, self._unscorable
        if self.scorer.run:
            problem = f"{run_title(self.scorer.run)} is being scored."
        self.scores.show_run(row, self.scorer.of(row.run) if row else {}, problem)

    @Slot()
    def _show_view(self) -> None:
        if self.view == "log" and self._readings.want_log(self._row) and self._row is None:
            self.log.show_events(None, ())
        self._show_muted()

    @Slot()
    def _show_muted(self) -> None:
        if self.view in ("differences", "compare"):
            self.set_muted(self.settings.muted)
        else:
            self.set_muted(f"Run {self._row.title}" if self._row is not None else "")

    @Slot(str)
    def _curve_read(self, run: str) -> None:
        if any(row.run == run for row, _ in self._compared):
            self.compare.show_runs(self._compared, self._readings.curves)

    @Slot(object, list)
    def _log_read(self, row: RunRow, lines: list[dict[str, Any]]) -> None:
        if self._row is not None and row.run == self._row.run:
            self.log.show_events(row, lines)
