"""A hand at the window: trains by the Train page and draws on the Draw page with mouse events.

Shared by the benchmarks and by the journey in the test suite. Nothing here reaches past the window:
what is pressed, dragged and read is what a person presses, drags and reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from workbench.app.canvas import QUERY
from workbench.app.collector import Collector
from workbench.app.main import Workbench
from workbench.app.pages.draw.answer import Answer
from workbench.ink import Stroke
from workbench.protocol import Adapt, Adapted, Event, Failed, RunEnded, RunStarted
from workbench.worker import launch

T = TypeVar("T")
LEFT = Qt.MouseButton.LeftButton
PATIENCE = 600.0  # seconds for one thing to happen


@contextmanager
def opened(root: Path) -> Iterator[Hand]:
    """A window with a store of its own, and a hand at it; both gone at the end."""
    application = QApplication.instance() or QApplication(["fewshot-workbench"])
    workbench = Workbench(partial(launch, root), root)
    collector = Collector(application)  # as the program itself has one
    hand = Hand(workbench)
    collector.start()
    try:
        yield hand
    finally:
        collector.stop()
        workbench.window.close()
        workbench.close()
        application.processEvents()


class Hand:
    """Attributes:
    window: the whole program.
    page: its Draw page.
    ended: how each run ended, in order.
    """

    def __init__(self, workbench: Workbench) -> None:
        self.workbench = workbench
        workbench.show()
        workbench.complete()
        self.page = workbench.draw
        self.canvas = workbench.draw.canvas
        self.started: list[str] = []
        self.ended: list[RunEnded] = []
        workbench.link.event.connect(self._hear)

    def wait(self, what: str, condition: Callable[[], T | None], patience: float = PATIENCE) -> T:
        """Let the window live until `condition` gives something true, and return that.

        Raises:
            RuntimeError: it did not happen in time.
        """
        deadline = time.monotonic() + patience
        loop, timer = QEventLoop(), QTimer(interval=2)
        timer.timeout.connect(loop.quit)
        timer.start()
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"Waited {patience:.0f} s in vain: {what}.")
            loop.exec()
        return found

    def rest(self, seconds: float) -> None:
        """Do nothing for a while, as between two characters; the window lives on."""
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    # ------------------------------------------------------------------------------------ training

    def train(self, values: Mapping[str, Any]) -> str:
        """Fill the Train page in, press Start, and return the run as soon as it trains."""
        known = len(self.started)
        self.wait("the engine is ready", lambda: self.workbench.link.state == "ready")
        self.workbench.window.show_page("Train")
        self.workbench.draft.replace(values)
        start = self.workbench.train.setup.start_box.start
        self.wait("Start can be pressed", start.isEnabled)
        QTest.mouseClick(start, LEFT)
        self.wait("the run starts", lambda: len(self.started) > known)
        return self.started[-1]

    def await_end(self, run: str) -> RunEnded:
        """Wait until a run has ended well.

        Raises:
            RuntimeError: it failed.
        """
        ended = self.wait(
            "the run ends", lambda: next((end for end in self.ended if end.run == run), None)
        )
        if ended.status == "failed":
            raise RuntimeError(f"The run failed. {ended.reason} {ended.hint}")
        return ended

    # ------------------------------------------------------------------------------------- drawing

    def open_draw(self, run: str) -> None:
        """Show the Draw page and let `run` answer."""
        self.workbench.window.show_page("Draw")
        self.page.picker.pick(run)
        self.wait("the run can be asked", lambda: self.page.picker.run == run)

    def teach(self, drawings: Sequence[Sequence[Stroke]]) -> None:
        """Clear the board and draw one example of each class."""
        if self.page.support.clear_button.isEnabled():
            QTest.mouseClick(self.page.support.clear_button, LEFT)
        self.clear_query()
        while len(self.page.desk.board.classes) < len(drawings):
            QTest.mouseClick(self.page.support.add_button, LEFT)
        for card, strokes in zip(self.page.support.cards, drawings, strict=False):
            QTest.mouseClick(card.tile, LEFT)
            self.draw(strokes)
        self.to_query()

    def to_query(self) -> None:
        """Take the sheet of the query."""
        if self.page.desk.selected != QUERY:
            QTest.keyClick(self.canvas, Qt.Key.Key_Q)
        if self.page.desk.selected != QUERY:  # the keys belong to a shown window only
            QTest.mouseClick(self.page.answers.tile, LEFT)

    def clear_query(self) -> None:
        """An empty sheet for the next question."""
        self.to_query()
        if not self.page.desk.sheet.empty:
            QTest.mouseClick(self.page.query.tools.clear, LEFT)

    def draw(self, strokes: Sequence[Stroke], pace: float = 0.0) -> float:
        """Drag every stroke over the paper; returns when the pen was lifted last.

        Args:
            pace: seconds between two mouse events; 0 is as fast as they are taken.
        """
        lifted = time.perf_counter()
        for stroke in strokes:
            places = [self.canvas.place(float(x), float(y)).toPoint() for x, y in stroke]
            QTest.mousePress(self.canvas, LEFT, pos=self._inside(places[0]))
            for place in places[1:]:
                QTest.mouseMove(self.canvas, place)
                if pace:
                    self.rest(pace)
            lifted = time.perf_counter()
            QTest.mouseRelease(self.canvas, LEFT, pos=places[-1])
        return lifted

    def ask(self, strokes: Sequence[Stroke], pace: float = 0.0) -> tuple[Answer, float]:
        """Draw a query; the answer to all of it, and seconds from the last pen-up to the bars."""
        self.clear_query()
        lifted = self.draw(strokes, pace)
        answer = self.wait("the query is answered", lambda: self._answer_since(lifted))
        return answer, time.perf_counter() - lifted

    def picture(self, size: int) -> NDArray[np.uint8]:
        """What the network sees of the query, (size, size)."""
        board = self.page.desk.board
        return board.query.pixels(size, board.pen_width)

    def adapt(
        self, run: str, support_x: NDArray[np.uint8], query_x: NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        """What the same run says to images, (Q, N), one support image of each class."""
        answers: list[Event] = []
        self.workbench.link.request(
            Adapt,
            answers.append,
            run=run,
            support_x=support_x,
            support_y=np.arange(len(support_x)),
            query_x=query_x,
        )
        kinds = (Adapted, Failed)
        final = self.wait(
            "the images are answered",
            lambda: next((event for event in answers if isinstance(event, kinds)), None),
        )
        if not isinstance(final, Adapted):
            raise RuntimeError(f"The images were not answered: {final}")
        return np.asarray(final.answers[-1])

    def _answer_since(self, lifted: float) -> Answer | None:
        answer = self.page.answer
        return answer if answer is not None and answer.asked >= lifted else None

    def _inside(self, place: QPoint) -> QPoint:
        """A stroke that begins on the very edge begins one px inside, where the pen can touch."""
        paper = self.canvas.paper()
        return QPoint(
            min(max(place.x(), paper.left()), paper.right()),
            min(max(place.y(), paper.top()), paper.bottom()),
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self.started.append(event.run)
        elif isinstance(event, RunEnded):
            self.ended.append(event)
