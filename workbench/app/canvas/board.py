"""What a person teaches and asks: classes with their shots, and a query. Nothing here changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from workbench import ink
from workbench.app.canvas.sheet import EMPTY, Image, Sheet


class Cell(NamedTuple):
    """A place to draw in: a shot of a class, both counted from 0. `QUERY` is the query's."""

    row: int
    shot: int


QUERY = Cell(-1, 0)


@dataclass(frozen=True, eq=False)
class ClassCard:
    """One class: its name and its shots, at least one."""

    name: str
    shots: tuple[Sheet, ...] = (EMPTY,)

    @property
    def drawn(self) -> tuple[Sheet, ...]:
        """The shots with something on them."""
        return tuple(shot for shot in self.shots if not shot.empty)


@dataclass(frozen=True, eq=False)
class Support:
    """The support set as a network is given it.

    Attributes:
        x: (S, C, H, W) uint8, ink high.
        y: (S,) class numbers 0 … N-1 of the drawn classes.
        rows: of each class number, the row of the board it stands for. Classes without a drawing
            are left out.
    """

    x: NDArray[np.uint8]
    y: NDArray[np.int64]
    rows: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Board:
    """Attributes:
    classes: from top to bottom.
    query: what is asked about.
    pen_width: of every stroke, in units of a 105-pixel sheet.
    """

    classes: tuple[ClassCard, ...] = tuple(ClassCard(f"class {n}") for n in range(1, 6))
    query: Sheet = EMPTY
    pen_width: float = ink.PEN_WIDTH

    def sheet(self, cell: Cell) -> Sheet:
        """What lies in a cell.

        Raises:
            IndexError: there is no such cell.
        """
        if cell == QUERY:
            return self.query
        if cell.row < 0 or cell.shot < 0:
            raise IndexError(cell)
        return self.classes[cell.row].shots[cell.shot]

    def has(self, cell: Cell) -> bool:
        if cell == QUERY:
            return True
        return 0 <= cell.row < len(self.classes) and 0 <= cell.shot < len(
            self.classes[cell.row].shots
        )

    def with_sheet(self, cell: Cell, sheet: Sheet) -> Self:
        """Another sheet in a cell."""
        if cell == QUERY:
            return replace(self, query=sheet)
        shots = list(self.classes[cell.row].shots)
        shots[cell.shot] = sheet
        return self.with_class(cell.row, replace(self.classes[cell.row], shots=tuple(shots)))

    def with_class(self, row: int, card: ClassCard) -> Self:
        classes = list(self.classes)
        classes[row] = card
        return replace(self, classes=tuple(classes))

    @property
    def drawn_rows(self) -> tuple[int, ...]:
        """Rows of the classes that have a drawing."""
        return tuple(row for row, card in enumerate(self.classes) if card.drawn)

    @property
    def shot_words(self) -> str:
        """How many of each: "5-way 1-shot", or "5-way 1–3-shot" where they differ."""
        counts = [len(card.shots) for card in self.classes]
        low, high = min(counts, default=0), max(counts, default=0)
        shots = f"{high}" if low == high else f"{low}–{high}"
        return f"{len(self.classes)}-way {shots}-shot"

    def support(self, size: int, channels: int = 1) -> Support:
        """Everything that is drawn, `size` pixels a side."""
        rows = self.drawn_rows
        images: list[Image] = []
        labels: list[int] = []
        for number, row in enumerate(rows):
            drawn = self.classes[row].drawn
            images += [shot.planes(size, self.pen_width, channels) for shot in drawn]
            labels += [number] * len(drawn)
        x = np.stack(images) if images else np.empty((0, channels, size, size), np.uint8)
        return Support(x, np.array(labels, np.int64), rows)
