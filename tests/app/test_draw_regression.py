"""A model of functions taught by hand, with the real worker behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from benchmarks.hand import Hand, opened
from workbench.app.engine_link import EngineLink
from workbench.app.pages.draw.points import PointsPlot
from workbench.app.pages.draw.regression import FINE, RegressionTwin
from workbench.worker import launch

PATIENCE_MS = 120_000
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
TINY = {
    "dataset.name": "sinusoid",
    "dataset.amplitude_max": 3,
    "dataset.x_min": -2,
    "dataset.x_max": 4,
    "algorithm.name": "maml",
    "algorithm.inner_steps_eval": 4,
    "training.steps": 3,
    "training.meta_batch": 2,
    "validation.tasks": 4,
    "device": "cpu",
}


@pytest.fixture
def plot(qtbot: QtBot, dressed: QApplication) -> PointsPlot:
    made = PointsPlot()
    made.set_ranges((0, 10), (-1, 1))
    made.resize(400, 300)
    qtbot.addWidget(made)
    made.show()
    return made


def place(plot: PointsPlot, x: float, y: float) -> QPoint:
    return plot.axes().at((x, y)).toPoint()


def near(points: object, wanted: list[tuple[float, float]]) -> bool:
    """Within a pixel or two."""
    return bool(np.allclose(np.array(points), np.array(wanted), atol=0.1))


def test_a_click_sets_a_point_a_drag_moves_it_and_the_right_button_takes_it_away(
    plot: PointsPlot,
) -> None:
    QTest.mouseClick(plot, LEFT, pos=place(plot, 2, 0.5))
    QTest.mouseClick(plot, LEFT, pos=place(plot, 8, 0))
    assert near(plot.points, [(2, 0.5), (8, 0)])
    QTest.mousePress(plot, LEFT, pos=place(plot, 2, 0.5))
    QTest.mouseMove(plot, place(plot, 5, -0.5))
    QTest.mouseRelease(plot, LEFT, pos=place(plot, 5, -0.5))
    assert near(plot.points, [(5, -0.5), (8, 0)])
    QTest.mouseClick(plot, RIGHT, pos=place(plot, 8, 0))
    QTest.mouseClick(plot, RIGHT, pos=place(plot, 1, 0.9))  # nothing is there
    assert near(plot.points, [(5, -0.5)])


def test_a_point_stays_within_the_axes(plot: PointsPlot) -> None:
    QTest.mousePress(plot, LEFT, pos=place(plot, 9, 0.9))
    QTest.mouseMove(plot, QPoint(399, 0))
    QTest.mouseRelease(plot, LEFT, pos=QPoint(399, 0))
    assert plot.points == ((10, 1),)


def test_points_can_be_set_moved_and_removed_by_keys_alone(plot: PointsPlot) -> None:
    """An arrow moves by a hundredth of an axis, with Shift by a tenth."""
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Return)
    QTest.keyClick(plot, Qt.Key.Key_Return)
    QTest.keyClick(plot, Qt.Key.Key_N)
    QTest.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(plot, Qt.Key.Key_Up)
    assert np.allclose(plot.points, [(6, 0.02), (5, 0)])
    QTest.keyClick(plot, Qt.Key.Key_Delete)
    assert plot.points == ((5, 0),)


def test_the_usual_key_takes_a_point_back_before_there_is_an_engine(
    qtbot: QtBot, dressed: QApplication, tmp_path: Path
) -> None:
    link = EngineLink(lambda: launch(tmp_path))
    twin = RegressionTwin(link)
    qtbot.addWidget(twin)
    twin.resize(900, 500)
    twin.show()
    twin.activateWindow()
    qtbot.waitUntil(twin.isActiveWindow)
    QTest.mouseClick(twin.plot, LEFT, pos=place(twin.plot, 1, 1))
    assert len(twin.plot.points) == 1
    QTest.keyClick(twin.plot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert twin.plot.points == ()
    link.close()


@pytest.fixture(scope="module")
def hand(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    """A window in which a tiny model of sinusoids was trained."""
    with opened(tmp_path_factory.mktemp("home")) as made:
        run = made.train(TINY)
        made.await_end(run)
        made.workbench.window.show_page("Draw")
        made.page.picker.pick(run)
        yield made


@pytest.fixture
def twin(hand: Hand, qtbot: QtBot) -> RegressionTwin:
    """The page for points, without any."""
    qtbot.waitUntil(hand.page.twin.isVisible, timeout=PATIENCE_MS)
    made = hand.page.twin
    made.clear()
    return made


def test_points_are_answered_by_a_curve_for_each_inner_step(
    twin: RegressionTwin, hand: Hand, qtbot: QtBot
) -> None:
    assert not hand.page.panels.isVisible()
    assert not twin.step.isEnabled()
    for x, y in ((-1, 1), (0, 2), (3, -1)):
        QTest.mouseClick(twin.plot, LEFT, pos=place(twin.plot, x, y))
    errors = twin.figures["Error on your points"]
    qtbot.waitUntil(lambda: errors.text() != "–", timeout=PATIENCE_MS)
    assert twin.step.maximum() == 4
    assert twin.legend.accessibleName() == "before adaptation, after 4 inner steps"
    last = float(errors.text())
    twin.step.setValue(0)
    assert errors.text() == twin.figures["Before adaptation"].text()
    assert float(errors.text()) > last, "gradient steps lower the error on the points"


def test_a_sampled_task_brings_its_truth_and_undo_brings_the_points_back(
    twin: RegressionTwin, qtbot: QtBot
) -> None:
    QTest.mouseClick(twin.plot, LEFT, pos=place(twin.plot, 1, 1))
    own = twin.plot.points
    QTest.mouseClick(twin.sample_button, LEFT)
    truth = twin.figures["To the truth"]
    qtbot.waitUntil(lambda: truth.text() != "–", timeout=PATIENCE_MS)
    assert len(twin.plot.points) == 10
    assert "truth" in twin.legend.accessibleName()
    assert all(-2 <= x <= 4 for x, _ in twin.plot.points)
    QTest.mouseClick(twin.undo_button, LEFT)
    assert twin.plot.points == own


def test_a_drag_is_one_step_of_undo(twin: RegressionTwin, qtbot: QtBot) -> None:
    QTest.mouseClick(twin.plot, LEFT, pos=place(twin.plot, 0, 0))
    before = twin.plot.points
    QTest.mousePress(twin.plot, LEFT, pos=place(twin.plot, 0, 0))
    for x in (0.5, 1, 1.5, 2):
        QTest.mouseMove(twin.plot, place(twin.plot, x, 1))
    QTest.mouseRelease(twin.plot, LEFT, pos=place(twin.plot, 2, 1))
    assert twin.plot.points != before
    twin.undo()
    assert twin.plot.points == before


def test_the_untrained_model_can_be_asked_too(
    twin: RegressionTwin, hand: Hand, qtbot: QtBot
) -> None:
    run = hand.page.picker.run
    QTest.mouseClick(twin.plot, LEFT, pos=place(twin.plot, 1, 1))
    qtbot.waitUntil(lambda: twin._answer is not None, timeout=PATIENCE_MS)
    trained = twin._answer
    assert trained is not None
    hand.page.picker.pick(run)
    index = hand.page.picker.findData(f"untrained:{run}")
    hand.page.picker.setCurrentIndex(index)
    hand.page.picker.activated.emit(index)
    qtbot.waitUntil(
        lambda: twin._answer is not None and twin._answer.step == 0, timeout=PATIENCE_MS
    )
    assert twin._answer is not None
    assert not np.allclose(twin._answer.answers[0, :FINE], trained.answers[0, :FINE])
    hand.page.picker.pick(run)
