"""Drawing: what a person has drawn (plain classes, no Qt) and the widget to draw it with.

desk = Desk()                            # the support board, the query, the selection, undo
desk.draw(stroke)                        # a stroke, (P, 2) in 0..1, into the selected cell
support = desk.board.support(size=28)    # what a network is given
Canvas()                                 # signals stroke_finished, stroke_grew, erased
"""

from workbench.app.canvas.board import QUERY, Board, Cell, ClassCard
from workbench.app.canvas.canvas import Canvas
from workbench.app.canvas.desk import Desk
from workbench.app.canvas.files import load_board, save_board
from workbench.app.canvas.sheet import Sheet

__all__ = [
    "QUERY",
    "Board",
    "Canvas",
    "Cell",
    "ClassCard",
    "Desk",
    "Sheet",
    "load_board",
    "save_board",
]
