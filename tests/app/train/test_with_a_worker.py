"""The Train page with a real worker."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.app.train.worlds import (
    PATIENCE_MS,
    SMALL,
    MakePage,
    visible_buttons,
)
from workbench.app.engine_link import EngineLink
from workbench.app.widgets import Button
from workbench.protocol import PrepareData
from workbench.store import RunStatus, Store


def test_a_run_is_started_paused_continued_and_stopped_from_the_page(
    qtbot: QtBot, make_page: MakePage, engine: EngineLink, engine_store: Store
) -> None:
    store, page = engine_store, make_page(engine, engine_store)
    page._context.draft.replace({**SMALL, "training.steps": 1_000_000})
    qtbot.mouseClick(page.setup.start_box.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.run != "", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(page.running.log.texts()) > 2, timeout=PATIENCE_MS)
    assert any(text.startswith("Validation") for text in page.running.log.texts())

    def press(text: str) -> None:
        button = next(b for b in page.head.findChildren(Button) if b.text() == text)
        qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled(), timeout=PATIENCE_MS)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    press("Pause")
    qtbot.waitUntil(lambda: "Continue" in visible_buttons(page), timeout=PATIENCE_MS)
    step = store.open(page.run).summary().step
    press("Continue")
    qtbot.waitUntil(lambda: store.open(page.run).summary().step > step, timeout=PATIENCE_MS)
    press("Stop after this step")
    qtbot.waitUntil(lambda: "New run" in visible_buttons(page), timeout=PATIENCE_MS)
    summary = store.open(page.run).summary()
    assert summary.status is RunStatus.STOPPED
    assert summary.checkpoint_step == summary.step
    assert "Resume" in visible_buttons(page)


def test_time_and_memory_are_measured_once_the_data_are_there(
    qtbot: QtBot, make_page: MakePage, engine: EngineLink, engine_store: Store
) -> None:
    page = make_page(engine, engine_store)
    values = {**SMALL, "dataset.seed": 78, "training.steps": 100_000}
    estimator = page.setup.devices.estimator
    page._context.draft.replace(values)
    qtbot.waitUntil(
        lambda: estimator.reason() == "The data are not loaded yet.", timeout=PATIENCE_MS
    )
    assert estimator.figures() == [("Time", "–"), ("Memory", "–")]
    engine.request(PrepareData, values=values)
    qtbot.waitUntil(lambda: estimator.figures()[0][1].startswith("about "), timeout=PATIENCE_MS)
    assert estimator.figures()[1][1].endswith("MB")
    page._context.draft.set("training.steps", 200_000)
    assert estimator.figures() == [("Time", "measuring…"), ("Memory", "–")]


def test_what_only_the_worker_knows_is_told_under_its_row_and_nothing_starts(
    qtbot: QtBot, make_page: MakePage, engine: EngineLink, engine_store: Store, tmp_path: Path
) -> None:
    page = make_page(engine, engine_store)
    before = len(engine_store.runs())
    draft = page._context.draft
    draft.set("dataset.name", "omniglot")
    draft.set("dataset.path", str(tmp_path / "not there.zip"))

    def told() -> bool:
        row = page.setup.form.row("dataset.path")
        return row is not None and "not there.zip" in row.problem_text()

    qtbot.waitUntil(told, timeout=PATIENCE_MS)
    assert not page.setup.start_box.start.isEnabled()
    assert len(engine_store.runs()) == before
