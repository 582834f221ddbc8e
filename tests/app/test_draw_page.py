"""The Draw page as a person uses it; where a model must answer, it is a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from benchmarks.hand import Hand, opened
from workbench.app.canvas import QUERY, Board, Cell, ClassCard, Desk, Sheet
from workbench.app.context import Context
from workbench.app.draft import Draft
from workbench.app.engine_link import EngineLink
from workbench.app.pages.draw import DrawPage
from workbench.app.pages.draw.answer import Answer, Question, principal_plane
from workbench.app.pages.draw.answers import after_words
from workbench.app.pages.draw.keeper import FILE
from workbench.app.pages.draw.loop import LoopPanel
from workbench.app.pages.draw.missing import missing
from workbench.app.pages.draw.models import UNTRAINED, Model
from workbench.app.pages.draw.trail import Trail
from workbench.app.window import MainWindow
from workbench.protocol import Adapted
from workbench.schema.catalogue import Catalogue
from workbench.store import Store
from workbench.worker import launch

PATIENCE_MS = 120_000
LINE = np.array([[0.2, 0.5], [0.8, 0.5]], np.float32)
BAR = np.array([[0.5, 0.1], [0.5, 0.9]], np.float32)
IMAGE = np.full((28, 28), 90, np.uint8)
TINY = {
    "dataset.name": "glyphs",
    "dataset.alphabets": 3,
    "dataset.characters": 10,
    "dataset.validation": 1,
    "dataset.test": 1,
    "algorithm.name": "maml",
    "algorithm.inner_steps": 2,
    "algorithm.inner_steps_eval": 3,
    "backbone.width": 8,
    "task.n_way": 3,
    "task.queries": 2,
    "training.steps": 2,
    "training.meta_batch": 1,
    "validation.every": 2,
    "validation.tasks": 2,
    "device": "cpu",
}
MODEL = Model("0001-maml", "Run 1 · MAML", "60 steps", False, False, 28, 5, 5, {})


def drawn_board(rows: int = 3, query: bool = True) -> Board:
    cards = [ClassCard(f"c{n}", (Sheet((LINE + n / 50,)),)) for n in range(rows)]
    return Board((*cards, ClassCard("empty")), Sheet((BAR,)) if query else Sheet())


def adapted(answers: np.ndarray, steps: tuple[int, ...]) -> Adapted:
    support = answers.shape[2]
    return Adapted(
        request=1,
        run="0001-maml",
        step=60,
        steps=steps,
        answers=answers.astype(np.float32),
        support_loss=np.linspace(1, 0.1, len(steps), dtype=np.float32),
        embedding=np.eye(support + 1, 4, dtype=np.float32),
        normalisation="support",
        milliseconds=5.0,
    )


# ------------------------------------------------------------------------------------ plain values


def test_too_little_on_the_board_is_no_question() -> None:
    assert Question.of("r", drawn_board(query=False), 28) is None
    assert Question.of("r", drawn_board(rows=1), 28) is None
    question = Question.of("r", drawn_board(), 28)
    assert question is not None
    assert question.query_x.shape == (1, 1, 28, 28)


def test_a_question_can_be_kept_to_as_many_classes_as_a_model_can_tell_apart() -> None:
    question = Question.of("r", drawn_board(rows=3), 28, most=2)
    assert question is not None
    assert question.support.rows == (0, 1)
    assert question.support.y.tolist() == [0, 1]


def test_an_answer_speaks_of_rows_of_the_board_also_where_a_class_is_empty() -> None:
    board = drawn_board(rows=3)
    board = board.with_class(1, ClassCard("hollow"))
    question = Question.of("r", board, 28)
    assert question is not None
    answer = Answer.of(question, adapted(np.array([[[0.5, 0.5]], [[0.1, 0.9]]]), (0, 1)), Trail())
    assert answer.best() == (2, pytest.approx(0.9))
    assert answer.of_row(1) is None
    assert answer.of_row(0, 0) == pytest.approx(0.5)


def test_the_plane_of_the_map_is_the_supports_own() -> None:
    """Support on the line (±1, 0, 0), query at (0.5, 3, 0): its place on the first axis is 0.5."""
    features = np.array([[-1, 0, 0], [1, 0, 0], [0.5, 3, 0]], np.float32)
    places = principal_plane(features, 2)
    assert np.abs(places[:, 0]) == pytest.approx([1, 1, 0.5])
    assert places[0, 0] == -places[1, 0]


def test_the_way_on_the_map_grows_with_the_query_and_starts_again_with_another() -> None:
    desk, trail = Desk(drawn_board(query=False)), Trail()
    support = desk.board.support(28)
    features = np.ones(4, np.float32)
    for strokes in (1, 2, 3):
        desk.draw(LINE)
        assert len(trail.follow("r", support, desk.sheet, features)) == strokes
    desk.undo()
    assert len(trail.follow("r", support, desk.sheet, features)) == 2
    assert len(trail.follow("other", support, desk.sheet, features)) == 1


@pytest.mark.parametrize(
    ("board", "model", "engine", "words"),
    [
        (drawn_board(), None, "ready", "No model yet"),
        (drawn_board(rows=0), MODEL, "ready", "First teach"),
        (drawn_board(rows=1), MODEL, "ready", "at least one more"),
        (drawn_board(query=False), MODEL, "ready", "Now ask"),
        (drawn_board(), MODEL, "starting", "engine is starting"),
        (drawn_board(), MODEL, "stopped", "engine has stopped"),
    ],
)
def test_what_is_missing_for_an_answer_is_said(
    board: Board, model: Model | None, engine: str, words: str
) -> None:
    assert words in missing(board, model, engine).sentence


def test_a_method_without_an_inner_loop_says_so_in_place_of_the_strip(
    qtbot: QtBot, dressed: QApplication
) -> None:
    panel = LoopPanel()
    qtbot.addWidget(panel)
    question = Question.of("r", drawn_board(), 28)
    assert question is not None
    answer = Answer.of(question, adapted(np.array([[[0.2, 0.7, 0.1]]]), (0,)), Trail())
    panel.show_answer(answer, ["a", "b", "c", "d"], 0, None)
    assert panel.strip.isHidden()
    assert "no inner loop" in panel.sentence.text()


# ----------------------------------------------------------------------------------- without engine


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
    """The page with nothing drawn."""
    made = DrawPage(idle)
    qtbot.addWidget(made)
    made.resize(1360, 868)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close_page()
    (idle.store.root / FILE).unlink(missing_ok=True)


def drag(page: DrawPage, stroke: np.ndarray) -> None:
    places = [page.canvas.place(float(x), float(y)).toPoint() for x, y in stroke]
    QTest.mousePress(page.canvas, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(page.canvas, place)
    QTest.mouseRelease(page.canvas, Qt.MouseButton.LeftButton, pos=places[-1])


def test_one_can_draw_and_undo_before_there_is_a_model_or_an_engine(page: DrawPage) -> None:
    assert "No model yet" in page.answers.empty.sentence()
    QTest.mouseClick(page.support.cards[1].tile, Qt.MouseButton.LeftButton)
    drag(page, LINE)
    assert len(page.desk.board.sheet(Cell(1, 0)).strokes) == 1
    QTest.keyClick(page.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.desk.board.sheet(Cell(1, 0)).empty


def test_number_keys_choose_the_class_and_q_the_query(page: DrawPage) -> None:
    page.canvas.setFocus()
    QTest.keyClick(page.canvas, Qt.Key.Key_3)
    assert page.desk.selected == Cell(2, 0)
    QTest.keyClick(page.canvas, Qt.Key.Key_Q)
    assert page.desk.selected == QUERY


def test_a_digit_in_a_name_is_a_letter_of_the_name(page: DrawPage) -> None:
    field = page.support.cards[0].name
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "psi 3")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert page.desk.board.classes[0].name == "psi 3"
    assert page.desk.selected == QUERY


def test_the_eraser_on_the_page_takes_a_stroke_and_undo_brings_it_back(page: DrawPage) -> None:
    drag(page, LINE)
    QTest.keyClick(page.canvas, Qt.Key.Key_E)
    drag(page, BAR)
    assert page.desk.sheet.empty
    QTest.mouseClick(page.query.tools.undo, Qt.MouseButton.LeftButton)
    assert len(page.desk.sheet.strokes) == 1


def test_what_the_network_sees_is_in_view_while_one_draws(page: DrawPage, qtbot: QtBot) -> None:
    tile = page.answers.tile
    before = tile.grab().toImage()
    assert tile.isVisible()
    QTest.mousePress(
        page.canvas, Qt.MouseButton.LeftButton, pos=page.canvas.place(0.2, 0.2).toPoint()
    )
    QTest.mouseMove(page.canvas, page.canvas.place(0.8, 0.8).toPoint())
    qtbot.waitUntil(lambda: tile.grab().toImage() != before)
    page.canvas.lift()


def test_a_drawing_survives_the_end_of_the_program(page: DrawPage, idle: Context) -> None:
    drag(page, LINE)
    page.support.add_button.click()
    page.close_page()
    again = DrawPage(idle)
    board = again.desk.board
    again.close_page()
    again.deleteLater()
    assert len(board.query.strokes) == 1
    assert len(board.classes) == 6


def test_a_drawing_is_saved_as_a_task_and_dropped_back_in_with_its_strokes(
    page: DrawPage, tmp_path: Path
) -> None:
    page.desk.open(drawn_board(rows=3))
    page.desk.rename(1, "thorn")
    page.files.save(tmp_path / "runes")
    before = page.desk.board
    page.desk.clear_support()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "runes.fewshot"))])
    page.dropEvent(
        QDropEvent(
            QPointF(200, 200),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    after = page.desk.board
    assert [card.name for card in after.classes] == [card.name for card in before.classes]
    for old, new in zip(before.support(28).x, after.support(28).x, strict=True):
        assert np.abs(old.astype(int) - new.astype(int)).max() <= 2, "strokes keep four digits"
    assert len(after.query.strokes) == len(before.query.strokes)
    page.desk.undo()
    assert not page.desk.board.drawn_rows


def test_a_file_that_is_no_task_is_said_and_changes_nothing(page: DrawPage, tmp_path: Path) -> None:
    page.desk.open(drawn_board(rows=2))
    before, told = page.desk.board, []
    page.files.failed.connect(lambda message, hint: told.append(message))
    (tmp_path / "no.fewshot").write_text("hello")
    page.files.open(tmp_path / "no.fewshot")
    page.files.save(tmp_path / "no such folder" / "a.fewshot")
    assert page.desk.board is before
    assert told[0].endswith("no.fewshot is not a whole zip archive.")
    assert told[1].endswith("No such file or directory.")


@pytest.mark.parametrize("size", [(1224, 688), (1360, 868), (1840, 1048)])
def test_nothing_of_the_page_is_cut_off(page: DrawPage, size: tuple[int, int]) -> None:
    """The page in windows of 1280 x 720, 1440 x 900 and 1920 x 1080, rail and status bar taken."""
    page.resize(*size)
    QApplication.processEvents()
    assert (page.width(), page.height()) == size
    for panel in (page.support, page.query, page.answers, page.loop):
        corner = panel.mapTo(page, panel.rect().topLeft())
        assert page.rect().contains(panel.rect().translated(corner))
        hint = panel.minimumSizeHint()
        assert panel.width() >= hint.width()
        assert panel.height() >= hint.height()
    assert page.panels.compact == (size[1] < 800)
    assert page.map_panel.isVisible() != page.panels.compact


# -------------------------------------------------------------------------------- with a real model


@pytest.fixture(scope="module")
def hand(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    """A window in which a tiny model was trained."""
    with opened(tmp_path_factory.mktemp("home")) as made:
        run = made.train(TINY)
        made.await_end(run)
        made.workbench.window.resize(1440, 900)
        made.open_draw(run)
        yield made


def test_one_click_fills_the_board_from_the_data_set_and_one_undo_takes_it_back(
    hand: Hand, qtbot: QtBot
) -> None:
    page = hand.page
    page.support.fill_requested.emit(2, None)
    qtbot.waitUntil(lambda: len(page.desk.board.drawn_rows) == 3, timeout=PATIENCE_MS)
    assert [len(card.shots) for card in page.desk.board.classes] == [2, 2, 2]
    page.desk.undo()
    assert page.desk.board.drawn_rows == ()


def test_the_board_gets_the_shots_that_are_asked_for_where_a_runs_tasks_vary(
    hand: Hand, qtbot: QtBot
) -> None:
    page = hand.page
    model = page.picker.model
    assert model is not None
    varied = {"task.least_ways": 3, "task.least_shots": 1, "task.k_shot": 9}
    filler = page.teaching._filler
    for _ in range(3):  # all of them would be full by chance once in 5 ** 9
        page.desk.open(Board())
        filler.fill(model.values | varied, 5)
        qtbot.waitUntil(lambda: len(page.desk.board.drawn_rows) == 3, timeout=PATIENCE_MS)
        assert [len(card.drawn) for card in page.desk.board.classes] == [5, 5, 5]
    filler.fill_class(model.values | varied, 0)  # a task of two classes, where three are the least
    before = page.desk.board
    qtbot.waitUntil(lambda: not filler._request, timeout=PATIENCE_MS)
    assert page.desk.board is not before
    page.desk.open(Board())


def test_a_drawn_query_is_answered_by_bars_that_add_up_and_name_the_likeliest(hand: Hand) -> None:
    hand.teach([[LINE], [BAR], [LINE, BAR]])
    answer, _ = hand.ask([LINE])
    page = hand.page
    assert answer.probabilities[-1].sum() == pytest.approx(1, abs=1e-4)
    row, share = answer.best()
    name = page.desk.board.classes[row].name
    assert page.answers.badge.text() == f"{name}, {100 * share:.1f} %"
    assert page.answers.bars[row].value_text() == f"{100 * share:.1f} %"
    assert "after the last stroke" in page.query.note.text()


def test_fast_strokes_end_with_the_answer_to_the_whole_drawing(hand: Hand) -> None:
    hand.teach([[LINE], [BAR], [LINE, BAR]])
    strokes = [LINE + 0.01 * n for n in range(12)]
    answer, _ = hand.ask(strokes)
    page = hand.page
    alone = hand.adapt(page.picker.run, page.desk.board.support(28).x, hand.picture(28)[None, None])
    assert answer.probabilities[-1] == pytest.approx(alone[0], abs=1e-4)


def test_the_inner_step_that_is_picked_is_the_one_that_is_shown(hand: Hand, qtbot: QtBot) -> None:
    hand.teach([[LINE], [BAR], [LINE, BAR]])
    answer, _ = hand.ask([BAR])
    page = hand.page
    assert answer.steps == (0, 1, 2, 3)
    hand.workbench.window.activateWindow()
    qtbot.waitUntil(hand.workbench.window.isActiveWindow)
    page.canvas.setFocus()
    QTest.keyClick(page.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    for row, bar in enumerate(page.answers.bars[:3]):
        assert bar.value_text() == f"{100 * float(answer.probabilities[2, row]):.1f} %"
    assert page.answers.muted.text() == "after 2 inner steps"
    QTest.keyClick(page.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)


def test_more_classes_than_the_model_can_tell_apart_is_a_sentence_with_a_way_out(
    hand: Hand, qtbot: QtBot
) -> None:
    page = hand.page
    hand.teach([[LINE], [BAR], [LINE, BAR], [LINE + 0.1]])
    hand.clear_query()
    hand.draw([BAR])
    problem = page.answers.problem
    qtbot.waitUntil(problem.isVisible, timeout=PATIENCE_MS)
    assert "3 classes" in problem.message()
    assert page.answer is None
    problem.remedied.emit()
    qtbot.waitUntil(lambda: page.answer is not None, timeout=PATIENCE_MS)
    assert page.answer is not None
    assert page.answer.rows == (0, 1, 2)
    assert not problem.isVisible()


def test_the_untrained_model_can_be_asked_for_contrast(hand: Hand, qtbot: QtBot) -> None:
    page = hand.page
    hand.teach([[LINE], [BAR], [LINE, BAR]])
    answer, _ = hand.ask([BAR])
    run = page.picker.run
    index = page.picker.findData(UNTRAINED + run)
    page.picker.setCurrentIndex(index)
    page.picker.activated.emit(index)
    qtbot.waitUntil(lambda: page.answer is not None, timeout=PATIENCE_MS)
    assert page.answer is not None
    assert page.answer.step == 0
    assert not np.allclose(page.answer.probabilities[-1], answer.probabilities[-1])
    page.picker.pick(run)


def test_runs_are_compared_on_the_same_drawing(hand: Hand, qtbot: QtBot) -> None:
    page, button = hand.page, hand.page.others.button
    first = page.picker.run
    run = hand.train({**TINY, "training.seed": 1})
    hand.await_end(run)
    hand.open_draw(first)
    qtbot.waitUntil(lambda: len(button.menu_of_runs().actions()) == 1, timeout=PATIENCE_MS)
    hand.teach([[LINE], [BAR], [LINE, BAR]])
    hand.ask([BAR])
    button.menu_of_runs().actions()[0].trigger()
    assert button.text() == "Compare… 1"
    rows = page.answers.contrasts
    qtbot.waitUntil(
        lambda: len(rows) == 2 and all("%" in row.accessibleName() for row in rows),
        timeout=PATIENCE_MS,
    )
    assert rows[0].accessibleName().startswith(f"{page.talk.compared[0].title}, ")
    assert " ms: " in rows[0].accessibleName()
    assert rows[1].accessibleName().startswith("Untrained, step 0")
    page.picker.pick(run)  # what is chosen is not compared with itself
    qtbot.waitUntil(lambda: button.text() == "Compare…", timeout=PATIENCE_MS)
    assert page.talk.compared == ()
    page.picker.pick(first)


def test_what_is_shown_is_taken_away_as_picture_animation_and_figures(
    hand: Hand, tmp_path: Path
) -> None:
    page = hand.page
    hand.teach([[LINE], [BAR], [LINE, BAR]])
    answer, _ = hand.ask([BAR])
    exports, told = page.exports, []
    exports.failed.connect(lambda message, hint: told.append(message))
    for name, write in (
        ("a.png", exports.picture),
        ("a.gif", exports.animation),
        ("a.csv", exports.figures),
    ):
        exports.write(tmp_path / name, write)
        exports.write(tmp_path / "no such folder" / name, write)
    assert [message.endswith(".") for message in told] == [True] * 3
    with Image.open(tmp_path / "a.png") as still, Image.open(tmp_path / "a.gif") as moving:
        assert moving.n_frames == len(answer.steps)
        assert still.size == moving.size
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "inner_step,support_loss,class 1,class 2,class 3"
    assert len(lines) == 1 + len(answer.steps)
    assert sum(map(float, lines[-1].split(",")[2:])) == pytest.approx(1, abs=1e-5)
    assert page.answers.muted.text() == after_words(answer, answer.last), "as it was before"
