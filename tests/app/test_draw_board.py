"""The board of the Draw page: classes are put in order, and own pictures become examples."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from workbench import ink, pictures
from workbench.app.canvas import (
    QUERY,
    Board,
    Cell,
    ClassCard,
    Desk,
    Sheet,
    load_board,
    save_board,
)
from workbench.app.canvas.tasks import to_board, to_task
from workbench.app.context import Context
from workbench.app.draft import Draft
from workbench.app.engine_link import EngineLink
from workbench.app.pages.draw import DrawPage
from workbench.app.pages.draw.keeper import FILE
from workbench.app.pages.draw.models import Model
from workbench.app.pages.draw.own import NOTHING
from workbench.app.pages.draw.teaching import NUMBERS
from workbench.app.window import MainWindow
from workbench.schema.catalogue import Catalogue
from workbench.schema.resources import resource
from workbench.store import Store
from workbench.taskfile import load_task, save_task
from workbench.worker import launch

LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier
LINE = np.array([[0.2, 0.5], [0.8, 0.5]], np.float32)
IMAGE = np.full((28, 28), 90, np.uint8)
NAMES = ("a", "b", "c", "d")
SINES = Model("0001-maml", "Run 1 · MAML", "60 steps", False, True, 28, 5, 5, {})


def lettered() -> Board:
    return Board(tuple(ClassCard(name, (Sheet((LINE,)),)) for name in NAMES))


def order(desk: Desk) -> str:
    return "".join(card.name for card in desk.board.classes)


# ------------------------------------------------------------------------------------- desk, no Qt


@pytest.mark.parametrize(
    ("row", "to", "expected"), [(0, 2, "bcad"), (3, 0, "dabc"), (1, 9, "acdb"), (2, -5, "cabd")]
)
def test_a_class_moves_with_its_drawings_and_undo_puts_it_back(
    row: int, to: int, expected: str
) -> None:
    desk = Desk(lettered())
    desk.move_class(row, to)
    assert order(desk) == expected
    desk.undo()
    assert order(desk) == "abcd"
    desk.redo()
    assert order(desk) == expected


def test_what_is_drawn_into_stays_selected_wherever_it_goes() -> None:
    desk = Desk(lettered())
    for selected, after in ((0, 2), (1, 0), (3, 3)):
        desk.select(Cell(selected, 0))
        desk.move_class(0, 2)
        assert desk.selected == Cell(after, 0)
        desk.undo()
        assert desk.selected == Cell(selected, 0)
    desk.select(QUERY)
    desk.move_class(0, 2)
    assert desk.selected == QUERY


def test_several_images_take_the_cell_the_empty_ones_after_it_and_new_ones_in_one_step() -> None:
    """Shots: drawn, empty, drawn, empty. Three images from the second: cells 1, 3 and a new 4."""
    desk = Desk()
    shots = (Sheet((LINE,)), Sheet(), Sheet((LINE,)), Sheet())
    desk.open(desk.board.with_class(0, ClassCard("a", shots)))
    assert desk.set_images([IMAGE, IMAGE + 1, IMAGE + 2], Cell(0, 1)) == 3
    found = desk.board.classes[0].shots
    assert [None if s.image is None else int(s.image[0, 0]) for s in found] == [
        *(None, 90, None, 91, 92)
    ]
    desk.undo()
    assert desk.board.classes[0].shots == shots


def test_no_more_images_are_taken_than_a_class_has_room_for() -> None:
    desk = Desk()
    assert desk.set_images([IMAGE] * 30, Cell(0, 0)) == 20
    assert len(desk.board.classes[0].shots) == 20


def test_dark_and_light_of_an_image_are_turned_round_and_a_drawing_is_left_alone() -> None:
    desk = Desk(lettered())
    desk.invert(Cell(0, 0))
    assert not desk.can_undo
    desk.set_image(IMAGE, Cell(0, 0))
    desk.invert(Cell(0, 0))
    image = desk.board.sheet(Cell(0, 0)).image
    assert image is not None
    assert set(image.ravel().tolist()) == {165}


def test_pictures_that_come_together_are_turned_together() -> None:
    """Two white sheets with ink and one dark photograph: alone the dark one would stay as it is."""
    sheets = [Image.new("L", (20, 30), shade) for shade in (250, 240, 40)]
    found = pictures.together(sheets, 64)
    assert [int(image.mean()) for image in found] == [5, 15, 215]
    assert int(pictures.pixels(sheets[2], (1, 28, 28)).mean()) == 40
    assert [image.shape for image in found] == [(1, 30, 30)] * 3


def test_one_picture_on_the_board_is_what_a_data_set_would_make_of_it() -> None:
    random = np.random.default_rng(0)
    for fit in ("crop", "pad", "stretch"):
        picture = Image.fromarray(random.integers(100, 256, (60, 90, 3), dtype=np.uint8))
        (image,) = pictures.together([picture], 256, fit)
        given = Sheet(image=image[0]).pixels(28)
        wanted = pictures.pixels(picture, (1, 28, 28), fit)[0]
        # A stretched picture is made square first, and then small.
        apart = np.abs(given.astype(int) - wanted.astype(int)).max()
        assert apart == 0 if fit != "stretch" else apart < 12


def test_a_class_is_filled_whole_and_in_one_step() -> None:
    desk = Desk(lettered())
    desk.add_shot(1)
    before = desk.board
    desk.fill_class(1, "Greek 5", [IMAGE, IMAGE + 1])
    card = desk.board.classes[1]
    assert card.name == "Greek 5"
    assert [int(shot.pixels(28).max()) for shot in card.shots] == [90, 91]
    assert desk.selected == Cell(1, 1)
    desk.undo()
    assert desk.board is before


def test_colours_reach_a_model_of_colours_and_files_and_are_grey_for_any_other(
    tmp_path: Path,
) -> None:
    """Red, (255, 0, 0), is 0.299 * 255 = 76 of grey; a drawing is alike in each colour."""
    (red,) = pictures.together([Image.new("RGB", (40, 30), "red")], 64, "crop", colour=True)
    assert red.shape == (3, 30, 30)
    board = Board((ClassCard("a", (Sheet(image=red),)), ClassCard("b", (Sheet((LINE,)),))))
    coloured, plain = board.support(28, channels=3).x, board.support(28).x
    assert [int(plane.max()) for plane in coloured[0]] == [255, 0, 0]
    assert (coloured[1, 0] == coloured[1, 2]).all()
    assert np.array_equal(coloured[1, :1], plain[1])
    assert set(plain[0].ravel().tolist()) == {76}
    save_board(board, tmp_path / "drawing.json")
    save_task(to_task(board), tmp_path / "a.fewshot")
    for found in (
        load_board(tmp_path / "drawing.json"),
        to_board(load_task(tmp_path / "a.fewshot")),
    ):
        assert found is not None
        assert np.array_equal(found.support(28, channels=3).x, coloured)


# -------------------------------------------------------------------------------------------- page


@pytest.fixture(scope="module")
def idle(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A window with the page alone, whose engine is never started."""
    home = tmp_path_factory.mktemp("idle")
    settings = QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)
    window, catalogue = MainWindow(settings, home), Catalogue.load()
    link = EngineLink(lambda: launch(home))
    yield Context(link, Store(home), catalogue, Draft(catalogue), window)
    window.close()
    link.close()


