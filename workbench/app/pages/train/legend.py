"""Which curves of a run are in view."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from workbench.app.widgets import SeriesCheck

TRAIN, VALIDATION, BEFORE, RATE, NORM = (
    "Train",
    "Validation",
    "Before adaptation",
    "Outer rate",
    "Gradient norm",
)


class CurveLegend(QHBoxLayout):
    """A check for each curve.

    Attributes:
        checks: by the curve's name.

    Signals:
        changed(): another curve is to be in view, or none.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.checks = {
            TRAIN: SeriesCheck(TRAIN, 0),
            VALIDATION: SeriesCheck(VALIDATION, 1),
            BEFORE: SeriesCheck(BEFORE, 2, dashed=True),
            RATE: SeriesCheck(RATE, 3, checked=False),
            NORM: SeriesCheck(NORM, 4, checked=False),
        }
        for check in self.checks.values():
            self.addWidget(check)
            check.toggled.connect(self.changed)
        self.addStretch(1)

    def fit(self, width: int, tasks: int, trained_on: str) -> None:
        """Name training and validation as fully as there is room for.

        Args:
            tasks: that a validation takes; 0 while unknown.
            trained_on: how training tasks differ from those; empty where they do not.
        """
        train, validation = self.checks[TRAIN], self.checks[VALIDATION]
        named = f"{TRAIN}, {trained_on}" if trained_on else TRAIN
        full = f"{VALIDATION}, 95 % interval of {tasks} tasks" if tasks else VALIDATION
        train.setToolTip(
            f"Training tasks are {trained_on}; the other curves' tasks are the run's own"
            if trained_on
            else ""
        )
        validation.setToolTip(full)
        short = f"{VALIDATION} ± 95 %"
        for texts in ((named, full), (named, short), (named, VALIDATION), (TRAIN, VALIDATION)):
            for check, text in zip((train, validation), texts, strict=True):
                check.setText(text)
                check.updateGeometry()
            self.invalidate()
            if self.sizeHint().width() <= width:
                break
