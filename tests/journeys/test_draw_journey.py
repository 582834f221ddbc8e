"""Train in the window, replay real people's pen strokes on its canvas, compare with images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from benchmarks.hand import opened
from benchmarks.ink import by_pen
from benchmarks.journey import SIZE, Alphabet, replay
from workbench.app.canvas import Sheet

TINY = {
    "dataset.name": "glyphs",
    "dataset.alphabets": 3,
    "dataset.characters": 10,
    "dataset.validation": 1,
    "dataset.test": 1,
    "algorithm.name": "protonet",
    "backbone.width": 8,
    "task.queries": 5,
    "training.steps": 8,
    "training.meta_batch": 1,
    "validation.every": 8,
    "validation.tasks": 5,
    "device": "cpu",
}


def test_a_mouse_on_the_canvas_loses_nothing_against_the_images_of_the_same_drawings(
    qapp: QApplication, tmp_path: Path, strokes_path: Path, omniglot_path: Path
) -> None:
    """A model of some seconds answers badly, but it must answer both alike. `benchmarks/journey.py`
    is the long version, and measures the accuracies."""
    alphabet = Alphabet(strokes_path.parent, "Latin")
    random = np.random.default_rng(3)
    tasks = [alphabet.task(random, 5) for _ in range(3)]
    alphabet.close()
    with opened(tmp_path) as hand:
        run = hand.train(TINY)
        hand.await_end(run)
        hand.open_draw(run)
        result = replay(hand, run, tasks)
    assert result.picture_apart < 1.5  # grey levels of 255
    assert result.apart < 0.15  # of 1
    assert result.agreement >= 0.7
    assert len(result.milliseconds) == 15


def test_the_pen_that_is_measured_is_the_one_that_the_window_draws_with(
    strokes_path: Path, omniglot_path: Path
) -> None:
    alphabet = Alphabet(strokes_path.parent, "Greek")
    task = alphabet.task(np.random.default_rng(0), 1)
    alphabet.close()
    for example in task.support:
        assert np.array_equal(by_pen(example)[0], Sheet(example.strokes).pixels(SIZE))