@pytest.fixture
def page(idle: Context, qtbot: QtBot) -> Iterator[DrawPage]:
    """The page with four classes that are drawn."""
    made = DrawPage(idle)
    made.desk.open(lettered())
    qtbot.addWidget(made)
    made.resize(1360, 868)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.canvas.setFocus()
    yield made
    made.close_page()
    (idle.store.root / FILE).unlink(missing_ok=True)


def pull(page: DrawPage, handle: QWidget, to: int, drop: bool = True) -> None:
    """Drag by a part of a card to just above the card `to`; 4 is the end."""
    cards = page.support.cards
    card = cards[min(to, 3)]
    target = card.mapTo(page.window(), QPoint(5, 5 if to < 4 else card.height() - 5))
    QTest.mousePress(handle, LEFT, pos=handle.rect().center())
    QTest.mouseMove(handle, handle.rect().center() + QPoint(0, 30))
    QTest.mouseMove(handle, handle.mapFrom(page.window(), target))
    if drop:
        QTest.mouseRelease(handle, LEFT, pos=handle.mapFrom(page.window(), target))


@pytest.mark.parametrize("part", ["tile", "number"])
@pytest.mark.parametrize(
    ("row", "to", "expected"), [(0, 3, "bcad"), (3, 0, "dabc"), (1, 4, "acdb"), (1, 2, "abcd")]
)
def test_a_class_is_dragged_to_another_place_by_its_picture_or_its_number(
    page: DrawPage, part: str, row: int, to: int, expected: str
) -> None:
    pull(page, getattr(page.support.cards[row], part), to)
    assert order(page.desk) == expected
    assert [card.name.text() for card in page.support.cards] == list(expected)


