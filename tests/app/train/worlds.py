"""What the Train page's tests are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.app.pages.train import TrainPage
from workbench.app.widgets import Button
from workbench.store import Best, RunStatus, RunWriter

PATIENCE_MS = 120_000
GLYPHS: dict[str, Any] = {
    "dataset.name": "glyphs",
    "dataset.alphabets": 3,
    "dataset.characters": 6,
    "dataset.drawers": 6,
    "dataset.validation": 1,
    "dataset.test": 1,
    "task.queries": 3,
}
SMALL: dict[str, Any] = {
    **GLYPHS,
    "algorithm.name": "protonet",
    "backbone.width": 8,
    "training.n_way": 5,
    "training.meta_batch": 2,
    "validation.every": 2,
    "validation.tasks": 8,
    "validation.save_every": 2,
    "device": "cpu",
}
MakePage = Callable[..., TrainPage]
MakeRun = Callable[..., RunWriter]


def fill(writer: RunWriter, steps: int, total: int, accuracy: float) -> None:
    """Rows of a second each; a validation at every tenth."""
    for step in range(1, steps + 1):
        seen = {"step": step, "tasks": 4 * step, "seconds": float(step)}
        writer.record("train", {**seen, "loss": 2 / step, "accuracy": accuracy, "outer_lr": 1e-3})
        if step % 10 == 0:
            row = {**seen, "value": 0.9, "interval": 0.02, "before": 0.2, "loss": 0.4}
            writer.record("validation", {**row, "trace_0": 0.2, "trace_1": 0.7, "trace_5": 0.9})
            writer.event("validation", step=step, value=0.9, interval=0.02, best=step == 10)
    best = Best(10, 0.9, 0.02, "accuracy")
    writer.status(
        RunStatus.RUNNING,
        step=steps,
        steps=total,
        tasks=4 * steps,
        duration_s=float(steps),
        best=best,
    )


def visible_buttons(page: TrainPage) -> list[str]:
    """The words on the head's buttons."""
    return [b.text() for b in page.head.findChildren(Button) if b.isVisible() and b.text()]


def figure(page: TrainPage, place: str) -> str:
    shown = page.running.strip.figures[place]
    return f"{shown.value.text()} {shown.suffix.text()}".strip()
