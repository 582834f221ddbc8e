"""Families of functions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.app.data.worlds import PATIENCE_MS, choose, type_over
from workbench.app.pages.data import DataPage


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