def test_esc_in_the_middle_of_a_drag_moves_nothing(page: DrawPage) -> None:
    tile = page.support.cards[0].tile
    pull(page, tile, 3, drop=False)
    QTest.keyClick(page.canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(tile, LEFT, pos=QPoint(0, 400))
    assert order(page.desk) == "abcd"
    pull(page, tile, 3)
    assert order(page.desk) == "bcad", "the next drag is a drag again"


def test_a_press_on_a_picture_selects_it_and_the_next_keys_are_the_papers(page: DrawPage) -> None:
    page.canvas.clearFocus()
    QTest.mouseClick(page.support.cards[2].tile, LEFT)
    assert page.desk.selected == Cell(2, 0)
    assert page.canvas.hasFocus()
    QTest.keyClick(page.canvas, Qt.Key.Key_Up, ALT)
    assert order(page.desk) == "acbd"


def test_keys_move_the_class_that_is_drawn_into_and_undo_moves_it_back(page: DrawPage) -> None:
    page.desk.select(Cell(1, 0))
    QTest.keyClick(page.canvas, Qt.Key.Key_Down, ALT)
    assert order(page.desk) == "acbd"
    QTest.keyClick(page.canvas, Qt.Key.Key_Down, ALT)
    QTest.keyClick(page.canvas, Qt.Key.Key_Down, ALT)  # it is the last
    assert order(page.desk) == "acdb"
    QTest.keyClick(page.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert order(page.desk) == "acbd"
    page.desk.select(QUERY)
    QTest.keyClick(page.canvas, Qt.Key.Key_Up, ALT)
    assert order(page.desk) == "acbd", "the query has no place among the classes"


def test_a_name_that_is_being_typed_goes_with_its_class(page: DrawPage) -> None:
    field = page.support.cards[0].name
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "alpha")
    QTest.keyClick(field, Qt.Key.Key_Down, ALT)
    names = [card.name for card in page.desk.board.classes]
    assert names == ["b", "alpha", "c", "d"]
    assert [card.name.text() for card in page.support.cards] == names
    assert page.support.cards[1].tile.hasFocus()


@pytest.fixture
def clip(qapp: QApplication) -> Iterator[Callable[[QMimeData], None]]:
    """Copies; the clipboard is empty afterwards, for Qt would free it after Python is gone."""
    yield QGuiApplication.clipboard().setMimeData
    QGuiApplication.clipboard().clear()


def test_a_picture_of_the_clipboard_becomes_the_drawing_of_the_cell(
    page: DrawPage, clip: Callable[[QMimeData], None]
) -> None:
    """A white picture with a black bar in its left quarter: ink high in a quarter of the pixels."""
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    for x in range(10):
        for y in range(40):
            image.setPixel(x, y, 0xFF000000)
    data = QMimeData()
    data.setImageData(image)
    clip(data)
    for cell in (Cell(2, 0), QUERY):
        page.desk.select(cell)
        QTest.keyClick(page.canvas, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        shown = page.desk.board.sheet(cell).pixels(28)
        assert (shown[:, :6] == 255).all()
        assert (shown[:, 8:] == 0).all()
    page.desk.undo()
    page.desk.undo()
    assert len(page.desk.board.sheet(Cell(2, 0)).strokes) == 1


def test_a_paste_into_a_name_is_text_and_without_a_picture_it_is_a_sentence(
    page: DrawPage, clip: Callable[[QMimeData], None]
) -> None:
    data, told = QMimeData(), []
    data.setText("psi")
    clip(data)
    page.teaching.own.failed.connect(lambda message, hint: told.append(message))
    field = page.support.cards[0].name
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert (field.text(), told) == ("psi", [])
    page.canvas.setFocus()
    QTest.keyClick(page.canvas, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert told == [NOTHING]


def files(folder: Path, shades: tuple[int, ...]) -> list[Path]:
    paths = [folder / f"{number}.png" for number in range(len(shades))]
    for path, shade in zip(paths, shades, strict=True):
        Image.new("RGB", (32, 32), (shade, shade, shade)).save(path)
    return paths


def dropped(page: DrawPage, paths: list[Path], over: QWidget) -> bool:
    """Drop files over the middle of a widget; whether the page wanted them."""
    QApplication.processEvents()  # new tiles take their places
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place = over.mapTo(page, over.rect().center())
    parts = (Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(over, QDragEnterEvent(over.rect().center(), *parts))
    move = QDragMoveEvent(place, *parts)
    QApplication.sendEvent(page, move)
    QApplication.sendEvent(page, QDropEvent(QPointF(place), *parts))
    return move.isAccepted()


def test_pictures_that_are_dropped_on_a_class_become_its_shots(
    page: DrawPage, tmp_path: Path
) -> None:
    paths = files(tmp_path, (250, 240, 40))
    assert dropped(page, paths, page.support.cards[1].name)
    shots = page.desk.board.classes[1].shots
    assert [int(shot.pixels(28).mean()) for shot in shots] == [5, 15, 215]
    assert page.desk.selected == Cell(1, 0)
    assert dropped(page, paths[:1], page.support.cards[1]._shots[2])
    assert int(page.desk.board.sheet(Cell(1, 2)).pixels(28).mean()) == 5


def test_a_picture_that_is_dropped_on_the_paper_is_what_is_drawn_there(
    page: DrawPage, tmp_path: Path
) -> None:
    assert dropped(page, files(tmp_path, (250,)), page.canvas)
    assert page.desk.board.query.image is not None
    before = page.desk.board
    assert not dropped(page, files(tmp_path, (250,)), page.head)
    assert page.desk.board is before


def test_a_file_that_is_no_picture_is_said_and_nothing_is_changed(
    page: DrawPage, tmp_path: Path
) -> None:
    good, told, before = files(tmp_path, (250,)), [], page.desk.board
    bad = tmp_path / "bad.png"
    bad.write_text("hello")
    page.teaching.own.failed.connect(lambda message, hint: told.append(message))
    page.teaching.own.take([*good, bad], Cell(0, 0))
    page.teaching.own.take([tmp_path / "none.png"], Cell(0, 0))
    assert page.desk.board is before
    assert told[0] == "bad.png is not a readable image."
    assert told[1].endswith("none.png cannot be read: No such file or directory.")
    assert not dropped(page, [*good, tmp_path / "text.txt"], page.canvas)


def test_no_drawing_changes_unseen_while_points_are_shown(page: DrawPage, tmp_path: Path) -> None:
    page.files.save(tmp_path / "letters.fewshot")
    page.picker.show_models([SINES])
    assert page.twin.isVisible()
    before, told = page.desk.board, []
    page.files.failed.connect(lambda message, hint: told.append((message, hint)))
    assert dropped(page, [tmp_path / "letters.fewshot"], page.twin)
    page.files.ask_save()
    assert page.desk.board is before
    assert told == [(NUMBERS, "Choose a run that names images to answer, then try again.")] * 2
    assert not dropped(page, files(tmp_path, (250,)), page.twin)


# ---------------------------------------------------------------------------------------- examples


def test_an_empty_board_offers_ready_made_tasks_and_a_drawn_one_does_not(
    page: DrawPage, qtbot: QtBot
) -> None:
    offer = page.support.examples
    assert offer.isHidden()
    page.desk.open(Board())
    qtbot.waitUntil(lambda: len(offer.buttons) == 4)
    assert offer.isVisible()
    for button in offer.buttons:
        assert button.accessibleName() == f"Start from {button.text().lower()}"
        QTest.mouseClick(button, LEFT)
        board = page.desk.board
        assert len(board.drawn_rows) == 5
        assert not board.query.empty, "so that there is an answer at once"
        assert all(shot.strokes for card in board.classes for shot in card.shots)
        assert not offer.isVisible()
        page.desk.undo()
        assert offer.isVisible()
    page.desk.draw(LINE)
    assert not offer.isVisible()


def test_no_two_classes_of_a_ready_made_task_look_alike() -> None:
    """Its query is nearer to the example of its own class than to any other, pixel by pixel, once
    both are blurred: an example that contradicts itself would teach nothing."""
    for path in sorted(resource("examples").glob("*.fewshot")):
        task = load_task(path)
        ((query, label),) = task.queries
        seen = [ink.resize(shots[0].pixels[0], 12).astype(int) for shots in task.shots]
        apart = [np.abs(one - ink.resize(query.pixels[0], 12)).sum() for one in seen]
        assert int(np.argmin(apart)) == label, path.name


def test_the_ready_made_tasks_are_what_their_script_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(__file__).parents[2] / "packaging" / "examples.py"
    spec = importlib.util.spec_from_file_location("examples_script", place)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    script.main()
    kept = sorted(resource("examples").glob("*.fewshot"))
    assert [path.name for path in kept] == sorted(path.name for path in tmp_path.iterdir())
    for path in kept:
        one, other = load_task(path), load_task(tmp_path / path.name)
        assert (one.names, one.title) == (other.names, other.title)
        for (name, before), (_, after) in zip(one.examples(), other.examples(), strict=True):
            assert np.array_equal(before.pixels, after.pixels), f"{path.name}, {name}"
