"""Preparing a run: settings, problems, device, cost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.app.train.worlds import (
    MakePage,
)
from workbench.app.draft import Draft
from workbench.app.engine_link import EngineLink
from workbench.app.pages.train import figures as words
from workbench.app.pages.train.estimator import Estimator
from workbench.app.pages.train.launch import cost_figures
from workbench.app.widgets import Button, Label, Link
from workbench.protocol import Device, RunStarted
from workbench.schema.catalogue import Catalogue
from workbench.store import Store


def test_a_bad_value_is_shown_under_its_own_row_and_nothing_starts(
    qtbot: QtBot, make_page: MakePage, idle: EngineLink, store: Store
) -> None:
    page = make_page(idle)
    draft = page._context.draft
    draft.set("task.queries", 20)
    row = page.setup.form.row("task.queries")
    assert row is not None
    assert "need 21 images" in row.problem_text()
    assert page.setup.start_box.text() == "1 problem to solve before starting"
    assert not page.setup.start_box.start.isEnabled()
    qtbot.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    page.start()
    assert store.runs() == []
    draft.set("task.queries", 19)
    assert page.setup.start_box.start.isEnabled()


def test_choosing_an_algorithm_in_the_list_changes_title_and_rows(
    make_page: MakePage, idle: EngineLink
) -> None:
    page = make_page(idle)
    setup = page.setup
    assert "algorithm.inner_lr" in setup.form.setting_keys()
    index = next(i for name, i in setup.algorithms._leaves() if name == "protonet")
    setup.algorithms.tree.setCurrentIndex(index)
    assert page._context.draft.value("algorithm.name") == "protonet"
    assert "algorithm.inner_lr" not in setup.form.setting_keys()
    assert "Prototypical networks" in [label.text() for label in setup.heading.findChildren(QLabel)]


@pytest.mark.parametrize("size", [(1280, 720), (1280, 1024), (1366, 900), (1440, 900)])
def test_the_units_of_settings_are_whole_in_every_usual_window(
    size: tuple[int, int], make_page: MakePage, idle: EngineLink, catalogue: Catalogue
) -> None:
    page = make_page(idle)
    page.window().resize(*size)
    QApplication.processEvents()
    units = {row.unit for row in catalogue.rows({}) if row.unit}
    shown = [label for label in page.setup.form.findChildren(Label) if label.isVisible()]
    assert len([label for label in shown if label.text() in units]) > 10
    # What is cut can be read when the mouse rests on it.
    assert [label.text() for label in shown if label.text() in units and label.toolTip()] == []


def test_the_methods_stand_under_their_families(
    make_page: MakePage, idle: EngineLink, catalogue: Catalogue
) -> None:
    algorithms = make_page(idle).setup.algorithms
    above = {name: index.parent().data() for name, index in algorithms._leaves()}
    assert above == {option.name: option.family for option in catalogue.options("algorithm")}


def test_a_method_says_in_words_what_it_does_and_when_to_choose_it_and_opens_its_paper(
    qtbot: QtBot,
    make_page: MakePage,
    idle: EngineLink,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    page = make_page(idle)
    heading = page.setup.heading
    for option in catalogue.options("algorithm"):
        page._context.draft.set("algorithm.name", option.name)
        texts = [label.text() for label in heading.findChildren(QLabel)]
        assert {option.title, option.summary, f"Choose it when: {option.choose_when}"} <= {*texts}
        link = heading.findChild(Link)
        assert link is not None
        assert link.isVisibleTo(page) == (option.paper is not None)
        if option.paper is not None:
            assert link.text() == option.paper.label
            qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
            assert opened[-1] == option.paper.url


def test_the_search_finds_an_algorithm_by_its_paper_and_by_its_idea(
    make_page: MakePage, idle: EngineLink
) -> None:
    algorithms = make_page(idle).setup.algorithms
    everything = algorithms.names()
    algorithms.set_filter("snell")
    assert algorithms.names() == ["protonet"]
    algorithms.set_filter("nobody wrote this")
    assert algorithms.names() == []
    algorithms.set_filter("")
    assert algorithms.names() == everything


def test_the_device_explains_itself_and_why_another_is_not_there(
    make_page: MakePage, idle: EngineLink
) -> None:
    page = make_page(idle)
    assert "while it starts" in page.setup.devices.explanation()
    idle.devices = (
        Device("cpu", "Processor, 2 cores", True, "Always there."),
        Device("cuda", "NVIDIA GPU", False, "No driver was found."),
    )
    idle.recommended = "cpu"
    page.setup.devices.refresh()
    assert page.setup.devices.explanation() == "Always there."
    texts = [label.text() for label in page.setup.devices.findChildren(QLabel)]
    assert "NVIDIA GPU: No driver was found." in texts


def test_the_command_of_the_draft_goes_to_the_clipboard(
    make_page: MakePage, idle: EngineLink, qtbot: QtBot
) -> None:
    page = make_page(idle)
    page._context.draft.set("training.steps", 250)
    button = next(b for b in page.head.findChildren(Button) if b.text() == "Copy as command")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == "fewshot-workbench train --training.steps 250"


def test_a_preset_fills_in_its_settings_and_keeps_the_algorithm(
    make_page: MakePage, idle: EngineLink, catalogue: Catalogue
) -> None:
    page = make_page(idle)
    draft = page._context.draft
    draft.set("algorithm.name", "reptile")
    preset = next(
        p for p in catalogue.presets("reptile") if "training.steps" in catalogue.expand(p.values)
    )
    page.setup.heading.presets.chosen.emit(preset.name)
    assert draft.value("algorithm.name") == "reptile"
    for key, value in catalogue.expand(preset.values).items():
        assert draft.value(key) == value
    assert page.setup.heading.presets.value() == preset.name


def test_before_the_engine_is_ready_a_start_waits_and_says_so(
    make_page: MakePage, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.start()
    assert page.setup.start_box.text() == "Engine is starting…"
    assert not page.setup.start_box.start.isEnabled()
    assert page.setup.start_box.cancel_link.isVisible()


def test_a_run_that_ended_with_its_engine_is_not_waited_for(
    catalogue: Catalogue, idle: EngineLink
) -> None:
    estimator = Estimator(Draft(catalogue), idle)
    idle.event.emit(RunStarted(1, "a run"))
    assert estimator.reason() == "A run is training; beside it all is slower."
    idle.state_changed.emit("stopped")
    assert estimator.reason() == ""


def test_the_effort_is_known_before_the_start(catalogue: Catalogue, dressed: QApplication) -> None:
    draft = Draft(catalogue)
    for key, value in {
        "training.steps": 250,
        "training.meta_batch": 4,
        "validation.every": 100,
    }.items():
        draft.set(key, value)
    figures = dict(cost_figures(draft))
    assert figures["Tasks in all"] == words.whole(1000)
    assert figures["Validations"] == "3 × 200 tasks"
    draft.set("training.steps", "many")
    assert dict(cost_figures(draft))["Tasks in all"] == "–"
