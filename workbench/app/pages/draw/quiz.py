"""A quiz: characters one by one, what a hand drew for them, and what a model said. Plain values, no
Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from workbench.app.canvas import Board, Sheet

if TYPE_CHECKING:
    from workbench.taskfile import TaskFile

QUESTIONS = 10  # about so many, each class as often as any other
Z = 1.96  # of a 95 % interval


@dataclass(frozen=True, eq=False)
class Mark:
    """What was asked for, what was drawn, and what the model said it was.

    Attributes:
        row, said: of the board.
        share: probability of what was said.
    """

    row: int
    said: int
    share: float
    sheet: Sheet

    @property
    def right(self) -> bool:
        return self.row == self.said


class Quiz:
    """Attributes:
    rows: of the board, in the order in which they are asked for.
    marks: of what is done.
    """

    def __init__(self, rows: Sequence[int], random: Random) -> None:
        self.rows = _order(rows, random)
        self.marks: list[Mark] = []
        self._place = 0

    @property
    def current(self) -> int | None:
        """The row that is asked for now; None at the end."""
        return self.rows[self._place] if self._place < len(self.rows) else None

    @property
    def place_words(self) -> str:
        """How far it is: "3 of 10"."""
        return f"{min(self._place + 1, len(self.rows))} of {len(self.rows)}"

    def mark(self, said: int, share: float, sheet: Sheet) -> Mark:
        """Note the answer to a drawing of what is asked for now; `move` goes on."""
        row = self.current
        if row is None:
            raise IndexError("the quiz is over")
        found = Mark(row, said, share, sheet)
        self.marks.append(found)
        return found

    def move(self) -> None:
        """Ask for the next one."""
        self._place = min(self._place + 1, len(self.rows))

    @property
    def right(self) -> int:
        """How many drawings were named right."""
        return sum(mark.right for mark in self.marks)

    def of_row(self, row: int) -> list[bool]:
        """Of a class, which of its drawings were named right."""
        return [mark.right for mark in self.marks if mark.row == row]

    @property
    def score_words(self) -> str:
        """The share that was right, and its 95 % interval: "78 %, 45 to 94"."""
        if not self.marks:
            return ""
        low, high = wilson(self.right, len(self.marks))
        return f"{100 * self.right / len(self.marks):.0f} %, {100 * low:.0f} to {100 * high:.0f}"


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of a few: Wilson's, which stays within 0 and 1."""
    share, z = right / count, Z * Z / count
    middle = (share + z / 2) / (1 + z)
    half = Z * math.sqrt(share * (1 - share) / count + z / (4 * count)) / (1 + z)
    return max(0.0, middle - half), min(1.0, middle + half)


def drawn_task(board: Board, marks: Sequence[Mark], title: str) -> TaskFile:
    """What was taught, and as queries what the hand drew, each with its class."""
    from workbench.app.canvas.tasks import to_task  # the library of images loads when wanted
    from workbench.taskfile import TaskFile

    asked = [to_task(Board(board.classes, mark.sheet, board.pen_width)).queries for mark in marks]
    task = to_task(board)
    return TaskFile(
        names=task.names,
        shots=task.shots,
        queries=tuple(
            (query[0][0], mark.row) for query, mark in zip(asked, marks, strict=True) if query
        ),
        title=title,
        pen_width=task.pen_width,
    )


def _order(rows: Sequence[int], random: Random) -> list[int]:
    """Rounds of all classes, shuffled; never the same class twice in a row."""
    found: list[int] = []
    for _ in range(max(1, round(QUESTIONS / len(rows)))):
        turn = random.sample(list(rows), len(rows))
        if found and turn[0] == found[-1]:
            turn = turn[1:] + turn[:1]
        found += turn
    return found
