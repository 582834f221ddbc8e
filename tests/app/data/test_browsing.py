"""Classes as a person looks through them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.app.data.worlds import PATIENCE_MS
from workbench.app.pages.data import DataPage
from workbench.app.pages.data.balance import thirds_above
from workbench.app.pages.data.view import DataView
from workbench.bank import Bank, ClassInfo


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


@pytest.mark.parametrize(("most", "top"), [(55, 60), (7, 9), (47, 60), (150, 180)])
def test_the_thirds_of_the_balance_axis_are_round_numbers(most: int, top: int) -> None:
    assert thirds_above(most) == top


def test_a_class_is_hidden_from_every_split_and_comes_back(qtbot: QtBot, page: DataPage) -> None:
    view, draft = page.sets.shown.view, page._context.draft
    assert view is not None
    number = view.splits["train"][0]
    key, count = view.key(number), len(view.splits["train"])
    page.groups.choose(view.groups[0].name)
    page.browse.grid.set_current(0)
    QTest.mouseClick(page.browse.one.hide_button, Qt.MouseButton.LeftButton)
    assert draft.value("classes.hidden") == [key]
    hidden = page.sets.shown.view
    assert hidden is not None
    assert len(hidden.splits["train"]) == count - 1
    assert hidden.groups[-1].split == "", "it stands under Not used, where it can be shown again"
    qtbot.waitUntil(lambda: page.preview.sheet.shown() > 0, timeout=PATIENCE_MS)
    page.window().activateWindow()
    page.browse.grid.setFocus()
    qtbot.waitUntil(page.browse.grid.hasFocus, timeout=PATIENCE_MS)
    QTest.keyClick(page.browse.grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.sets.shown.view is not None
    assert len(page.sets.shown.view.splits["train"]) == count
    assert not draft.is_changed("classes.hidden")
    QTest.keyClick(
        page.browse.grid,
        Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert draft.value("classes.hidden") == [key]


def test_a_class_gets_another_name_and_its_own_back(page: DataPage) -> None:
    view, draft = page.sets.shown.view, page._context.draft
    assert view is not None
    group = view.groups[0]
    page.groups.choose(group.name)
    page.browse.grid.set_current(0)
    for typed, names in (("Ring, small", 1), ("", 0)):
        page.browse.one.begin_rename()
        page.browse.one.field.clear()
        QTest.keyClicks(page.browse.one.field, typed)
        QTest.keyClick(page.browse.one.field, Qt.Key.Key_Return)
        assert len(draft.value("classes.renamed")) == names
        assert page.sets.shown.view is not None
        shown = page.sets.shown.view.name(group.classes[0])
        assert shown == (typed or view.name(group.classes[0]))


def test_a_map_that_is_given_up_says_so_and_can_be_made_again(qtbot: QtBot, page: DataPage) -> None:
    page.browse.mode.set_value("map")
    page.browse.mode.changed.emit("map")
    pane = page.browse.map
    assert pane.method.value() == "pca", "there is no quicker one to fall back to"
    pane.show_progress(1, 4, "Comparing images")
    assert pane.cancel.isVisible()
    QTest.mouseClick(pane.cancel, Qt.MouseButton.LeftButton)
    assert not pane.cancel.isVisible()
    assert pane._problem.sentence() == "The map was not made."
    QTest.mouseClick(pane._problem.findChild(QPushButton), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(pane.map.isVisible, timeout=PATIENCE_MS)
    assert pane.map.count() == 140


def test_the_map_shows_an_image_under_the_mouse_and_a_click_finds_it(
    qtbot: QtBot, page: DataPage
) -> None:
    page.browse.mode.set_value("map")
    page.browse.mode.changed.emit("map")
    pane, view = page.browse.map, page.sets.shown.view
    assert view is not None
    qtbot.waitUntil(lambda: pane.map.count() == 140, timeout=PATIENCE_MS)
    middle = int(np.argsort([pane.map.place_of(i).x() for i in range(140)])[70])
    place = pane.map.place_of(middle).toPoint()
    QTest.mouseMove(pane.map, place)
    index = pane.map.current()
    assert index >= 0
    assert view.full_name(int(pane._classes[index])) in pane.map.accessibleName()
    QTest.mouseClick(pane.map, Qt.MouseButton.LeftButton, pos=place)
    group = page.groups.current()
    assert group is not None
    assert group.classes[page.browse.grid.current()] == pane._classes[index]
    QTest.keyClick(pane.map, Qt.Key.Key_Left)
    assert pane.map.place_of(pane.map.current()).x() < place.x()
    pane.scope.set_value("all")
    pane.scope.chosen.emit("all")
    qtbot.waitUntil(lambda: pane.map.count() == 560, timeout=PATIENCE_MS)
    assert pane.colour.value() == "group"
    page.browse.mode.set_value("drawer")
    page.browse.mode.changed.emit("drawer")
