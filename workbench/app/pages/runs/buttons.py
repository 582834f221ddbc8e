"""What can be done with the run that is looked at, as buttons; each says why it cannot."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.app.pages.runs.panel import RunsPanel
from workbench.app.pages.runs.rows import RunRow
from workbench.app.widgets import Button, PageHead

CLONE_KEY = "Ctrl+D"


class RunButtons:
    """Three in the page's head and two in the table's."""

    def __init__(self, head: PageHead, panel: RunsPanel) -> None:
        self.open = Button("Open in Train", "activity", small=True)
        self.delete = Button("Delete", "trash-2", small=True)
        for button in (self.open, self.delete):
            panel.add_button(button)
        self.score = Button("Evaluate…", "badge-check")
        self.draw = Button("Draw with it", "pen-tool")
        self.clone = Button("Clone into Train", "copy", kind="filled")
        for button in (self.score, self.draw, self.clone):
            head.add_action(button)
        self.clone.setToolTip(CLONE_KEY)

    def show(self, row: RunRow | None, selected: Sequence[RunRow], engine_stopped: bool) -> None:
        """Offer what can be done with `row`; Delete is for all that are selected."""
        none = "" if row is not None else "Choose a run in the table first."
        self.score.set_enabled_because(
            none or _unsaved(row) or ("Restart the engine first." if engine_stopped else "")
        )
        self.draw.set_enabled_because(none or _undrawable(row))
        self.clone.set_enabled_because(none)
        self.clone.setToolTip(none or CLONE_KEY)
        self.open.set_enabled_because(none)
        training = [each for each in selected if each.alive]
        trains = f"Run {training[0].number} trains: stop it first." if training else ""
        self.delete.set_enabled_because(none or trains)


def _unsaved(row: RunRow | None) -> str:
    return "" if row is not None and row.askable else "It has saved no checkpoint yet."


def _undrawable(row: RunRow | None) -> str:
    return "" if row is not None and row.alive else _unsaved(row)
