"""What is still missing for an answer, in words."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.app.canvas import Board
from workbench.app.pages.draw.models import Model


@dataclass(frozen=True)
class Missing:
    """A sentence, its icon, and the button that brings what is missing; no button where it only
    takes drawing or patience."""

    icon: str
    sentence: str
    button: str = ""


def missing(board: Board, model: Model | None, engine: str) -> Missing:
    """The first thing that is missing. `engine` is the link's state."""
    if engine == "stopped":
        return Missing("circle-alert", "The engine has stopped. Your drawing is kept.")
    if model is None:
        return Missing(
            "sliders-horizontal",
            "No model yet. Train one; it answers while it learns. You can draw already.",
            "Train a model",
        )
    drawn = len(board.drawn_rows)
    if drawn == 0:
        return Missing(
            "pen-tool",
            "First teach: draw one example of each class, or take ready-made ones.",
            "Fill from the data set",
        )
    if drawn == 1:
        return Missing("pen-tool", "One class is drawn. A choice needs at least one more.")
    if board.query.empty:
        return Missing(
            "pen-tool",
            "Now ask: draw one of these characters again, as the query.",
            "Draw the query",
        )
    if engine == "starting":
        return Missing("loader-circle", "The engine is starting; the answer follows. Draw on.")
    return Missing("loader-circle", "Asking…")
