"""The road that `--self-test` takes through the window, with nobody at the mouse.

What is waited for is waited for in Qt's own loop, so the window lives on as under a person's hands.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from workbench import ink
from workbench.app.engine_link import Launch
from workbench.app.main import Workbench
from workbench.protocol import (
    Adapt,
    Adapted,
    Command,
    ControlRun,
    Event,
    Failed,
    Progress,
    ResumeRun,
    RunEnded,
    RunStarted,
    StartRun,
    Validated,
)

T = TypeVar("T")
EventT = TypeVar("EventT", bound=Event)

STEPS = 3
POLL_MS = 20
PATIENCE = 300.0  # seconds for one stage: a first start reads gigabytes of libraries
SETTINGS: Mapping[str, Any] = {
    "dataset.name": "glyphs",
    "dataset.alphabets": 3,
    "dataset.characters": 10,
    "dataset.validation": 1,
    "dataset.test": 1,
    "algorithm.name": "maml",
    "training.meta_batch": 2,
    "training.steps": 100_000,
    "device": "cpu",
}


class Journey:
    """Window, worker, training, drawing, stopping, resuming: on the glyphs, in a store of its own.

    Args:
        launch: starts a worker for the store `root`.

    Attributes:
        seconds: how long each finished stage took.
        found: figures for the report.
    """

    def __init__(self, launch: Launch, root: Path) -> None:
        self.seconds: dict[str, float] = {}
        self.found: dict[str, Any] = {}
        # Kept: Qt ends with the last reference to it.
        self._application = QApplication.instance() or QApplication(["fewshot-workbench"])
        self._workbench = Workbench(launch, root)
        self._link = self._workbench.link
        self._run = ""
        self._events: list[Event] = []
        self._link.event.connect(self._events.append)

    def run(self) -> None:
        """Take the whole road.

        Raises:
            RuntimeError: a stage failed; the sentence says why.
        """
        for stage in (
            self._open_window,
            self._await_engine,
            self._train,
            self._draw,
            self._stop,
            self._resume,
        ):
            started = time.perf_counter()
            stage()
            name = stage.__name__.strip("_")
            self.seconds[name] = round(time.perf_counter() - started, 3)

    def close(self) -> None:
        """End the worker and let go of the window."""
        self._workbench.window.close()
        self._workbench.close()

    # ------------------------------------------------------------------------------------- stages

    def _open_window(self) -> None:
        self._workbench.show()
        window = self._workbench.window
        self._wait("the window is painted", lambda: self._link.pid > 0)
        picture = window.grab().toImage()
        colours = {picture.pixel(x, picture.height() // 2) for x in range(0, picture.width(), 4)}
        if len(colours) < 2:
            raise RuntimeError("The window is empty.")
        self.found["window"] = [picture.width(), picture.height()]

    def _await_engine(self) -> None:
        self._wait("the engine is ready", lambda: self._link.state != "starting")
        if self._link.state != "ready":
            raise RuntimeError(f"The engine stopped. {self._link.reason}")
        self.found["versions"] = self._link.versions
        if "torch" in sys.modules:
            raise RuntimeError("The window has loaded torch.")
        self.found["devices"] = [device.name for device in self._link.devices if device.available]

    def _train(self) -> None:
        answer = self._ask(StartRun, values=SETTINGS)
        if isinstance(answer, Validated):
            raise RuntimeError("; ".join(problem.message for problem in answer.problems))
        if not isinstance(answer, RunStarted):
            raise RuntimeError(f"Nothing was started: {answer!r}")
        self._run = answer.run
        self._wait(f"{STEPS} steps are trained", lambda: self._trained() >= STEPS)

    def _draw(self) -> None:
        """Five invented characters once each, and the first of them again, while the run trains."""
        random = np.random.default_rng(0)
        drawings = [random.random((4, 2), np.float32) for _ in range(5)]
        images = np.stack([ink.render([drawing]) for drawing in drawings])
        images = ink.resize(images, 28)[:, None]  # (N, C, H, W)
        answer = self._ask(
            Adapt, run=self._run, support_x=images, support_y=np.arange(5), query_x=images[:1]
        )
        if not isinstance(answer, Adapted):
            raise RuntimeError(f"The drawing was not answered: {answer!r}")
        probabilities = answer.answers[-1, 0]
        if probabilities.shape != (5,) or not np.isclose(probabilities.sum(), 1, atol=1e-4):
            raise RuntimeError(f"These are no probabilities of five classes: {probabilities}")
        self.found["drawn"] = [round(float(share), 4) for share in probabilities]
        self.found["milliseconds"] = round(answer.milliseconds, 1)

    def _stop(self) -> None:
        self._request(ControlRun, run=self._run, action="stop")
        self._await_end("stopped")
        self.found["steps"] = self._trained()
        if not self._workbench.store.open(self._run).checkpoint().exists():
            raise RuntimeError("No checkpoint was saved.")

    def _resume(self) -> None:
        answer = self._ask(ResumeRun, run=self._run)
        if not isinstance(answer, RunStarted):
            raise RuntimeError(f"The run was not resumed: {answer!r}")
        goal = self.found["steps"] + STEPS
        self._wait(f"it has gone on to step {goal}", lambda: self._trained() >= goal)
        self._request(ControlRun, run=self._run, action="stop")
        self._await_end("stopped")
        steps = self._workbench.store.open(self._run).metrics("train")["step"]
        if not np.array_equal(steps, np.arange(1, len(steps) + 1)):
            raise RuntimeError(f"Steps are missing or written twice: {steps}")
        self.found["resumed_to"] = int(steps[-1])

    # ------------------------------------------------------------------------------------ waiting

    def _trained(self) -> int:
        """Steps whose figures lie in the store."""
        return len(self._workbench.store.open(self._run).metrics("train"))

    def _await_end(self, status: str) -> None:
        ended = self._wait("the run ends", lambda: self._last(RunEnded))
        if ended.status != status:
            raise RuntimeError(f"The run is {ended.status}, not {status}: {ended.reason}")

    def _last(self, kind: type[EventT]) -> EventT | None:
        """The latest event of a kind, which is then forgotten."""
        for event in reversed(self._events):
            if isinstance(event, kind):
                self._events.clear()
                return event
        return None

    def _request(self, command: type[Command], **fields: Any) -> list[Event]:
        """Send a command; its answers will appear in the list that is returned."""
        answers: list[Event] = []
        self._link.request(command, answers.append, **fields)
        return answers

    def _ask(self, command: type[Command], **fields: Any) -> Event:
        """Send a command and wait for its final answer."""
        answers = self._request(command, **fields)
        final = self._wait(
            f"{command.__name__} is answered",
            lambda: next((event for event in answers if not isinstance(event, Progress)), None),
        )
        if isinstance(final, Failed):
            raise RuntimeError(f"{final.message} {final.hint} {final.detail}".strip())
        return final

    def _wait(self, what: str, condition: Callable[[], T | None]) -> T:
        """Let the window live until `condition` gives something true, and return that."""
        deadline = time.monotonic() + PATIENCE
        loop, timer = QEventLoop(), QTimer(interval=POLL_MS)
        timer.timeout.connect(loop.quit)
        timer.start()
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"Waited {PATIENCE:.0f} s in vain until {what}.")
            loop.exec()
        return found
