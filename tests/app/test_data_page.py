"""The Data page as a person uses it, with the real worker behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from workbench.app.main import Workbench
from workbench.app.pages.data import DataPage
from workbench.app.pages.data.balance import thirds_above
from workbench.app.pages.data.sheet import by_shot
from workbench.app.pages.data.view import DataView
from workbench.bank import Bank, ClassInfo
from workbench.worker import launch

PATIENCE_MS = 120_000
SMALL = {
    "dataset.alphabets": 4,
    "dataset.characters": 7,
    "dataset.drawers": 20,
    "dataset.validation": 1,
    "dataset.test": 1,
}


@pytest.fixture(scope="module")
def workbench(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One window for all tests, with a few glyphs in its draft."""
    home = tmp_path_factory.mktemp("home")
    (home / "draft.json").write_text(json.dumps({"version": 1, "values": SMALL}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEWSHOT_WORKBENCH_HOME", str(home))
        made = Workbench(lambda: launch(home), home)
        made.window.resize(1440, 900)
        try:
            with SignalBlocker(timeout=PATIENCE_MS) as blocker:
                blocker.connect(made.completed)
                made.show()
            yield made
        finally:
            made.window.close()
            made.close()


@pytest.fixture
def page(qtbot: QtBot, workbench: Workbench) -> Iterator[DataPage]:
    """The Data page as it is at the start."""
    made, draft = workbench.data, workbench.draft
    workbench.window.show_page("Data")
    choose(made, "glyphs")
    qtbot.waitUntil(
        lambda: made.sets.shown.ready is not None and made.preview.sheet.shown() > 0,
        timeout=PATIENCE_MS,
    )
    yield made
    draft.replace(SMALL)
    made.groups.search.clear()
    workbench.window.resize(1440, 900)


def drop(page: DataPage, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    page.dropEvent(
        QDropEvent(
            QPointF(QPoint(200, 200)),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def choose(page: DataPage, name: str) -> None:
    QTest.mouseClick(page.cards[name], Qt.MouseButton.LeftButton)


def test_the_embedded_set_is_there_without_asking_with_its_tree_and_its_characters(
    page: DataPage,
) -> None:
    assert page.cards["glyphs"].state_words() == "On this computer"
    assert page.cards["glyphs"].isChecked()
    view = page.sets.shown.view
    assert view is not None
    assert [group.split for group in view.groups] == ["train", "train", "validation", "test"]
    assert page.browse.grid.count() == 7
    assert page.browse.one.drawers.count() == 20
    assert page.use.isEnabled()


def test_the_split_is_audited_and_every_statement_holds(qtbot: QtBot, page: DataPage) -> None:
    qtbot.waitUntil(lambda: page.split.badge.text() == "No leaks", timeout=PATIENCE_MS)
    assert [statement.text for statement in page.split.statements()] == [
        "No alphabet on two sides",
        "No character on two sides",
        "No image on two sides",
        "No rotated twin held out",
        "No near copy held out",
        "No image twice in a character",
    ]


def test_a_class_that_is_trained_and_tested_under_one_name_is_a_leak() -> None:
    images = np.zeros((2, 2, 1, 6, 6), np.uint8)
    bank = Bank.of([(ClassInfo("cat", ""), images[0]), (ClassInfo("cat", ""), images[1])])
    (said,) = DataView(bank, {"train": (0,), "test": (1,)}).audit()
    assert (said.text, said.holds) == ("1 class on two sides: cat", False)


def test_ways_and_queries_are_the_drafts_and_the_task_follows(qtbot: QtBot, page: DataPage) -> None:
    ways = page.preview.boxes["task.n_way"]
    ways.lineEdit().selectAll()
    QTest.keyClicks(ways, "3")
    assert page._context.draft.value("task.n_way") == 3
    qtbot.waitUntil(
        lambda: "Task of 3 classes" in page.preview.sheet.accessibleName(), timeout=PATIENCE_MS
    )
    page._context.draft.set("task.queries", 2)
    assert page.preview.boxes["task.queries"].value() == 2
    qtbot.waitUntil(
        lambda: "6 query images" in page.preview.sheet.accessibleName(), timeout=PATIENCE_MS
    )


def test_n_draws_another_task(qtbot: QtBot, page: DataPage) -> None:
    before, index = page.preview.sheet.accessibleName(), page.preview.index()
    page.window().activateWindow()
    page.browse.grid.setFocus()
    qtbot.waitUntil(page.browse.grid.hasFocus, timeout=PATIENCE_MS)
    QTest.keyClick(page.browse.grid, Qt.Key.Key_N)
    assert page.preview.index() == index + 1
    qtbot.waitUntil(lambda: page.preview.sheet.accessibleName() != before, timeout=PATIENCE_MS)


def test_what_a_class_cannot_give_is_said_with_both_numbers(qtbot: QtBot, page: DataPage) -> None:
    page._context.draft.set("task.queries", 20)
    qtbot.waitUntil(page.preview.problem.isVisible, timeout=PATIENCE_MS)
    assert "21 images" in page.preview.problem.message()
    assert "20" in page.preview.problem.message()
    page._context.draft.set("task.queries", 15)
    qtbot.waitUntil(lambda: not page.preview.problem.isVisible(), timeout=PATIENCE_MS)


def test_searching_cuts_the_tree_and_the_characters(qtbot: QtBot, page: DataPage) -> None:
    view = page.sets.shown.view
    assert view is not None
    wanted = view.groups[-1]
    page.groups.search.setFocus()
    QTest.keyClicks(page.groups.search, wanted.name)
    qtbot.waitUntil(
        lambda: (g := page.groups.current()) is not None and g.name == wanted.name,
        timeout=PATIENCE_MS,
    )
    assert page.browse.title.text() == wanted.name


def test_a_drawer_picked_below_is_the_drawer_shown_above(page: DataPage) -> None:
    page.browse.one.drawers.set_current(4)
    assert page.browse.drawer.value() == 5


def test_a_truncated_zip_is_said_in_the_panel_and_nothing_can_be_trained_on_it(
    qtbot: QtBot, page: DataPage, tmp_path: Path
) -> None:
    broken = tmp_path / "images_background.zip"
    broken.write_bytes(b"PK\x03\x04 cut off in the middle")
    choose(page, "omniglot")
    assert page.source.isVisible()
    assert page.browse.grid.isHidden() or not page.browse.grid.isVisible()
    page.source.path.setText(str(broken))
    QTest.keyClick(page.source.path, Qt.Key.Key_Return)
    qtbot.waitUntil(page.source.problem.isVisible, timeout=PATIENCE_MS)
    assert "images_background.zip" in page.source.problem.message()
    assert not page.use.isEnabled()
    assert page.use.toolTip()
    choose(page, "glyphs")
    assert page.use.isEnabled()
    assert not page.source.problem.isVisible()


def test_a_dropped_omniglot_is_shown_and_used_for_training(
    qtbot: QtBot, page: DataPage, omniglot_path: Path
) -> None:
    drop(page, omniglot_path)
    qtbot.waitUntil(
        lambda: page.sets.current == "omniglot" and page.sets.shown.view is not None,
        timeout=PATIENCE_MS,
    )
    view = page.sets.shown.view
    assert view is not None
    assert len(view.groups) == 30
    assert {split: sum(g.split == split for g in view.groups) for split in view.splits} == {
        "train": 20,
        "validation": 5,
        "test": 5,
    }
    QTest.mouseClick(page.use, Qt.MouseButton.LeftButton)
    draft = page._context.draft
    assert draft.value("dataset.name") == "omniglot"
    assert draft.value("dataset.path") == str(omniglot_path)
    assert page._context.shell.current_page() == "Train"


def test_a_dropped_folder_of_photographs_is_a_data_set_of_its_own(
    qtbot: QtBot, page: DataPage, tmp_path: Path
) -> None:
    for number, name in enumerate(("ant", "bee", "cat", "dog", "elk", "fox")):
        folder = tmp_path / "animals" / name
        folder.mkdir(parents=True)
        for image in range(4):
            colour = (40 * number, 255 - 40 * number, 60 * image)
            Image.new("RGB", (64, 48), colour).save(folder / f"{image}.jpg")
    (tmp_path / "animals" / "cat" / "notes.txt").write_text("hello")
    drop(page, tmp_path / "animals")
    assert page.sets.current == "image_folder"
    qtbot.waitUntil(lambda: page.importer.dialog is not None, timeout=PATIENCE_MS)
    dialog, shown = page.importer.dialog, page.sets.shown
    assert dialog is not None
    assert dialog.model.keys() == ["0", "1", "2", "3", "4", "5"]
    assert "animals/cat/notes.txt" in dialog.notes[0].label.text()
    QTest.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert (shown.path, shown.ready, shown.busy) == ("", None, False), "nothing was committed"
    drop(page, tmp_path / "animals")
    qtbot.waitUntil(lambda: page.importer.dialog not in (None, dialog), timeout=PATIENCE_MS)
    dialog = page.importer.dialog
    assert dialog is not None
    dialog.colour.set_value("on")
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: shown.view is not None and shown.view.bank.image_shape[0] == 3, timeout=PATIENCE_MS
    )
    assert page.groups.search.placeholderText() == "Search 6 classes"
    assert shown.lines() == ("6 classes", "24 images")
    assert shown.view is not None
    statements = [statement.text for statement in shown.view.audit()]
    assert statements == ["No class on two sides"], "classes without groups have none to tear"
    assert shown.view.held_out() == "Single classes"
    assert shown.view.image(0, 0).shape == (28, 28, 3)
    assert shown.ready is not None
    assert "animals/cat/notes.txt" in shown.ready.notes[0]
    qtbot.waitUntil(lambda: page.preview.sheet.shown() > 0, timeout=PATIENCE_MS)


def test_a_family_of_functions_shows_curves_and_its_ranges(qtbot: QtBot, page: DataPage) -> None:
    choose(page, "sinusoid")
    qtbot.waitUntil(page.functions.plot.isVisible, timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: "12 curves" in page.functions.plot.accessibleName(), timeout=PATIENCE_MS
    )
    assert "x from -5 to 5" in page.functions.plot.accessibleName()
    assert not page.groups.isVisible()
    assert not page.preview.boxes["task.n_way"].isVisible()


def test_a_range_that_is_edited_draws_other_functions(qtbot: QtBot, page: DataPage) -> None:
    choose(page, "sinusoid")
    plot, controls = page.functions.plot, page.functions.ranges.controls
    qtbot.waitUntil(lambda: "12 curves" in plot.accessibleName(), timeout=PATIENCE_MS)
    for key, text in (("x_min", "-2"), ("x_max", "3"), ("amplitude_max", "0.5")):
        type_over(controls[f"dataset.{key}"].box.lineEdit(), text)
    qtbot.waitUntil(
        lambda: "12 curves, x from -2 to 3" in plot.accessibleName(), timeout=PATIENCE_MS
    )
    top = float(plot.accessibleName().rsplit(" ", 1)[1])
    assert top <= 0.55, "no amplitude above 0.5, and a margin"
    QTest.mouseClick(controls["dataset.vary_frequency"].box, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: "frequency" in page.sets.shown.ready.description["parameters"], timeout=PATIENCE_MS
    )
    QTest.mouseClick(page.use, Qt.MouseButton.LeftButton)
    assert page._context.draft.value("dataset.x_min") == -2
    assert page._context.draft.value("dataset.vary_frequency") is True


def test_a_folder_that_is_not_called_as_a_published_one_is_a_persons_own(page: DataPage) -> None:
    reader_of = page.sets.reader_of
    assert (reader_of("images_of_birds"), reader_of("images_background.zip")) == (
        "image_folder",
        "omniglot",
    )


def test_a_range_that_is_edited_while_another_set_is_chosen_stays_with_its_own(
    qtbot: QtBot, page: DataPage
) -> None:
    choose(page, "sinusoid")
    qtbot.waitUntil(page.functions.plot.isVisible, timeout=PATIENCE_MS)
    type_over(page.functions.ranges.controls["dataset.x_max"].box.lineEdit(), "4")
    choose(page, "glyphs")
    assert page.sets.all["sinusoid"].values["dataset.x_max"] == 4
    assert not page.functions.ranges._pause.isActive()


def test_a_range_that_ends_before_it_begins_is_said_and_can_be_mended(
    qtbot: QtBot, page: DataPage
) -> None:
    choose(page, "sinusoid")
    controls = page.functions.ranges.controls
    least = controls["dataset.amplitude_min"].box.lineEdit()
    type_over(least, "9")
    qtbot.waitUntil(lambda: page.sets.shown.failed is not None, timeout=PATIENCE_MS)
    assert "amplitude" in page.sets.shown.failed.message.lower()
    assert least.text() == "9"
    type_over(least, "0.2")
    qtbot.waitUntil(lambda: page.sets.shown.failed is None, timeout=PATIENCE_MS)


def type_over(line: QLineEdit, text: str) -> None:
    line.selectAll()
    QTest.keyClicks(line, text)


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


def test_a_small_window_folds_the_cards_and_puts_the_split_behind_a_tab(
    qtbot: QtBot, page: DataPage
) -> None:
    page._context.shell.resize(1280, 720)
    qtbot.waitUntil(page.tab.isVisible, timeout=PATIENCE_MS)
    assert page.cards["glyphs"].height() == 40
    assert page.groups.isVisible()
    assert not page.split.isVisible()
    page.tab.set_value("split")
    page.tab.changed.emit("split")
    assert page.split.isVisible()
    assert not page.groups.isVisible()


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


def test_what_only_a_script_can_bring_has_no_card(page: DataPage, workbench: Workbench) -> None:
    offered = {
        option.name
        for option in workbench.catalogue.options("dataset")
        if not option.facts.get("scripted")
    }
    assert set(page.cards) == offered
    assert len(offered) < len(workbench.catalogue.options("dataset"))


@pytest.mark.parametrize(("most", "top"), [(55, 60), (7, 9), (47, 60), (150, 180)])
def test_the_thirds_of_the_balance_axis_are_round_numbers(most: int, top: int) -> None:
    assert thirds_above(most) == top


def test_alphabets_can_be_kept_together_only_where_the_choice_of_tasks_knows_of_them(
    page: DataPage, workbench: Workbench
) -> None:
    assert page.preview.within.isVisible()
    workbench.draft.replace({**SMALL, "sampler.name": "weighted"})
    assert not page.preview.within.isVisible()
    workbench.draft.replace(SMALL)
    assert page.preview.within.isVisible()
