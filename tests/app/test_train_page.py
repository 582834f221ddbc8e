"""The Train page: preparing, starting, watching and ending a run, with a real store and worker."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from workbench.app.context import Context
from workbench.app.draft import Draft
from workbench.app.engine_link import EngineLink
from workbench.app.pages.train import TrainPage
from workbench.app.pages.train import figures as words
from workbench.app.pages.train.feed import Columns, RunFeed
from workbench.app.pages.train.launch import cost_figures
from workbench.app.pages.train.watch import RunWatch
from workbench.app.widgets import Button
from workbench.app.window import MainWindow
from workbench.protocol import Device
from workbench.schema.catalogue import Catalogue
from workbench.schema.layers import nest
from workbench.store import Best, RunStatus, RunWriter, Store
from workbench.worker import launch

PATIENCE_MS = 120_000
GLYPHS: dict[str, Any] = {
    "dataset.name": "glyphs",
    "dataset.alphabets": 3,
    "dataset.characters": 6,
    "dataset.drawers": 6,
    "dataset.validation": 1,
    "dataset.test": 1,
    "task.queries": 3,
}
SMALL: dict[str, Any] = {
    **GLYPHS,
    "algorithm.name": "protonet",
    "backbone.width": 8,
    "training.n_way": 5,
    "training.meta_batch": 2,
    "validation.every": 2,
    "validation.tasks": 8,
    "validation.save_every": 2,
    "device": "cpu",
}
MakePage = Callable[..., TrainPage]
MakeRun = Callable[..., RunWriter]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "runs")


@pytest.fixture
def idle(dressed: QApplication) -> Iterator[EngineLink]:
    """An engine that was never started: commands to it wait."""
    link = EngineLink(launch)
    yield link
    link.close()


@pytest.fixture(scope="module")
def engine_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store of the real worker."""
    return Store(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def engine(qapp: QApplication, engine_store: Store) -> Iterator[EngineLink]:
    """A real worker, ready. Loading torch takes longer than all that the tests ask of it."""
    link = EngineLink(partial(launch, engine_store.root))
    link.start()
    loop = QEventLoop()
    link.state_changed.connect(loop.quit)
    QTimer.singleShot(PATIENCE_MS, loop.quit)
    loop.exec()
    assert link.state == "ready"
    yield link
    link.close()


@pytest.fixture
def make_page(
    qtbot: QtBot,
    open_window: Callable[[], MainWindow],
    store: Store,
    catalogue: Catalogue,
) -> MakePage:
    """Opens a window with nothing but the Train page."""

    def make(link: EngineLink, runs: Store = store) -> TrainPage:
        window = open_window()
        page = TrainPage(Context(link, runs, catalogue, Draft(catalogue), window))
        window.add_page(page)
        window.resize(1440, 900)
        return page

    return make


@pytest.fixture
def make_run(store: Store, catalogue: Catalogue) -> Iterator[MakeRun]:
    """Writes a run into the store, as a trainer of another process does, and holds it."""
    writers: list[RunWriter] = []

    def make(steps: int = 20, total: int = 40, **values: Any) -> RunWriter:
        config = nest({**catalogue.complete({**values, "training.steps": total})})
        writer = store.create(config, {"device": "cpu", "threads": 2})
        writers.append(writer)
        fill(writer, steps, total, math.nan if values.get("dataset.name") == "sinusoid" else 0.5)
        return writer

    yield make
    for writer in writers:
        writer.close()


def fill(writer: RunWriter, steps: int, total: int, accuracy: float) -> None:
    """Rows of a second each; a validation at every tenth."""
    for step in range(1, steps + 1):
        seen = {"step": step, "tasks": 4 * step, "seconds": float(step)}
        writer.record("train", {**seen, "loss": 2 / step, "accuracy": accuracy, "outer_lr": 1e-3})
        if step % 10 == 0:
            row = {**seen, "value": 0.9, "interval": 0.02, "before": 0.2, "loss": 0.4}
            writer.record("validation", {**row, "trace_0": 0.2, "trace_1": 0.7, "trace_5": 0.9})
            writer.event("validation", step=step, value=0.9, interval=0.02, best=step == 10)
    best = Best(10, 0.9, 0.02, "accuracy")
    writer.status(
        RunStatus.RUNNING,
        step=steps,
        steps=total,
        tasks=4 * steps,
        duration_s=float(steps),
        best=best,
    )


def visible_buttons(page: TrainPage) -> list[str]:
    """The words on the head's buttons."""
    return [b.text() for b in page.head.findChildren(Button) if b.isVisible() and b.text()]


def figure(page: TrainPage, place: str) -> str:
    shown = page.running.strip.figures[place]
    return f"{shown.value.text()} {shown.suffix.text()}".strip()


# ---------------------------------------------------------------------------------------- preparing


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
    preset = next(p for p in catalogue.presets() if "training.steps" in catalogue.expand(p.values))
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


# ----------------------------------------------------------------------------------------- watching


def test_a_run_of_another_process_is_shown_as_it_grows(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    writer = make_run(20, 40)
    page.open_run(writer.run)
    assert page.running.isVisible()
    assert figure(page, "step") == "20 of 40"
    assert figure(page, "best") == "90.0 ± 2.0 % step 10"
    assert figure(page, "left").startswith("20 s ends")
    assert visible_buttons(page) == ["Pause", "Stop after this step", "Abort"]
    writer.record("train", {"step": 21, "tasks": 84, "seconds": 21.0, "loss": 0.1, "accuracy": 0.5})
    qtbot.waitUntil(lambda: figure(page, "step") == "21 of 40", timeout=5_000)
    loss = page.running.curves.loss
    qtbot.waitUntil(lambda: loss.numbers("Train").x[-1] == 21, timeout=5_000)
    assert loss.numbers("Train").y[-1] == 0.1


def test_a_run_of_another_process_is_held_through_the_store(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    writer = make_run()
    page.open_run(writer.run)
    idle.state = "stopped"
    page.control("pause")
    assert writer.requests() == ["pause"]
    writer.status(RunStatus.PAUSED, step=20)
    qtbot.waitUntil(lambda: "Continue" in visible_buttons(page), timeout=5_000)
    page.control("resume")
    page.control("stop")
    assert writer.requests() == ["resume", "stop"]
    idle.state = "starting"


def test_the_gap_between_before_and_after_is_shown_for_each_inner_step(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run(make_run().run)
    panel = page.running.adaptation
    assert panel.before.value.text() == "20.0 %"
    assert panel.after.value.text() == "90.0"
    assert panel.gain.value.text() == "+70.0"
    assert panel.plot.numbers("Validation").x.tolist() == [0, 1, 5]
    np.testing.assert_allclose(panel.plot.numbers("Validation").y, [20, 70, 90])


def test_the_curves_follow_steps_tasks_or_time(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run(make_run(20, 40).run)
    curves = page.running.curves
    curves.choose_axis("tasks")
    qtbot.waitUntil(lambda: curves.loss.numbers("Train").x[-1] == 80, timeout=5_000)
    curves.choose_axis("seconds")
    qtbot.waitUntil(lambda: curves.loss.numbers("Train").x[-1] == 20, timeout=5_000)


def test_the_95_percent_band_lies_around_the_validation(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run(make_run().run)
    validation = page.running.curves.accuracy.numbers("Validation")
    np.testing.assert_allclose(validation.low, [88, 88])
    np.testing.assert_allclose(validation.high, [92, 92])


def test_a_regression_has_one_plot_of_its_error_and_no_chance(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run(make_run(**{"dataset.name": "sinusoid"}).run)
    plots = page.running.curves.plots()
    assert len(plots) == 1
    assert plots[0].series_names() == ["Train", "Validation", "Before adaptation"]
    assert figure(page, "best") == "0.900 ± 0.020 step 10"


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        (RunStatus.DONE, ["New run"]),
        (RunStatus.STOPPED, ["Resume", "New run"]),
        (RunStatus.FAILED, ["Resume", "New run"]),
    ],
)
def test_an_ended_run_says_why_and_what_can_be_done(
    make_page: MakePage,
    make_run: MakeRun,
    idle: EngineLink,
    status: RunStatus,
    buttons: list[str],
) -> None:
    page = make_page(idle)
    writer = make_run()
    writer.status(status, "The reason.", "What to do.", step=20)
    writer.close()
    page.open_run(writer.run)
    assert visible_buttons(page) == buttons
    assert page.running.note.text() == "The reason."
    assert figure(page, "left") == "–"


def test_a_run_whose_process_is_gone_is_shown_as_died(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    writer = make_run()
    writer.checkpoint(20, lambda file: file.write(b"weights") and None)
    writer.close()  # without a last word
    page.open_run(writer.run)
    assert "ended unexpectedly" in page.running.note.text()
    assert visible_buttons(page) == ["Resume", "Draw with it", "New run"]


def test_a_new_run_leads_back_to_the_settings_and_from_there_to_the_run(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run(make_run().run)
    page.prepare_another()
    assert page.setup.isVisible()
    # A run of another process does not keep this engine busy.
    assert "is training" not in page.setup.start_box.text()
    qtbot.mouseClick(page.setup.start_box.back_link, Qt.MouseButton.LeftButton)
    assert page.running.isVisible()


def test_a_run_that_is_not_there_is_reported_and_the_page_stays(
    make_page: MakePage, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run("0042-nothing")
    assert page.setup.isVisible()
    assert page.run == ""


# ------------------------------------------------------------------------------- with a real worker


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


# -------------------------------------------------------------------------- words and numbers alone


def test_durations_are_said_in_the_two_units_that_matter() -> None:
    said = [words.duration(s) for s in (0, 42, 942, 4500, 183_600, math.nan)]
    assert said == ["0 s", "42 s", "15 min 42 s", "1 h 15 min", "2 d 3 h", "–"]


def test_an_end_on_another_day_names_the_day() -> None:
    now = datetime(2026, 11, 21, 23, 50, tzinfo=UTC)
    assert words.ends_at(300, now) == "ends 23:55"
    assert words.ends_at(900, now) == "ends 22 Nov 00:05"
    assert words.ends_at(math.nan, now) == ""


def test_a_measure_is_a_percentage_or_an_error() -> None:
    assert words.measure(0.956, 0.009, regression=False) == "95.6 ± 0.9 %"
    assert words.measure(0.412, 0.015, regression=True) == "0.412 ± 0.015"
    assert words.measure(math.nan, math.nan, regression=False) == "–"


def test_time_left_and_speed_come_from_the_recent_rows_alone() -> None:
    """1,000 slow steps of 10 s, then 200 of 0.5 s: the 800 to come take 400 s.

    Each has 4 tasks, which makes 8 a second.
    """
    rows = Columns()
    step = np.arange(1, 1201, dtype=float)
    seconds = np.where(step <= 1000, 10 * step, 10_000 + 0.5 * (step - 1000))
    made = np.zeros(1200, [("step", "<f8"), ("tasks", "<f8"), ("seconds", "<f8")])
    made["step"], made["tasks"], made["seconds"] = step, 4 * step, seconds
    rows.append(made)
    left, speed = words.measured(rows, 2000)
    assert left == pytest.approx(400)
    assert speed == pytest.approx(8)
    assert all(math.isnan(value) for value in words.measured(Columns(), 10))


def test_columns_that_a_stream_lacks_are_gaps() -> None:
    rows = Columns()
    rows.append(np.array([(1.0,), (2.0,)], dtype=[("step", "<f8")]))
    assert np.isnan(rows["accuracy"]).all()
    assert len(rows["accuracy"]) == 2


def test_rows_that_a_resume_took_back_are_forgotten(store: Store, make_run: MakeRun) -> None:
    writer = make_run(10, 40)
    writer.checkpoint(10, lambda file: file.write(b"weights") and None)
    for step in (11, 12):
        writer.record("train", {"step": step, "tasks": 4 * step, "seconds": step, "loss": 1.0})
    feed = RunFeed(store.open(writer.run))
    feed.poll()
    assert feed.train.last("step") == 12
    writer.close()
    resumed = store.resume(writer.run)
    assert feed.poll()
    assert feed.train.last("step") == 10
    resumed.close()


def test_a_watch_notices_that_a_run_has_ended(
    store: Store, make_run: MakeRun, catalogue: Catalogue
) -> None:
    writer = make_run()
    watch = RunWatch(store, catalogue, writer.run)
    assert watch.alive
    watch.asked = "stop"
    assert watch.status == "stopping"
    writer.status(RunStatus.STOPPED, "Stopped after step 20.")
    watch.look(now=True)
    assert watch.status == "stopped"
