"""What a run's figures hint at stands in its view, and can be followed for the next run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from tests.app.train.worlds import MakePage, MakeRun
from workbench.app.engine_link import EngineLink
from workbench.app.pages.train import TrainPage
from workbench.app.widgets import Button
from workbench.store import RunStatus, RunWriter

WORSE = {"loss_0": 1.6, "loss_5": 2.5, "support_0": 1.6, "support_5": 3.0}


@pytest.fixture
def troubled(make_run: MakeRun) -> RunWriter:
    """A run whose adaptation makes its losses worse."""
    writer = make_run(20, 40, **{"algorithm.inner_lr": 0.4})
    plant(writer, 20)
    return writer


def plant(writer: RunWriter, step: int) -> None:
    for at in (step - 10, step):
        writer.record("inner", {"step": at, **WORSE})


def press_remedy(qtbot: QtBot, page: TrainPage) -> None:
    qtbot.mouseClick(page.running.hint.remedy, Qt.MouseButton.LeftButton)


def test_a_run_in_which_all_is_well_has_no_hint(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run(make_run().run)
    assert page.running.hint.text() == ""


def test_a_hint_says_both_numbers_and_what_to_do(
    make_page: MakePage, troubled: RunWriter, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run(troubled.run)
    assert page.running.hint.text() == (
        "Adapting makes the loss worse: 1.6 before, 2.5 after 5 steps, and the loss on the support "
        "set rises from 1.6 to 3. Lower the inner rate from 0.4 to 0.1."
    )
    assert page.running.hint.remedy.text() == "Set to 0.1"


def test_a_hint_takes_its_room_from_the_panels_and_nothing_begins_to_scroll(
    make_page: MakePage, troubled: RunWriter, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run(troubled.run)
    QApplication.processEvents()
    scroll = page.findChild(QScrollArea)
    assert scroll is not None
    assert scroll.verticalScrollBar().maximum() == 0


def test_following_a_hint_changes_the_next_run_and_can_be_undone(
    qtbot: QtBot, make_page: MakePage, troubled: RunWriter, idle: EngineLink
) -> None:
    page = make_page(idle)
    draft = page._context.draft
    draft.set("algorithm.inner_lr", 0.4)
    page.open_run(troubled.run)
    press_remedy(qtbot, page)
    assert draft.value("algorithm.inner_lr") == 0.1
    bar = page._context.shell.undo_bar
    assert bar.text() == "Inner rate is 0.1 for the next run."
    undo = next(button for button in bar.findChildren(Button) if button.text() == "Undo")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert draft.value("algorithm.inner_lr") == 0.4


def test_a_hint_about_a_setting_that_the_next_run_lacks_changes_nothing(
    qtbot: QtBot, make_page: MakePage, troubled: RunWriter, idle: EngineLink
) -> None:
    page = make_page(idle)
    draft = page._context.draft
    draft.set("algorithm.name", "protonet")
    before = draft.values
    page.open_run(troubled.run)
    press_remedy(qtbot, page)
    assert draft.values == before
    assert "has no such setting" in page._context.shell.undo_bar.text()


def test_a_hidden_hint_stays_hidden_while_the_run_is_watched(
    qtbot: QtBot, make_page: MakePage, troubled: RunWriter, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run(troubled.run)
    qtbot.mouseClick(page.running.hint.cross, Qt.MouseButton.LeftButton)
    assert page.running.hint.text() == ""
    plant(troubled, 40)
    page._look(now=True)
    assert page.running.hint.text() == ""


def test_a_hint_appears_with_the_validation_that_gives_the_reason(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    writer = make_run(20, 40)
    page.open_run(writer.run)
    plant(writer, 30)
    writer.record("validation", {"step": 30, "value": 0.9, "interval": 0.02})
    page._look(now=True)
    assert "Adapting makes the loss worse" in page.running.hint.text()


def test_a_loss_that_grew_is_still_named_when_the_run_is_done(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    writer = make_run(20, 60)
    for step in range(21, 61):
        writer.record("train", {"step": step, "loss": 50.0, "accuracy": 0.2})
    writer.status(RunStatus.DONE, "All steps are done.", step=60)
    writer.close()
    page.open_run(writer.run)
    assert page.running.note.text() == "All steps are done."
    assert page.running.hint.text().startswith("The loss grows")


def test_a_run_that_failed_for_its_rate_offers_the_remedy_beside_the_reason(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    writer = make_run(**{"training.optimizer.lr": 1e-3})
    reason = "The loss was no longer a number at step 21."
    writer.status(RunStatus.FAILED, reason, "Lower a rate.", step=20)
    writer.close()
    page.open_run(writer.run)
    assert page.running.note.text() == reason
    assert page.running.hint.text() == ""
    remedy = next(b for b in page.running.note.findChildren(Button) if b.text() == "Set to 0.0003")
    qtbot.mouseClick(remedy, Qt.MouseButton.LeftButton)
    assert page._context.draft.value("training.optimizer.lr") == 3e-4
