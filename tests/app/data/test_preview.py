"""Tasks as they are previewed, and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.app.data.worlds import PATIENCE_MS, SMALL, choose, drop, type_over
from workbench.app.main import Workbench
from workbench.app.pages.data import DataPage
from workbench.app.pages.data.keeping import SaveDialog
from workbench.app.pages.data.sheet import by_shot
from workbench.protocol import TaskPreviewed
from workbench.schema.nouns import Words
from workbench.taskfile import load_task
from workbench.tasklist import load_tasks


def test_ways_and_queries_are_the_drafts_and_the_task_follows(qtbot: QtBot, page: DataPage) -> None:
    ways = page.preview.boxes["task.n_way"]
    ways.lineEdit().selectAll()
    QTest.keyClicks(ways, "3")
    assert page._context.draft.value("task.n_way") == 3
    qtbot.waitUntil(
        lambda: "Task of 3 classes" in page.preview.sheet.accessibleName(), timeout=PATIENCE_MS
    )
    queries = page.preview.boxes["task.queries"]
    type_over(queries.lineEdit(), "2")
    qtbot.waitUntil(
        lambda: "6 query images" in page.preview.sheet.accessibleName(), timeout=PATIENCE_MS
    )
    page._context.draft.set("training.queries", 4)
    assert queries.value() == 4, "which training has for itself"
    qtbot.waitUntil(
        lambda: "12 query images" in page.preview.sheet.accessibleName(), timeout=PATIENCE_MS
    )
    page._context.draft.set("task.queries", 3)
    page.preview._split.set_value("test")
    page.preview._split.chosen.emit("test")
    assert queries.value() == 3
    qtbot.waitUntil(
        lambda: "9 query images" in page.preview.sheet.accessibleName(), timeout=PATIENCE_MS
    )
    page.preview._split.set_value("train")
    page.preview._split.chosen.emit("train")


def test_n_draws_another_task(qtbot: QtBot, page: DataPage) -> None:
    before, index = page.preview.sheet.accessibleName(), page.preview.index()
    page.window().activateWindow()
    page.browse.grid.setFocus()
    qtbot.waitUntil(page.browse.grid.hasFocus, timeout=PATIENCE_MS)
    QTest.keyClick(page.browse.grid, Qt.Key.Key_N)
    assert page.preview.index() == index + 1
    qtbot.waitUntil(lambda: page.preview.sheet.accessibleName() != before, timeout=PATIENCE_MS)


def test_what_a_class_cannot_give_is_said_with_both_numbers(qtbot: QtBot, page: DataPage) -> None:
    queries = page.preview.boxes["task.queries"].lineEdit()
    type_over(queries, "20")
    qtbot.waitUntil(page.preview.problem.isVisible, timeout=PATIENCE_MS)
    assert "21 images" in page.preview.problem.message()
    assert "20" in page.preview.problem.message()
    type_over(queries, "15")
    qtbot.waitUntil(lambda: not page.preview.problem.isVisible(), timeout=PATIENCE_MS)


def test_what_is_set_for_a_data_set_that_is_only_looked_at_waits_until_it_is_used(
    qtbot: QtBot, page: DataPage, workbench: Workbench
) -> None:
    choose(page, "sinusoid")
    shots = page.preview.boxes["task.k_shot"]
    assert shots.value() == 10  # as it recommends, not as the glyphs do
    shots.lineEdit().selectAll()
    QTest.keyClicks(shots, "7")
    assert workbench.draft.value("task.k_shot") == 1
    qtbot.waitUntil(page.preview.plot.isVisible, timeout=PATIENCE_MS)
    QTest.mouseClick(page.use, Qt.MouseButton.LeftButton)
    assert workbench.draft.value("dataset.name") == "sinusoid"
    assert workbench.draft.value("task.k_shot") == 7


def test_examples_are_shown_class_by_class_in_turn() -> None:
    assert by_shot(np.array([0, 0, 1, 1, 2, 2])).tolist() == [0, 2, 4, 1, 3, 5]


def test_the_place_of_a_query_does_not_tell_its_class() -> None:
    """Each turn still has one query of every class, in an order that the task alone decides."""
    classes = np.repeat(np.arange(5), 4)
    turns = [classes[by_shot(classes, (7, 0, task))].reshape(4, 5) for task in range(3)]
    for turn in np.concatenate(turns):
        assert sorted(turn) == [0, 1, 2, 3, 4]
    assert len({tuple(turn) for turn in np.concatenate(turns)}) > 6
    np.testing.assert_array_equal(by_shot(classes, (7, 0, 2)), by_shot(classes, (7, 0, 2)))


def test_alphabets_can_be_kept_together_only_where_the_choice_of_tasks_knows_of_them(
    page: DataPage, workbench: Workbench
) -> None:
    assert page.preview.within.isVisible()
    workbench.draft.replace({**SMALL, "sampler.name": "weighted"})
    assert not page.preview.within.isVisible()
    workbench.draft.replace(SMALL)
    assert page.preview.within.isVisible()


def test_tasks_are_kept_as_they_are_previewed(qtbot: QtBot, page: DataPage, tmp_path: Path) -> None:
    page._context.draft.set("task.n_way", 3)
    dialog = SaveDialog("train", 4, page)
    wanted: list[int] = []
    dialog.wanted.connect(wanted.append)
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert wanted == [4]
    with qtbot.waitSignal(page.talk.lists.done, timeout=PATIENCE_MS) as said:
        page.talk.lists.save("train", 4, tmp_path / "kept")
    assert said.args == [f"4 tasks are in {tmp_path / 'kept.json'}"]
    found = load_tasks(tmp_path / "kept.json")
    assert (found.split, found.ways, len(found.tasks)) == ("train", 3, 4)
    view = page.sets.shown.view
    assert view is not None
    found.check(view.bank)
    with qtbot.waitSignal(page.talk.lists.failed, timeout=PATIENCE_MS) as refused:
        page.talk.lists.save("train", 4, tmp_path / "no such folder" / "x.json")
    assert "cannot be written" in refused.args[0]


def test_the_shown_task_is_kept_as_a_file_bit_for_bit(
    qtbot: QtBot, page: DataPage, tmp_path: Path
) -> None:
    wanted: list[TaskPreviewed] = []
    page.preview.task_wanted.disconnect()
    page.preview.task_wanted.connect(wanted.append)
    page.preview.keep_task()
    page.preview.task_wanted.connect(page.talk.lists.ask_task)
    with qtbot.waitSignal(page.talk.lists.done, timeout=PATIENCE_MS):
        page.talk.lists.save_task(wanted[0], tmp_path / "shown")
    task = load_task(tmp_path / "shown.fewshot")
    assert task.names == wanted[0].class_names
    np.testing.assert_array_equal(task.shots[0][0].pixels, wanted[0].support_x[0])
    np.testing.assert_array_equal(task.queries[-1][0].pixels, wanted[0].query_x[-1])


def test_the_side_of_rotations_and_the_seed_of_a_split_are_settings(
    qtbot: QtBot, page: DataPage
) -> None:
    form = page.split.form
    said: list[dict[str, object]] = []
    form.changed.connect(said.append)
    values = {"validation_share": 0.2, "seed": 3, "rotations": True, "rotate_held_out": True}
    form.show_settings({**values, "hold_out": "group"}, Words("sign", "kind"))
    assert (form.seed.value(), form.rotations.value(), form.hold_out.value()) == (
        3,
        "both",
        "group",
    )
    assert form.hold_out.currentText() == "Whole kinds"
    form.changed.disconnect()
    form.changed.connect(said.append)
    for chosen in ("off", "on", "both"):
        form.rotations.chosen.emit(chosen)
    assert [list(one.values()) for one in said] == [[False, False], [True, False], [True, True]]
    form.changed.disconnect()
    form.changed.connect(page._set_data)
    form.show_settings({"seed": 3}, Words())
    assert form.seed.isHidden(), "it decides something else"
    assert form.rotations.isHidden()
    page.split.form.show_settings(page.sets.shown.own, page.sets.shown.words)
    assert form.held_out.text() == "Whole alphabets"


def test_a_saved_list_is_stepped_through_and_left_again(
    qtbot: QtBot, page: DataPage, workbench: Workbench, tmp_path: Path
) -> None:
    """The images are those that the engine gives an algorithm for the same list."""
    page._context.draft.set("task.n_way", 3)
    with qtbot.waitSignal(page.talk.lists.done, timeout=PATIENCE_MS):
        page.talk.lists.save("train", 2, tmp_path / "kept.json")
    choose(page, "sinusoid")
    shown: list[TaskPreviewed] = []
    page.talk.tasks.came.connect(shown.append)
    drop(page, tmp_path / "kept.json")
    qtbot.waitUntil(page.preview.bar.isVisible, timeout=PATIENCE_MS)
    assert page.sets.current == "glyphs", "of which the list is"
    assert page.preview.bar.accessibleName() == "List kept.json: 2 training tasks of Glyphs"
    qtbot.waitUntil(lambda: bool(shown) and shown[-1].curve is None, timeout=PATIENCE_MS)
    first = shown[-1]
    assert not page.preview.boxes["task.n_way"].isVisible()
    assert not page.preview._earlier.isEnabled()
    QTest.mouseClick(page.preview._later, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown[-1] is not first, timeout=PATIENCE_MS)
    assert page.preview._number.text() == "Task 2 of 2"
    assert not page.preview._later.isEnabled()
    view = page.sets.shown.view
    assert view is not None
    tasks = load_tasks(tmp_path / "kept.json").tasks
    for task, seen in zip(tasks, (first, shown[-1]), strict=True):
        numbers = [(c, i) for c, own in zip(task.classes, task.query, strict=True) for i in own]
        turns = dict(zip(task.classes, task.turns, strict=True))
        wanted = [np.rot90(view.image(c, i), turns[c]) for c, i in numbers]
        np.testing.assert_array_equal(seen.query_x[:, 0], np.stack(wanted))
    QTest.mouseClick(page.preview.bar.back, Qt.MouseButton.LeftButton)
    assert not page.preview.bar.isVisible()
    assert page.preview.boxes["task.n_way"].isVisible()
    qtbot.waitUntil(lambda: page.preview._number.text() == "Task 1", timeout=PATIENCE_MS)


def test_a_list_of_other_images_is_refused_where_its_tasks_would_be(
    qtbot: QtBot, page: DataPage, tmp_path: Path
) -> None:
    with qtbot.waitSignal(page.talk.lists.done, timeout=PATIENCE_MS):
        page.talk.lists.save("train", 2, tmp_path / "kept.json")
    text = (tmp_path / "kept.json").read_text(encoding="utf-8")
    found = load_tasks(tmp_path / "kept.json").source.fingerprint
    (tmp_path / "kept.json").write_text(text.replace(found, "0" * 32), encoding="utf-8")
    page.open_file(tmp_path / "kept.json")
    qtbot.waitUntil(page.preview.problem.isVisible, timeout=PATIENCE_MS)
    assert page.preview.problem.message().startswith("These tasks are of other data: glyphs")
    page.preview.leave_list()
    qtbot.waitUntil(page.preview.sheet.isVisible, timeout=PATIENCE_MS)
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    with qtbot.waitSignal(page.talk.lists.failed, timeout=PATIENCE_MS) as refused:
        page.open_file(tmp_path / "notes.json")
    assert "is no list of tasks: it has no tasks" in refused.args[0]


def test_the_shares_of_a_split_are_set_in_percent_or_in_groups(
    qtbot: QtBot, page: DataPage, workbench: Workbench
) -> None:
    form = page.split.form
    assert {side: box.value() for side, box in form.sides.items()} == {"validation": 1, "test": 1}
    type_over(form.sides["test"].lineEdit(), "2")
    assert workbench.draft.value("dataset.test") == 2
    qtbot.waitUntil(
        lambda: sum(g.split == "test" for g in page.sets.shown.view.groups) == 2,
        timeout=PATIENCE_MS,
    )
    choose(page, "blobs")
    qtbot.waitUntil(lambda: page.sets.shown.ready is not None, timeout=PATIENCE_MS)
    assert form.sides["validation"].isVisibleTo(page.split)
    type_over(form.sides["validation"].lineEdit(), "50")
    assert page.sets.shown.value("validation_share") == 0.5
    qtbot.waitUntil(
        lambda: (
            page.sets.shown.view is not None
            and len(page.sets.shown.view.splits["validation"])
            == round(0.5 * len(page.sets.shown.view.bank.classes))
        ),
        timeout=PATIENCE_MS,
    )
    before = page.sets.shown.values
    type_over(form.sides["validation"].lineEdit(), "99")
    assert form.sides["validation"].problem() == "Outside 1 – 98"
    assert page.sets.shown.values == before
    form.show_settings({"validation_share": 0.2, "test_share": 0.2, "seed": 1}, Words(), (), True)
    assert form.sides["test"].isHidden() or not form.sides["test"].isVisibleTo(form)
    assert form.given.isVisibleTo(form)
    assert not form.seed.isVisibleTo(form)
    kinds = page.sets.all["omniglot"].kinds_of_split()
    assert [key for key, _ in kinds] == ["alphabets", "vinyals", "random"]
    form.show_settings({"split": "random", "seed": 4}, Words(), kinds)
    assert form.kind.value() == "random"
    assert form.seed.isVisibleTo(form)
    form.show_settings({"split": "vinyals", "seed": 4}, Words(), kinds)
    assert not form.seed.isVisibleTo(form)
