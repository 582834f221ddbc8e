"""A board as a task file, and a task file as a board."""

from __future__ import annotations

from workbench import ink
from workbench.app.canvas.board import Board, ClassCard
from workbench.app.canvas.desk import MOST_CLASSES, MOST_SHOTS
from workbench.app.canvas.sheet import Sheet
from workbench.errors import DataError
from workbench.taskfile import Example, TaskFile


def to_task(board: Board) -> TaskFile:
    """Everything that is drawn; a query that is drawn is of no class that anybody said."""
    query = () if board.query.empty else ((_example(board.query, board.pen_width), None),)
    return TaskFile(
        names=tuple(card.name for card in board.classes),
        shots=tuple(
            tuple(_example(shot, board.pen_width) for shot in card.drawn) for card in board.classes
        ),
        queries=query,
        pen_width=board.pen_width,
    )


def to_board(task: TaskFile) -> Board:
    """The classes and the first query of a task.

    Raises:
        DataError: it has more classes or shots than a board.
    """
    most = max((len(own) for own in task.shots), default=0)
    if not 2 <= len(task.names) <= MOST_CLASSES or most > MOST_SHOTS:
        raise DataError(
            "This task has {classes} classes of up to {shots} shots.",
            classes=len(task.names),
            shots=most,
            least=2,
            most_classes=MOST_CLASSES,
            most_shots=MOST_SHOTS,
            hint="The board takes {least} to {most_classes} classes of up to {most_shots} shots.",
        )
    cards = tuple(
        ClassCard(name, tuple(_sheet(example) for example in own) or (Sheet(),))
        for name, own in zip(task.names, task.shots, strict=True)
    )
    query = _sheet(task.queries[0][0]) if task.queries else Sheet()
    return Board(cards, query, task.pen_width)


def _example(sheet: Sheet, pen_width: float) -> Example:
    image = sheet.pixels(ink.CANVAS, pen_width) if sheet.image is None else sheet.image
    return Example(image[None] if image.ndim == 2 else image, sheet.strokes)


def _sheet(example: Example) -> Sheet:
    if example.strokes:
        return Sheet(example.strokes)
    return Sheet(image=example.pixels if len(example.pixels) == 3 else example.pixels[0])
