"""What happened in a run, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QApplication, QWidget

from workbench.app.pages.train.figures import RunFacts, measure, whole
from workbench.app.widgets import Cell, CellModel, Column, EmptyState, IconButton, Panel, Table
from workbench.store import RunReader

MOST = 200  # lines in view; the run's folder keeps all


class LogPanel(Panel):
    """Messages of one run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Messages", padding=0, parent=parent)
        self._lines: list[dict[str, Any]] = []
        self._facts: RunFacts | None = None
        self._size = -1
        self._model = CellModel(
            [Column("time", "Time", width=80), Column("text", "Message", stretch=True)], self
        )
        self._table = Table("Messages of the run")
        self._table.set_model(self._model)
        self._table.horizontalHeader().hide()
        self._empty = EmptyState("info", "Validations and checkpoints appear here.")
        self.body.addWidget(self._table, 1)
        self.body.addWidget(self._empty, 1)
        copy = IconButton("copy", "Copy all messages")
        copy.clicked.connect(self._copy)
        self.add_tool(copy)
        self._table.hide()

    def set_facts(self, facts: RunFacts) -> None:
        """Make ready for a run."""
        self._facts, self._size, self._lines = facts, -1, []
        self._show()

    def update_run(self, reader: RunReader) -> None:
        """Read the run's events if there are new ones."""
        path = reader.folder / "events.jsonl"
        size = path.stat().st_size if path.exists() else 0
        if size != self._size and self._facts is not None:
            self._size = size
            self._lines = reader.events()
            self._show()

    def texts(self) -> list[str]:
        """The messages in view, newest first."""
        return [self._model.cell(row, 1).text for row in range(self._model.rowCount())]

    def _show(self) -> None:
        shown = list(enumerate(self._lines))[-MOST:][::-1]
        cells = [(str(number), *self._cells(line)) for number, line in shown]
        self._model.set_rows(
            [{"time": when, "text": text} for _, when, text in cells], [key for key, _, _ in cells]
        )
        self._table.setVisible(bool(cells))
        self._empty.setVisible(not cells)

    def _cells(self, line: Mapping[str, Any]) -> tuple[Cell, Cell]:
        icon, tone, text = in_words(line, self._facts)
        when = datetime.fromtimestamp(float(line.get("time", 0))).astimezone()
        moment = Cell(f"{when:%H:%M:%S}", tone="muted", tip=f"{when:%d %b %Y, %H:%M:%S}")
        return moment, Cell(text, icon=icon, icon_tone=tone, tip=text)

    @Slot()
    def _copy(self) -> None:
        lines = [self._cells(line) for line in self._lines]
        QApplication.clipboard().setText(
            "\n".join(f"{when.tip}  {text.text}" for when, text in lines)
        )


def in_words(line: Mapping[str, Any], facts: RunFacts | None) -> tuple[str, str, str]:
    """Icon, its tone and the sentence of an event."""
    regression = facts is not None and facts.regression
    match line.get("kind"):
        case "validation":
            words = measure(
                float(line.get("value", "nan")), float(line.get("interval", "nan")), regression
            )
            if line.get("best"):
                return "circle-check", "ok", f"Validation {words}, best so far"
            return (
                "circle-check",
                "muted",
                f"Validation {words} at step {whole(line.get('step', 0))}",
            )
        case "checkpoint":
            return "save", "muted", f"Checkpoint saved at step {whole(line.get('step', 0))}"
        case "resumed":
            note = str(line.get("note") or "")
            return (
                "play",
                "accent",
                f"Resumed from step {whole(line.get('step', 0))}. {note}".strip(),
            )
        case "ended":
            status, reason = str(line.get("status", "ended")), str(line.get("reason") or "")
            icon, tone = {"done": ("circle-check", "ok"), "failed": ("circle-alert", "bad")}.get(
                status, ("circle-stop", "muted")
            )
            return icon, tone, reason or status.capitalize()
        case kind:
            words = str(
                line.get("text") or line.get("message") or str(kind).replace("_", " ").capitalize()
            )
            return "info", "muted", words
