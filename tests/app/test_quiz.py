"""Characters asked for one by one; where a model must answer, it is a real one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from benchmarks.hand import Hand, opened
from tests.app.test_draw_page import BAR, LINE, PATIENCE_MS, TINY, adapted, drawn_board
from workbench.app.canvas import QUERY, Board, ClassCard, Desk, Sheet
from workbench.app.pages.draw.answer import Answer, Question, distances
from workbench.app.pages.draw.loop import rate_words
from workbench.app.pages.draw.quiz import Quiz, drawn_task, wilson
from workbench.app.pages.draw.singled import distance_words, heaviest_strip, nearest_strip
from workbench.app.pages.draw.trail import Trail
from workbench.taskfile import load_task

LEFT = Qt.MouseButton.LeftButton
CROSS = [LINE, BAR]


def answered(board: Board, **found: NDArray[np.float32]) -> Answer:
    """What the page shows of a model that found this besides the probabilities of three classes."""
    question = Question.of("r", board, 28)
    assert question is not None
    event = adapted(np.array([[[0.2, 0.7, 0.1]]]), (0,))
    return Answer.of(question, replace(event, **found), Trail())


# ------------------------------------------------------------------------------------ plain values


@pytest.mark.parametrize("classes", [2, 3, 5, 20])
def test_a_quiz_asks_for_each_class_equally_often_and_never_twice_in_a_row(classes: int) -> None:
    for seed in range(20):
        rows = Quiz(range(classes), Random(seed)).rows
        counts = {rows.count(row) for row in range(classes)}
        assert len(counts) == 1
        assert all(one != other for one, other in pairwise(rows))


def test_marks_count_what_was_named_right_of_each_class() -> None:
    quiz = Quiz([0, 1], Random(0))
    while quiz.current is not None:
        quiz.mark(0, 0.9, Sheet((LINE,)))
        quiz.move()
    assert (quiz.right, len(quiz.marks)) == (5, 10)
    assert quiz.of_row(0) == [True] * 5
    assert quiz.of_row(1) == [False] * 5
    assert quiz.score_words == "50 %, 24 to 76"


def test_the_interval_of_a_share_is_wilsons_and_stays_within_its_bounds() -> None:
    """5 of 10: middle 1/2, half 1.96 sqrt(1/40 + 3.8416/400) / 1.38416 = 0.2634."""
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    low, high = wilson(10, 10)
    assert high == 1
    assert low == pytest.approx(1 / 1.38416, abs=1e-4)


def test_the_drawings_of_a_quiz_become_the_labelled_queries_of_a_task() -> None:
    board = Board(tuple(ClassCard(f"c{n}", (Sheet((LINE,)),)) for n in range(2)))
    quiz = Quiz([0, 1], Random(0))
    asked = quiz.rows[0]
    mark = quiz.mark(0, 0.5, Sheet((BAR,)))
    task = drawn_task(board, [mark], "mine")
    assert task.names == ("c0", "c1")
    [(example, label)] = task.queries
    assert label == asked
    assert np.array_equal(example.strokes[0], BAR)


def test_a_taught_drawing_fills_an_empty_cell_first_and_undo_takes_it_back() -> None:
    desk = Desk(Board((ClassCard("a", (Sheet((LINE,)), Sheet())), ClassCard("b"))))
    drawing = Sheet((BAR,))
    assert desk.teach(0, drawing)
    assert desk.board.classes[0].shots[1] is drawing
    assert desk.selected == QUERY
    assert desk.teach(0, drawing)
    assert len(desk.board.classes[0].shots) == 3
    desk.undo()
    desk.undo()
    assert desk.board.classes[0].shots[1].empty


def test_distances_are_those_of_the_last_point() -> None:
    features = np.array([[0, 0], [3, 4], [9, 9], [3, 0]], np.float32)
    assert distances(features, 2) == pytest.approx([3, 4])


def test_the_nearest_examples_stand_first_with_their_distance(
    qtbot: QtBot, dressed: QApplication
) -> None:
    """Unit vectors and the query 2 e1: 1 from e1, sqrt 5 from the others."""
    features = np.eye(4, dtype=np.float32)
    features[3] = [0, 2, 0, 0]
    board = drawn_board()
    answer = answered(board, embedding=features)
    strip = nearest_strip()
    qtbot.addWidget(strip)
    strip.show_examples(answer, board, answer.nearest(5))
    assert strip.examples == [
        (1, pytest.approx(1)),
        (0, pytest.approx(5**0.5)),
        (2, pytest.approx(5**0.5)),
    ]
    assert strip.accessibleDescription() == "c1 at 1.00, c0 at 2.24, c2 at 2.24"
    assert [distance_words(x) for x in (0.0, 4.6, 123.4, 12345.0)] == [
        "0",
        "4.60",
        "123",
        "1.2e+04",
    ]


def test_the_examples_that_counted_most_stand_first_where_not_all_counted_alike(
    qtbot: QtBot, dressed: QApplication
) -> None:
    board = drawn_board()
    assert answered(board).heaviest(5) == []
    assert answered(board, weights=np.ones(3, np.float32)).heaviest(5) == []
    answer = answered(board, weights=np.array([0.5, 0.75, 1.75], np.float32))
    strip = heaviest_strip()
    qtbot.addWidget(strip)
    strip.show_examples(answer, board, answer.heaviest(2))
    assert strip.examples == [(2, 1.75), (1, 0.75)]
    assert strip.accessibleDescription() == "c2 counted 1.75 times, c1 counted 0.75 times"
    strip.show_examples(answer, board, [])
    assert strip.isHidden()


def test_learned_rates_are_said_by_part_and_a_constant_one_once() -> None:
    question = Question.of("r", drawn_board(), 28)
    assert question is not None
    event = adapted(np.array([[[0.2, 0.7, 0.1]]]), (0,))
    object.__setattr__(event, "rates", {"head": (0.4, 0.4, 0.4), "body": (0.021, 0.1, 0.3)})
    answer = Answer.of(question, event, Trail())
    assert rate_words(answer) == "learned rates: head 0.4, body 0.021 to 0.3"


# -------------------------------------------------------------------------------- with a real model


@pytest.fixture(scope="module")
def hand(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    """A window in which a tiny model was trained."""
    with opened(tmp_path_factory.mktemp("home")) as made:
        run = made.train(TINY)
        made.await_end(run)
        made.workbench.window.resize(1440, 900)
        made.open_draw(run)
        window = made.workbench.window
        window.activateWindow()  # keys belong to it alone
        made.wait("the window is in front", window.isActiveWindow)
        yield made


def quiz_files(hand: Hand) -> list[Path]:
    return sorted((hand.workbench.store.root / "quizzes").glob("*.fewshot"))


def test_a_quiz_hides_the_answer_until_done_marks_it_and_keeps_the_drawings(
    hand: Hand, qtbot: QtBot
) -> None:
    page, quizzing, panel = hand.page, hand.page.quizzing, hand.page.quizzing.panel
    hand.teach([[LINE], [BAR], CROSS])
    before = page.desk.board.classes
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    page.canvas.setFocus()
    QTest.keyClick(page.canvas, Qt.Key.Key_Q, keys)
    assert panel.isVisible()
    assert not page.support.isVisible()
    assert quizzing.quiz is not None
    QTest.mouseClick(panel.main, LEFT)  # nothing is drawn yet
    assert "empty" in panel.verdict.text()
    for turn in range(2):
        row = quizzing.quiz.current
        assert row is not None
        assert panel.words.text() == f"Draw {before[row].name}"
        hand.draw([[LINE], [BAR], CROSS][row])
        assert page.answers.area.isHidden()
        assert "when you are done" in page.answers.empty.sentence()
        page.canvas.setFocus()
        QTest.keyClick(page.canvas, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: panel.main.text() == "Next", timeout=PATIENCE_MS)
        mark = quizzing.quiz.marks[-1]
        assert mark.row == row
        assert page.answer is not None
        assert mark.said == page.answer.best()[0]
        assert not page.answers.area.isHidden()
        assert [len(one.marks) for one in panel.rows][row] == 1
        assert panel.score.value.text() == f"{quizzing.quiz.right} of {turn + 1}"
        QTest.keyClick(page.canvas, Qt.Key.Key_Return)
        assert page.desk.board.query.empty
    marks = list(quizzing.quiz.marks)
    QTest.keyClick(page.canvas, Qt.Key.Key_Escape)
    assert page.support.isVisible()
    assert page.desk.board.classes is before
    task = load_task(quiz_files(hand)[-1])
    assert [label for _, label in task.queries] == [mark.row for mark in marks]
    assert all(example.strokes for example, _ in task.queries)


def test_a_quiz_can_be_of_a_new_task_and_a_drawing_of_it_be_taught(
    hand: Hand, qtbot: QtBot
) -> None:
    page, quizzing, panel = hand.page, hand.page.quizzing, hand.page.quizzing.panel
    quizzing.menu().actions()[1].trigger()
    qtbot.waitUntil(lambda: quizzing.quiz is not None, timeout=PATIENCE_MS)
    assert all(card.shots[0].image is not None for card in page.desk.board.classes)
    assert quizzing.quiz is not None
    row = quizzing.quiz.current
    assert row is not None
    hand.draw(CROSS)
    QTest.mouseClick(panel.main, LEFT)
    qtbot.waitUntil(lambda: panel.main.text() == "Next", timeout=PATIENCE_MS)
    QTest.mouseClick(panel.teach, LEFT)
    assert len(page.desk.board.classes[row].shots) == 2
    assert quizzing.quiz is not None, "the quiz goes on"
    page.desk.undo()
    assert len(page.desk.board.classes[row].shots) == 1
    quizzing.end()


def test_a_quiz_ends_when_another_model_is_picked_or_the_classes_change(
    hand: Hand, qtbot: QtBot
) -> None:
    page, quizzing = hand.page, hand.page.quizzing
    hand.teach([[LINE], [BAR], CROSS])
    quizzing.menu().actions()[0].trigger()
    assert quizzing.quiz is not None
    assert page.query.bare, "no other class is under the ink"
    row = quizzing.quiz.current
    assert row is not None
    asked = page.desk.board.classes[row].name
    hand.draw(CROSS)
    quizzing.press()
    qtbot.waitUntil(lambda: quizzing.panel.main.text() == "Next", timeout=PATIENCE_MS)
    kept = {path: path.read_bytes() for path in quiz_files(hand)}
    page.desk.move_class(0, 2)
    assert quizzing.quiz is None
    [path] = [path for path in quiz_files(hand) if kept.get(path) != path.read_bytes()]
    task = load_task(path)
    [(_, label)] = task.queries
    assert label is not None
    assert task.names[label] == asked, "the drawing is of the class that was asked for"
    page.desk.undo()
    quizzing.begin()
    page.picker.picked.emit()
    assert quizzing.quiz is None
    assert page.support.isVisible()


def test_a_question_that_failed_shows_no_answer_before_the_next_is_done(hand: Hand) -> None:
    page, quizzing = hand.page, hand.page.quizzing
    hand.teach([[LINE], [BAR], CROSS])
    quizzing.begin()
    hand.draw([LINE])
    talk = page.answering.talk
    talk._asker.forget()
    talk.answer = None  # it has not come
    quizzing.press()
    talk.failed.emit("The engine has ended.", "")
    assert quizzing.panel.main.text() == "Done"
    hand.draw([BAR])
    hand.wait("it is answered", lambda: page.answer is not None)
    assert page.answers.area.isHidden()
    assert "when you are done" in page.answers.empty.sentence()
    quizzing.end()


def test_a_quiz_asks_for_those_classes_alone_that_the_model_is_asked_about(hand: Hand) -> None:
    page, quizzing = hand.page, hand.page.quizzing
    hand.teach([[LINE], [BAR], CROSS])
    page.answering.talk.most = 2
    quizzing.begin()
    assert quizzing.quiz is not None
    assert set(quizzing.quiz.rows) == {0, 1}
    quizzing.end()
    page.answering.talk.most = None


def test_a_corrected_answer_is_counted_once_and_can_be_taught(hand: Hand, qtbot: QtBot) -> None:
    page, marking = hand.page, hand.page.answering.marking
    hand.teach([[LINE], [BAR], CROSS])
    hand.ask([BAR])
    marking.begin()
    assert page.answer is not None
    best = page.answer.best()[0]
    page.canvas.setFocus()
    QTest.keyClick(page.canvas, Qt.Key.Key_Y)
    assert (marking.right, marking.count) == (1, 1)
    other = next(row for row in page.answer.rows if row != best)
    names = [action.text() for action in marking.menu().actions()]
    cards = page.desk.board.classes
    assert not any(name.endswith(cards[best].name) for name in names)
    marking.menu().actions()[0].trigger()  # no, it was the first of the others
    assert (marking.right, marking.count) == (0, 1)
    assert marking.row.words.text() == f"It was {cards[other].name} · 0 of 1 right"
    assert page.answers.nearest.isHidden()
    QTest.mouseClick(marking.row.teach, LEFT)
    assert len(page.desk.board.classes[other].shots) == 2
    page.desk.undo()
    assert len(page.desk.board.classes[other].shots) == 1
    hand.ask([LINE])
    assert marking.row.isHidden()
    assert not page.answers.nearest.isHidden()


def test_the_nearest_examples_follow_each_stroke(hand: Hand) -> None:
    page = hand.page
    hand.teach([[LINE], [BAR], CROSS])
    first, _ = hand.ask([LINE + 0.05])
    shown = list(page.answers.nearest.examples)
    hand.draw([BAR])
    hand.wait("it is answered", lambda: page.answer is not first or None)
    assert page.answers.nearest.examples != shown
    apart = [distance for _, distance in page.answers.nearest.examples]
    assert apart == sorted(apart)


def test_t_sne_of_a_few_points_is_a_sentence_and_of_enough_a_map(hand: Hand, qtbot: QtBot) -> None:
    pytest.importorskip("sklearn", reason="t-SNE is scikit-learn's")
    page, panel = hand.page, hand.page.map_panel
    hand.teach([[LINE], [BAR], CROSS])
    hand.ask([LINE])
    panel.rule.set_value("tsne")
    panel.rule.changed.emit("tsne")
    qtbot.waitUntil(lambda: not panel.empty.isHidden(), timeout=PATIENCE_MS)
    assert "there are 4" in panel.empty.sentence()
    page.support.fill_requested.emit(4, None)
    qtbot.waitUntil(lambda: len(page.desk.board.classes[0].shots) == 4, timeout=PATIENCE_MS)
    hand.ask([LINE])
    qtbot.waitUntil(lambda: panel.map.words.startswith("t-SNE"), timeout=PATIENCE_MS)
    assert panel.empty.isHidden()
    panel.rule.set_value("pca")
    panel.rule.changed.emit("pca")
    assert "principal" in panel.map.words


def test_an_answer_does_not_stay_beside_the_problem_of_the_next_question(
    hand: Hand, qtbot: QtBot
) -> None:
    page = hand.page
    hand.teach([[LINE], [BAR], CROSS])
    hand.ask([LINE])
    page.desk.add_class()
    hand.draw([LINE])  # a fourth class; the model knows three
    problem = page.answers.problem
    qtbot.waitUntil(problem.isVisible, timeout=PATIENCE_MS)
    assert page.answer is None
    assert page.answers.area.isHidden()
    assert page.answers.badge.isHidden()
    assert page.answers.empty.sentence() == "There is no answer to this."
    page.desk.undo()
    page.desk.undo()
    qtbot.waitUntil(lambda: page.answer is not None, timeout=PATIENCE_MS)
    assert problem.isHidden()


def test_a_small_window_folds_the_page_also_while_an_answer_needs_more_room(
    hand: Hand, qtbot: QtBot
) -> None:
    """From the size at which it unfolds, down in one go and step by step; nothing scrolls."""
    page, window = hand.page, hand.workbench.window
    hand.teach([[LINE], [BAR], CROSS])
    hand.ask([LINE])
    qtbot.waitUntil(lambda: len(page.answers.contrasts) == 1, timeout=PATIENCE_MS)
    for heights in ((720,), (880, 860, 840, 820, 800, 780, 760, 740, 720)):
        window.resize(1440, 900)
        qtbot.waitUntil(lambda: not page.panels.compact)
        qtbot.waitUntil(lambda: page.height() == page.parentWidget().height())
        for height in heights:
            window.resize(1280, height)
            QApplication.processEvents()
        qtbot.waitUntil(lambda: page.panels.compact)
        qtbot.waitUntil(lambda: page.size() == page.parentWidget().size())
    window.resize(1440, 900)
