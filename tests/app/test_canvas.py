from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench import ink
from workbench.app import theme
from workbench.app.canvas import (
    QUERY,
    Board,
    Canvas,
    Cell,
    ClassCard,
    Desk,
    Sheet,
    load_board,
    save_board,
)

LINE = np.array([[0.2, 0.5], [0.8, 0.5]], np.float32)
BAR = np.array([[0.5, 0.1], [0.5, 0.9]], np.float32)
IMAGE = np.full((28, 28), 90, np.uint8)

# ------------------------------------------------------------------------------------- model, no Qt


def test_strokes_go_into_the_selected_cell_and_undo_takes_them_back_one_by_one() -> None:
    desk = Desk()
    desk.draw(LINE)
    desk.select(Cell(1, 0))
    desk.draw(LINE)
    desk.draw(BAR)
    assert (len(desk.board.query.strokes), len(desk.sheet.strokes)) == (1, 2)
    desk.undo()
    assert len(desk.board.sheet(Cell(1, 0)).strokes) == 1
    desk.undo()
    desk.undo()
    assert desk.board.query.empty
    assert not desk.can_undo


def test_undo_selects_the_cell_that_it_changes_and_redo_brings_everything_back() -> None:
    desk = Desk()
    desk.select(Cell(2, 0))
    desk.draw(LINE)
    desk.select(QUERY)
    desk.undo()
    assert desk.selected == Cell(2, 0)
    assert desk.sheet.empty
    desk.redo()
    assert np.array_equal(desk.sheet.strokes[0], LINE)


def test_a_new_stroke_after_undo_forgets_what_was_undone() -> None:
    desk = Desk()
    desk.draw(LINE)
    desk.undo()
    desk.draw(BAR)
    assert not desk.can_redo


def test_the_eraser_takes_the_whole_stroke_it_touches_and_leaves_the_others() -> None:
    desk = Desk()
    desk.draw(LINE)
    desk.draw(BAR)
    assert desk.erase(0.25, 0.5)
    assert len(desk.sheet.strokes) == 1
    assert np.array_equal(desk.sheet.strokes[0], BAR)
    assert not desk.erase(0.9, 0.9)


def test_one_movement_of_the_eraser_is_one_step_of_undo() -> None:
    desk = Desk()
    desk.draw(LINE)
    desk.draw(BAR)
    desk.erase(0.0, 0.0)
    desk.erase(0.25, 0.5, joined=True)
    desk.erase(0.5, 0.85, joined=True)
    assert desk.sheet.empty
    desk.undo()
    assert len(desk.sheet.strokes) == 2


@pytest.mark.parametrize("change", ["clear", "remove", "fill", "image"])
def test_nothing_drawn_is_lost_by_changing_the_board(change: str) -> None:
    desk = Desk()
    cell = Cell(0, 0)
    desk.select(cell)
    desk.draw(LINE)
    if change == "clear":
        desk.clear()
    elif change == "remove":
        desk.remove_class(0)
    elif change == "fill":
        desk.fill(["a", "b"], [[IMAGE], [IMAGE, IMAGE]])
    else:
        desk.set_image(IMAGE)
    desk.undo()
    assert np.array_equal(desk.board.sheet(cell).strokes[0], LINE)


def test_the_first_stroke_takes_the_place_of_an_image() -> None:
    desk = Desk()
    desk.set_image(IMAGE)
    desk.draw(LINE)
    assert desk.sheet.image is None
    assert len(desk.sheet.strokes) == 1


def test_a_slide_of_the_pen_width_is_one_step_of_undo() -> None:
    desk = Desk()
    for width in (4.5, 4.0, 3.5):
        desk.set_pen_width(width)
    desk.undo()
    assert desk.board.pen_width == ink.PEN_WIDTH


def test_the_last_two_classes_stay_and_the_last_shot_is_emptied() -> None:
    desk = Desk(Board((ClassCard("a"), ClassCard("b"))))
    desk.remove_class(0)
    assert len(desk.board.classes) == 2
    desk.select(Cell(0, 0))
    desk.draw(LINE)
    desk.remove_shot(Cell(0, 0))
    assert desk.board.classes[0].shots[0].empty


def test_the_support_set_leaves_out_empty_classes_and_keeps_unequal_shots() -> None:
    """Rows 0 and 2 are drawn, with two shots and one: labels 0, 0, 1."""
    desk = Desk()
    desk.add_shot(0)
    desk.draw(LINE)
    desk.select(Cell(0, 0))
    desk.draw(BAR)
    desk.select(Cell(2, 0))
    desk.draw(LINE)
    support = desk.board.support(28)
    assert support.x.shape == (3, 1, 28, 28)
    assert support.y.tolist() == [0, 0, 1]
    assert support.rows == (0, 2)


def test_a_network_is_given_what_ink_draws_and_resizes() -> None:
    sheet = Sheet((LINE, BAR))
    expected = ink.resize(ink.render([LINE, BAR]), 28)
    assert np.array_equal(sheet.pixels(28), expected)


