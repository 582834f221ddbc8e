"""The drawing in progress: a board, the cell that is drawn into, and the way back.

Undo is one history for the whole page, stroke by stroke: nothing a person drew can be lost by
filling the board, removing a class or clearing a cell. Going back selects the cell that changes,
so that one sees what is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.app.canvas.board import QUERY, Board, Cell, ClassCard
from workbench.app.canvas.sheet import Image, Sheet
from workbench.ink import Stroke

UNDO_STEPS = 500
MOST_CLASSES = 20
MOST_SHOTS = 20
ERASER = 0.012
"""How far outside the ink the eraser still touches a stroke, in 0..1 of the sheet."""


@dataclass(frozen=True)
class _Step:
    """How it was before a change, and which cell to select there.

    Attributes:
        there: the cell to select where the change is made again.
    """

    board: Board
    cell: Cell
    there: Cell
    words: str


class Desk:
    """Attributes:
    board: as it is now.
    selected: the cell that strokes go into.
    """

    def __init__(self, board: Board | None = None, selected: Cell = QUERY) -> None:
        self.board = board or Board()
        self.selected = selected if self.board.has(selected) else QUERY
        self._past: list[_Step] = []
        self._future: list[_Step] = []
        self._gesture = ""
        self._listeners: list[Callable[[], None]] = []

    def listen(self, told: Callable[[], None]) -> None:
        """Call `told` after every change of board or selection."""
        self._listeners.append(told)

    # ------------------------------------------------------------------------------------ drawing

    @property
    def sheet(self) -> Sheet:
        """What lies in the selected cell."""
        return self.board.sheet(self.selected)

    def select(self, cell: Cell) -> None:
        """Draw into another cell from now on; a cell that is not there is ignored."""
        self._gesture = ""
        if cell != self.selected and self.board.has(cell):
            self.selected = cell
            self._tell()

    def draw(self, stroke: Stroke) -> None:
        """Add a stroke, (P, 2) in 0..1 or (P, 3) with widths, to the selected cell; one without
        points is nothing."""
        if len(stroke):
            kept = np.array(stroke, np.float32)
            self._put(self.sheet.with_stroke(kept), "stroke")

    def erase(self, x: float, y: float, joined: bool = False) -> bool:
        """Take away the stroke under a point, whole; False where there is none.

        Args:
            joined: part of the same movement of the eraser as the call before, and undone with it.
        """
        reach = self.board.pen_width / 2 / 105 + ERASER
        index = self.sheet.hit(x, y, reach)
        if index is None:
            if not joined:
                self._gesture = ""
            return False
        self._put(self.sheet.without(index), "erased stroke", gesture="erase", joined=joined)
        return True

    def clear(self, cell: Cell | None = None) -> None:
        """Empty a cell, the selected one where none is given."""
        cell = self.selected if cell is None else cell
        if not self.board.sheet(cell).empty:
            self._become(self.board.with_sheet(cell, Sheet()), "cleared drawing", cell)

    def clear_support(self) -> None:
        """Empty every class down to one sheet; names and query stay."""
        classes = tuple(ClassCard(card.name) for card in self.board.classes)
        self._become(replace(self.board, classes=classes), "cleared classes", self.selected)

    def set_image(self, image: Image, cell: Cell | None = None) -> None:
        """Put an image, (H, W) uint8 with ink high or (3, H, W) in colour, in a cell's place."""
        cell = self.selected if cell is None else cell
        self._become(self.board.with_sheet(cell, Sheet(image=image)), "image", cell)

    def fill_class(self, row: int, name: str, images: Sequence[Image]) -> None:
        """Make a class another one: its name, and an image for each of its shots."""
        shots = tuple(Sheet(image=image) for image in images)
        here = self.selected if self.selected.row == row else Cell(row, 0)
        self._become(self.board.with_class(row, ClassCard(name, shots)), "filled class", here)

    def set_images(self, images: Sequence[Image], cell: Cell) -> int:
        """Put images, as `set_image` does, into a cell, the empty cells after it and new ones; how
        many found a place. The query takes one."""
        if cell == QUERY or len(images) == 1:
            self.set_image(images[0], cell)
            return 1
        card = self.board.classes[cell.row]
        shots, places = list(card.shots), self._places(cell)[: len(images)]
        shots += [Sheet()] * (max(places) + 1 - len(shots))
        for place, image in zip(places, images, strict=False):
            shots[place] = Sheet(image=image)
        board = self.board.with_class(cell.row, replace(card, shots=tuple(shots)))
        self._become(board, "images", cell)
        return len(places)

    def room(self, cell: Cell) -> int:
        """How many images `set_images` finds a place for."""
        return 1 if cell == QUERY else len(self._places(cell))

    def _places(self, cell: Cell) -> list[int]:
        shots = self.board.classes[cell.row].shots
        free = [n for n in range(cell.shot + 1, len(shots)) if shots[n].empty]
        return [cell.shot, *free, *range(len(shots), MOST_SHOTS)]

    def invert(self, cell: Cell) -> None:
        """Turn dark and light of an image round; a drawing stays as it is."""
        image = self.board.sheet(cell).image
        if image is not None:
            inverted = Sheet(image=np.subtract(255, image, dtype=np.uint8))
            self._become(self.board.with_sheet(cell, inverted), "inverted image", cell)

    def set_pen_width(self, width: float) -> None:
        """Another width for every stroke, in units of a 105-pixel sheet.

        Changes in a row, as a slider makes them, are one step of undo.
        """
        if width != self.board.pen_width:
            board = replace(self.board, pen_width=width)
            self._become(board, "pen width", self.selected, gesture="pen")

    # -------------------------------------------------------------------------------------- board

    def add_class(self) -> None:
        """A class more, at the end, and draw into it."""
        if len(self.board.classes) < MOST_CLASSES:
            names = {card.name for card in self.board.classes}
            number = len(self.board.classes) + 1
            while f"class {number}" in names:
                number += 1
            card = ClassCard(f"class {number}")
            board = replace(self.board, classes=(*self.board.classes, card))
            self._become(board, "added class", Cell(len(board.classes) - 1, 0))

    def remove_class(self, row: int) -> None:
        """A class less; the last two stay, since a question needs two answers."""
        if len(self.board.classes) > 2:
            classes = self.board.classes[:row] + self.board.classes[row + 1 :]
            self._become(replace(self.board, classes=classes), "removed class", QUERY)

    def move_class(self, row: int, to: int) -> None:
        """Put a class in another place; what is selected stays selected, wherever it goes."""
        to = min(max(to, 0), len(self.board.classes) - 1)
        if row == to or not 0 <= row < len(self.board.classes):
            return
        order = [number for number in range(len(self.board.classes)) if number != row]
        order.insert(to, row)
        classes = tuple(self.board.classes[number] for number in order)
        before = self.selected
        cell = before if before == QUERY else before._replace(row=order.index(before.row))
        self._become(replace(self.board, classes=classes), "moved class", cell, back=before)

    def rename(self, row: int, name: str) -> None:
        card = self.board.classes[row]
        if name.strip() and name.strip() != card.name:
            board = self.board.with_class(row, replace(card, name=name.strip()))
            self._become(board, "name", self.selected)

    def add_shot(self, row: int) -> None:
        """A shot more of a class, and draw into it."""
        card = self.board.classes[row]
        if len(card.shots) < MOST_SHOTS:
            board = self.board.with_class(row, replace(card, shots=(*card.shots, Sheet())))
            self._become(board, "added shot", Cell(row, len(card.shots)))

    def teach(self, row: int, sheet: Sheet) -> bool:
        """Make a drawing an example of a class: in its first empty cell, or in a new one; False
        where there is no room."""
        shots = list(self.board.classes[row].shots)
        place = next((n for n, shot in enumerate(shots) if shot.empty), len(shots))
        if place == MOST_SHOTS:
            return False
        shots[place : place + 1] = [sheet]
        card = replace(self.board.classes[row], shots=tuple(shots))
        self._become(self.board.with_class(row, card), "taught drawing", QUERY)
        return True

    def remove_shot(self, cell: Cell) -> None:
        """A shot less; the last one of a class is emptied instead."""
        card = self.board.classes[cell.row]
        if len(card.shots) == 1:
            self.clear(cell)
            return
        shots = card.shots[: cell.shot] + card.shots[cell.shot + 1 :]
        board = self.board.with_class(cell.row, replace(card, shots=shots))
        self._become(board, "removed shot", Cell(cell.row, max(0, cell.shot - 1)))

    def fill(
        self, names: Sequence[str], shots: Sequence[Sequence[Image]], query: Image | None = None
    ) -> None:
        """Replace all classes and the query by ready ones; one step of undo.

        Args:
            names: of each class.
            shots: of each class its images, (H, W) uint8 with ink high.
            query: likewise; the sheet is empty where none is given.
        """
        classes = tuple(
            ClassCard(name, tuple(Sheet(image=image) for image in images))
            for name, images in zip(names, shots, strict=True)
        )
        asked = Sheet() if query is None else Sheet(image=query)
        board = replace(self.board, classes=classes, query=asked)
        self._become(board, "filled support", QUERY)

    def open(self, board: Board) -> None:
        """Replace everything; one step of undo."""
        self._become(board, "opened task", QUERY)

    # --------------------------------------------------------------------------------------- undo

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    @property
    def undo_words(self) -> str:
        """What undo would take back, for its tooltip; empty when there is nothing."""
        return self._past[-1].words if self._past else ""

    @property
    def redo_words(self) -> str:
        return self._future[-1].words if self._future else ""

    def undo(self) -> None:
        """Take back the last change, wherever it was."""
        self._go(self._past, self._future)

    def redo(self) -> None:
        self._go(self._future, self._past)

    def _go(self, source: list[_Step], target: list[_Step]) -> None:
        if not source:
            return
        step = source.pop()
        target.append(_Step(self.board, step.there, step.cell, step.words))
        self.board = step.board
        self.selected = step.cell if self.board.has(step.cell) else QUERY
        self._gesture = ""
        self._tell()

    def _put(self, sheet: Sheet, words: str, gesture: str = "", joined: bool = False) -> None:
        if not joined:
            self._gesture = ""
        board = self.board.with_sheet(self.selected, sheet)
        self._become(board, words, self.selected, gesture)

    def _become(
        self, board: Board, words: str, cell: Cell, gesture: str = "", back: Cell | None = None
    ) -> None:
        """Take another board and select a cell; `back` is selected by undo where it is another."""
        if not gesture or gesture != self._gesture:
            step = _Step(self.board, cell if back is None else back, cell, words)
            self._past = [*self._past[-UNDO_STEPS:], step]
        self._gesture = gesture
        self._future.clear()
        self.board = board
        self.selected = cell if board.has(cell) else QUERY
        self._tell()

    def _tell(self) -> None:
        for told in self._listeners:
            told()
