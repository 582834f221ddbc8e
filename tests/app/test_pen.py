"""A tablet's pen and a finger on the paper, as events of the system would bring them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QImage, QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench import ink
from workbench.app.canvas import Board, Canvas, ClassCard, Desk, Sheet, load_board, save_board
from workbench.app.canvas.tasks import to_board, to_task
from workbench.app.pages.draw.query import QueryPanel
from workbench.taskfile import load_task, save_task

PLACES = ((0.2, 0.5), (0.4, 0.5), (0.6, 0.5), (0.8, 0.5))
PRESSED = np.array([[0.2, 0.5, 0.5], [0.5, 0.5, 1.0], [0.8, 0.5, 1.5]], np.float32)
LINE = np.array([[0.2, 0.5], [0.8, 0.5]], np.float32)


@pytest.fixture
def panel(qtbot: QtBot, dressed: QApplication) -> Iterator[QueryPanel]:
    made = QueryPanel(Desk())
    qtbot.addWidget(made)
    made.resize(480, 560)
    made.show()
    yield made
    made.hide()


def pen(parent: QObject, feels: bool = True, eraser: bool = False) -> QPointingDevice:
    """A tablet's pen, or its other end."""
    able = QInputDevice.Capability.Position
    kind = QPointingDevice.PointerType
    return QPointingDevice(
        "pen",
        1,
        QInputDevice.DeviceType.Stylus,
        kind.Eraser if eraser else kind.Pen,
        able | QInputDevice.Capability.Pressure if feels else able,
        1,
        1,
        "",
        parent=parent,
    )


def draw(
    canvas: Canvas,
    device: QPointingDevice,
    pressures: Sequence[float],
    places: Sequence[tuple[float, float]] = PLACES,
) -> None:
    """Press at the first place, move over the others, lift at the last, where nothing presses."""
    kinds = [QEvent.Type.TabletPress, *[QEvent.Type.TabletMove] * (len(places) - 1)]
    told = [*zip(kinds, places, pressures, strict=True)]
    for kind, place, pressure in [*told, (QEvent.Type.TabletRelease, places[-1], 0.0)]:
        spot = canvas.place(*place)
        up = kind == QEvent.Type.TabletRelease
        event = QTabletEvent(
            *(kind, device, spot, QPointF(canvas.mapToGlobal(spot.toPoint())), pressure),
            *(0.0, 0.0, 0.0, 0.0, 0.0, Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton),
            Qt.MouseButton.NoButton if up else Qt.MouseButton.LeftButton,
        )
        QApplication.sendEvent(canvas, event)


def black(picture: QImage, x: float, side: int) -> int:
    """Dark pixels in one column of the paper."""
    return sum(
        picture.pixelColor(round(x * side), y).lightness() < 100 for y in range(picture.height())
    )


# ---------------------------------------------------------------------------------------------- pen


def test_a_pen_draws_the_wider_the_firmer_it_is_pressed(panel: QueryPanel) -> None:
    """Pressures 0, 1/2, 1 are 0.7, once and 1.3 times the width; lifting adds none."""
    draw(panel.canvas, pen(panel), (0.0, 0.5, 1.0, 1.0))
    (stroke,) = panel._desk.board.query.strokes
    assert stroke[:, 2] == pytest.approx([0.7, 1.0, 1.3, 1.3])
    assert stroke[:, :2] == pytest.approx(np.array(PLACES), abs=0.01)
    canvas = panel.canvas
    canvas.set_grid(False)
    picture = canvas.grab(canvas.paper()).toImage()
    thin, thick = (black(picture, x, picture.width()) for x in (0.22, 0.78))
    assert thick > 1.4 * thin > 0
    pixels = panel._desk.board.query.pixels(105)
    assert [int((pixels[:, x] > 0).sum()) for x in (21, 42, 83)] == [
        pytest.approx(5 * width, abs=0.5) for width in (0.7, 1.0, 1.3)
    ]


def test_what_is_painted_while_a_pen_presses_is_what_is_painted_afterwards(
    panel: QueryPanel,
) -> None:
    canvas = panel.canvas
    canvas.set_grid(False)
    pictures: list[QImage] = []
    canvas.stroke_grew.connect(lambda: pictures.append(canvas.grab(canvas.paper()).toImage()))
    x = np.linspace(0.2, 0.8, 40)
    wave = [(float(a), float(0.5 + 0.2 * np.sin(9 * a))) for a in x]
    draw(canvas, pen(panel), np.linspace(0, 1, 40).tolist(), wave)
    canvas.set_sheet(Sheet())
    canvas.set_sheet(panel._desk.board.query)
    after = canvas.grab(canvas.paper()).toImage()
    differ = sum(
        abs(pictures[-1].pixelColor(x, y).lightness() - after.pixelColor(x, y).lightness()) > 100
        for x in range(0, after.width(), 2)
        for y in range(0, after.height(), 2)
    )
    assert differ < 20