def test_a_board_survives_its_file(tmp_path: Path) -> None:
    desk = Desk()
    desk.draw(LINE)
    desk.set_image(np.arange(784, dtype=np.uint8).reshape(28, 28), Cell(1, 0))
    desk.rename(0, "theta")
    save_board(desk.board, tmp_path / "deep" / "drawing.json")
    board = load_board(tmp_path / "deep" / "drawing.json")
    assert board is not None
    assert [card.name for card in board.classes][:2] == ["theta", "class 2"]
    assert np.allclose(board.query.strokes[0], LINE, atol=1e-4)
    assert np.array_equal(board.sheet(Cell(1, 0)).pixels(28).ravel(), np.arange(784) % 256)


@pytest.mark.parametrize("text", ["", "{", '{"version": 9}', '{"version": 1, "classes": 3}', "[]"])
def test_a_file_that_cannot_be_read_is_no_board(tmp_path: Path, text: str) -> None:
    file = tmp_path / "drawing.json"
    file.write_text(text)
    assert load_board(file) is None


# ------------------------------------------------------------------------------------------ widget


@pytest.fixture
def canvas(qtbot: QtBot, qapp: QApplication) -> Iterator[Canvas]:
    theme.apply(qapp, "light")
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(422, 462)
    canvas.show()
    yield canvas
    canvas.hide()


def drag(canvas: Canvas, stroke: np.ndarray) -> None:
    places = [canvas.place(float(x), float(y)).toPoint() for x, y in stroke]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[-1])


def test_a_fast_drag_of_a_thousand_points_arrives_whole(canvas: Canvas, qtbot: QtBot) -> None:
    angle = np.linspace(0, 6, 1000)
    spiral = np.stack((0.5 + 0.07 * angle * np.cos(angle), 0.5 + 0.07 * angle * np.sin(angle)), 1)
    with qtbot.waitSignal(canvas.stroke_finished) as finished:
        drag(canvas, spiral)
    assert finished.args is not None
    drawn = finished.args[0]
    side = canvas.paper().width()
    different = 1 + np.count_nonzero(np.diff(np.rint(spiral * side), axis=0).any(axis=1))
    assert len(drawn) > 0.97 * different
    assert np.abs(drawn[-1] - spiral[-1]).max() < 1.5 / side


def test_what_is_painted_is_what_was_drawn(canvas: Canvas) -> None:
    sheets: list[Sheet] = []
    canvas.stroke_finished.connect(lambda stroke: sheets.append(Sheet().with_stroke(stroke)))
    drag(canvas, LINE)
    canvas.set_grid(False)
    canvas.set_sheet(sheets[0])
    canvas.clearFocus()
    picture = canvas.grab(canvas.paper()).toImage()
    shown = ink.resize(_grey(picture) < 128, 28) * 255
    assert np.abs(shown.astype(int) - (sheets[0].pixels(28) > 128) * 255).mean() < 8


def test_a_click_is_a_dot_and_a_press_beside_the_sheet_is_nothing(
    canvas: Canvas, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(canvas.stroke_finished) as finished:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.paper().center())
    assert finished.args is not None
    assert len(finished.args[0]) == 1
    with qtbot.assertNotEmitted(canvas.stroke_finished):
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(5, 2))


def test_arrows_move_the_pen_and_space_lowers_and_lifts_it(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    for _ in range(5):
        QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.live is not None
    with qtbot.waitSignal(canvas.stroke_finished) as finished:
        QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert finished.args is not None
    stroke = finished.args[0]
    assert len(stroke) == 6
    assert np.allclose(stroke[-1] - stroke[0], [0, 10 / 105], atol=0.005)


def test_the_eraser_tells_where_it_touches(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_tool("eraser")
    places: list[tuple[float, float, bool]] = []
    canvas.erased.connect(lambda x, y, joined: places.append((x, y, joined)))
    with qtbot.assertNotEmitted(canvas.stroke_finished):
        drag(canvas, LINE)
    assert [joined for _, _, joined in places] == [False] + [True] * (len(places) - 1)
    assert places[0][:2] == pytest.approx((0.2, 0.5), abs=0.01)
    steps = np.hypot(*np.diff([place[:2] for place in places], axis=0).T)
    assert steps.max() < 0.02  # also where the mouse jumps, nothing on the way is skipped


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_ink_stands_out_in_both_schemes(
    canvas: Canvas, qapp: QApplication, scheme: str
) -> None:
    theme.apply(qapp, scheme)
    canvas.set_sheet(Sheet((LINE,)))
    canvas.clearFocus()
    grey = _grey(canvas.grab(canvas.paper()).toImage()).astype(int)
    middle, corner = grey[grey.shape[0] // 2, grey.shape[1] // 3], grey[20, 20]
    assert abs(middle - corner) > 120


def test_a_place_on_the_sheet_and_back_is_the_same_at_every_size(canvas: Canvas) -> None:
    for size in ((300, 700), (1000, 420)):
        canvas.resize(*size)
        paper = canvas.paper()
        assert paper.width() == paper.height()
        assert canvas.place(0, 0) == QPointF(paper.topLeft())


def _grey(picture: QImage) -> np.ndarray:
    grey = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return pixels[:, : grey.width()]
