"""Where a run computes, and what it is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from workbench.app.pages.train.figures import RunFacts, RunFigures, brief
from workbench.app.pages.train.launch import CostTable
from workbench.app.widgets import Panel
from workbench.errors import StoreError
from workbench.store import RunReader, RunStatus, RunSummary

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink


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