def test_without_pressure_a_pen_draws_as_the_data_set_does(panel: QueryPanel) -> None:
    canvas, tools = panel.canvas, panel.tools
    assert tools.pressure.isHidden()
    draw(canvas, pen(panel, feels=False), (0.9, 0.9, 0.9, 0.9))
    assert panel._desk.board.query.strokes[0].shape == (4, 2)
    assert not tools.pressure.isHidden(), "whoever has a pen can choose"
    tools.pressure.click()
    draw(canvas, pen(panel), (0.1, 0.9, 0.9, 0.9))
    assert panel._desk.board.query.strokes[1].shape == (4, 2)


def test_the_other_end_of_a_pen_erases(panel: QueryPanel) -> None:
    draw(panel.canvas, pen(panel), (0.5,) * 4)
    draw(panel.canvas, pen(panel, eraser=True), (0.5,) * 4)
    assert panel._desk.board.query.empty
    panel._desk.undo()
    assert len(panel._desk.board.query.strokes) == 1


# ------------------------------------------------------------------------------------------ finger


def test_one_finger_draws_and_a_second_one_leaves_no_mark(panel: QueryPanel) -> None:
    canvas, device = panel.canvas, QTest.createTouchDevice()
    places = [canvas.place(*place).toPoint() for place in PLACES]
    heel = canvas.place(0.5, 0.9).toPoint()
    QTest.touchEvent(canvas, device).press(0, places[0], canvas).commit()
    QTest.touchEvent(canvas, device).move(0, places[1], canvas).commit()
    QTest.touchEvent(canvas, device).move(0, places[2], canvas).press(1, heel, canvas).commit()
    QTest.touchEvent(canvas, device).move(0, places[3], canvas).stationary(1).commit()
    QTest.touchEvent(canvas, device).release(0, places[3], canvas).stationary(1).commit()
    QTest.touchEvent(canvas, device).release(1, heel, canvas).commit()
    (stroke,) = panel._desk.board.query.strokes
    assert stroke == pytest.approx(np.array(PLACES), abs=0.01)


# ------------------------------------------------------------------------------- ink and files


def test_a_width_of_one_is_the_very_ink_of_a_stroke_without_widths() -> None:
    ones = np.column_stack((LINE, np.ones(2, np.float32)))
    for size in (28, 105):
        assert np.array_equal(ink.render([ones], size), ink.render([LINE], size))


def test_a_dot_is_as_wide_as_it_was_pressed() -> None:
    """A nib on the middle of a pixel: 69 pixels are nearer than 5 to it, and 21 nearer than 2.5."""
    dots = [np.array([[0.5, 0.5, width]], np.float32) for width in (2.0, 1.0)]
    areas = [np.count_nonzero(ink.render([dot])) for dot in dots]
    assert areas == [69, 21]


def test_pressure_survives_both_kinds_of_file_and_others_have_none_of_it(tmp_path: Path) -> None:
    board = Board((ClassCard("a", (Sheet((PRESSED, LINE)),)), ClassCard("b", (Sheet((LINE,)),))))
    save_board(board, tmp_path / "drawing.json")
    save_task(to_task(board), tmp_path / "a.fewshot")
    for found in (
        load_board(tmp_path / "drawing.json"),
        to_board(load_task(tmp_path / "a.fewshot")),
    ):
        assert found is not None
        first, second = found.classes[0].shots[0].strokes
        assert np.allclose(first, PRESSED, atol=1e-4)
        assert second.shape == (2, 2)
        assert found.classes[1].shots[0].strokes[0].shape == (2, 2)
    with zipfile.ZipFile(tmp_path / "a.fewshot") as archive:
        told = json.loads(archive.read("task.json"))
    assert told["strokes"]["support/0-0.png"][0][1] == [0.5, 0.5], "older readers read on"
    assert told["widths"] == {"support/0-0.png": [[0.5, 1.0, 1.5], []]}


@pytest.mark.parametrize("widths", [[1.0], [1.0, float("nan")]])
def test_a_stroke_with_other_widths_than_places_is_none(widths: list[float]) -> None:
    with pytest.raises(ValueError, match=r"reshape|finite"):
        ink.of_lists(LINE.tolist(), widths)
