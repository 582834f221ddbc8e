"""How smooth the window stays while a run trains on every core.

    python -m benchmarks.window
    python -m benchmarks.window --quick --json window.json

Three measurements, each as a person would feel it:

- start: from the start of the program's process to a painted window that takes input, and whether
  torch is loaded in it or in the worker by then;
- heartbeat: a 16 ms timer in the window, while a run trains and a hand draws: the gaps between its
  beats;
- answer: from the pen-up of a stroke, drawn by mouse events, to the painted bars, while it trains.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Slot

from benchmarks.hand import Hand, opened

BEAT_MS = 16
PACE = 1 / 120  # seconds between two events of a quick mouse

START = """
import sys, time
began = float(sys.argv[1])
from pathlib import Path
from functools import partial
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from workbench.app.main import Workbench
from workbench.worker import launch

if __name__ == "__main__":
    application = QApplication(["fewshot-workbench"])
    root = Path(sys.argv[2])
    workbench = Workbench(partial(launch, root), root)

    def usable():
        print(time.time() - began, "torch" in sys.modules, workbench.link.state, flush=True)
        workbench.window.close()
        workbench.close()
        application.quit()

    workbench.painted.connect(lambda: QTimer.singleShot(0, usable))
    workbench.show()
    application.exec()
"""

TRAINING: dict[str, Any] = {
    "dataset.name": "glyphs",
    "algorithm.name": "maml",
    "training.steps": 100_000,
    "training.meta_batch": 4,
    "validation.every": 50,
    "validation.tasks": 20,
    "device": "cpu",
}


@dataclass(frozen=True)
class Figures:
    """Seconds, and milliseconds where the name says so."""

    start_s: tuple[float, ...]
    torch_in_window: bool
    gaps_ms: tuple[float, ...]
    answers_ms: tuple[float, ...]
    model_ms: tuple[float, ...]
    steps_trained: int
    answers_while_training: bool


class Heartbeat(QObject):
    """A timer of 16 ms that notes the gaps between its beats."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self, interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self.gaps.clear()
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @Slot()
    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        self._last = now


def measure_start(times: int) -> tuple[tuple[float, ...], bool]:
    """Seconds from process start to a usable window, and whether torch was loaded in it."""
    seconds, torch = [], False
    with tempfile.TemporaryDirectory() as scratch:
        program = Path(scratch) / "start.py"
        program.write_text(START, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        for turn in range(times):
            store = Path(scratch) / f"store{turn}"
            command = [sys.executable, str(program), str(time.time()), str(store)]
            done = subprocess.run(
                command, capture_output=True, text=True, check=True, env=environment
            )
            took, loaded, _ = done.stdout.split()[-3:]
            seconds.append(float(took))
            torch = torch or loaded == "True"
    return tuple(seconds), torch


def measure_training(hand: Hand, seconds: float, starts: tuple[float, ...], torch: bool) -> Figures:
    """Draw with mouse events while a run trains."""
    run = hand.train(TRAINING)
    folder = hand.workbench.store.open(run)
    hand.wait("the run trains", lambda: len(folder.metrics("train")) >= 3)
    hand.open_draw(run)
    random = np.random.default_rng(0)
    hand.teach([[scribble(random)] for _ in range(5)])
    hand.ask([scribble(random)])  # the first question loads what later ones find loaded
    heart, answers, model, still = Heartbeat(), [], [], True
    before = len(folder.metrics("train"))
    heart.start()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer, took = hand.ask([scribble(random), scribble(random)], PACE)
        answers.append(1000 * took)
        model.append(answer.milliseconds)
        hand.rest(1.0)
        still = still and not hand.ended
    heart.stop()
    return Figures(
        start_s=starts,
        torch_in_window=torch or "torch" in sys.modules,
        gaps_ms=tuple(heart.gaps),
        answers_ms=tuple(answers),
        model_ms=tuple(model),
        steps_trained=len(folder.metrics("train")) - before,
        answers_while_training=still,
    )


def scribble(random: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A smooth stroke of some sixty points, (P, 2)."""
    time_ = np.linspace(0, 1, 60)[:, None]
    bends = random.random((4, 2)) * 0.7 + 0.15
    weights = np.concatenate(
        [(1 - time_) ** 3, 3 * time_ * (1 - time_) ** 2, 3 * time_**2 * (1 - time_), time_**3], 1
    )
    return np.asarray(weights @ bends, np.float32)


def report(figures: Figures) -> None:
    gaps = np.array(figures.gaps_ms)
    p50, p99 = np.percentile(gaps, [50, 99])
    answers = np.array(figures.answers_ms)
    print(f"{'measure':36}{'median':>10}{'p99':>10}{'worst':>10}{'aim':>26}")
    starts = np.array(figures.start_s)
    print(f"{'start to usable window, s':36}{np.median(starts):10.2f}{'':10}{starts.max():10.2f}")
    print(
        f"{'heartbeat of 16 ms, ms':36}{p50:10.1f}{p99:10.1f}{gaps.max():10.1f}"
        f"{'p99 <= 33, none > 100':>26}"
    )
    worst = np.percentile(answers, 99)
    print(
        f"{'pen-up to bars, ms':36}{np.median(answers):10.1f}{worst:10.1f}{answers.max():10.1f}"
        f"{'median <= 100':>26}"
    )
    print(f"{'  of which the model, ms':36}{np.median(figures.model_ms):10.1f}")
    print(f"torch in the window's process: {'yes' if figures.torch_in_window else 'no'}")
    print(
        f"{len(gaps)} beats, {len(answers)} answers, {figures.steps_trained} outer steps meanwhile"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long to draw while training")
    parser.add_argument("--quick", action="store_true", help="one start, five seconds")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    start, torch = measure_start(1 if options.quick else 5)
    with tempfile.TemporaryDirectory() as scratch, opened(Path(scratch)) as hand:
        seconds = 5.0 if options.quick else options.seconds
        figures = measure_training(hand, seconds, start, torch)
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(asdict(figures), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
