"""The embedding map, and by what rule its points are laid out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent

from workbench.app.canvas import Board
from workbench.app.pages.draw.answer import Answer
from workbench.app.pages.draw.map import EmbeddingMap
from workbench.app.widgets import EmptyState, Panel, Segmented
from workbench.protocol import Event, Failed, LaidOut, LayOut

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink

RULES = [("pca", "PCA"), ("tsne", "t-SNE")]
NEIGHBOURS = "t-SNE keeps neighbours together; far distances mean little"


class MapPanel(Panel):
    """Principal axes at once; t-SNE as soon as the engine has laid it out, the newest answer's
    only.

    Attributes:
        map: the map itself.
        rule: chooses.
    """

    def __init__(self, link: EngineLink) -> None:
        super().__init__("Embedding map", "features after the inner loop", padding=0)
        self._link = link
        self._answer: Answer | None = None
        self._board = Board()
        self._asked: Answer | None = None  # under way
        self._known: Answer | None = None  # laid out, or known to be impossible
        self.map = EmbeddingMap()
        self.empty = EmptyState("info", "")
        self.empty.hide()
        self.rule = Segmented(RULES, "pca", "How the features are laid out")
        self.rule.setToolTip(
            "PCA: the plane in which the examples differ most. t-SNE: neighbours stay neighbours."
        )
        self.add_tool(self.rule)
        self.body.addWidget(self.map)
        self.body.addWidget(self.empty)
        self.rule.changed.connect(self._ruled)
        self.empty.acted.connect(self._to_axes)

    def show_answer(self, answer: Answer | None, board: Board) -> None:
        """Show where support and query lie; None empties the map."""
        self._answer, self._board = answer, board
        self._tell_what()
        if answer is None or answer.features is None or self.rule.value() == "pca":
            self._say("")
            self.map.show_answer(answer, board)
        elif answer is not self._known:
            self._lay_out()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_answer(self._answer, self._board)

    @Slot(str)
    def _ruled(self, _rule: str) -> None:
        self._known = None
        self.show_answer(self._answer, self._board)

    @Slot()
    def _to_axes(self) -> None:
        self.rule.set_value("pca")
        self._ruled("pca")

    def _lay_out(self) -> None:
        """Ask, unless an older question is under way: its answer asks again."""
        answer = self._answer
        if self._asked is not None or answer is None or not self.isVisible():
            return
        self._asked = answer
        if self._known is None or self._known.labels != answer.labels:
            self._say("")
            self.map.show_answer(answer, self._board)  # until it is laid out
        self._tell_what()
        # Not a lambda: the link must see whose it is.
        heard = partial(self._heard, answer, self._board)
        self._link.request(LayOut, heard, features=answer.features)

    def _heard(self, answer: Answer, board: Board, event: Event) -> None:
        if not isinstance(event, (LaidOut, Failed)):
            return
        self._asked = None
        self._tell_what()
        if self.rule.value() == "pca" or self._answer is None:
            return
        if isinstance(event, LaidOut):
            self._say("")
            self.map.show_answer(answer, board, event.places, NEIGHBOURS)
        elif not event.cancelled:
            self._say(event.message, event.hint)
        self._known = answer
        if self._answer is not answer:
            self._lay_out()

    def _tell_what(self) -> None:
        loop = self._answer is None or self._answer.has_loop
        words = "features after the inner loop" if loop else "features of the model"
        self.set_muted("being laid out…" if self._asked is not None else words)

    def _say(self, sentence: str, hint: str = "") -> None:
        """In place of the map; empty brings it back."""
        self.empty.set("info", sentence, "Show PCA" if sentence else "")
        self.empty.setToolTip(hint)
        self.empty.setVisible(bool(sentence))
        self.map.setVisible(not sentence)
