"""The Runs page: finding, comparing, holding, resuming, scoring, deleting runs of a real store."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from workbench.app.context import Context
from workbench.app.draft import Draft
from workbench.app.engine_link import EngineLink
from workbench.app.pages.runs import RunsPage
from workbench.app.pages.runs import rows as words
from workbench.app.pages.runs.differences import against_defaults, compare
from workbench.app.pages.runs.model import COLUMNS
from workbench.app.pages.runs.picks import MOST, Picks
from workbench.app.pages.runs.scores import FILE, load
from workbench.app.widgets import Button
from workbench.app.window import MainWindow
from workbench.inquiries import SaveTasks
from workbench.schema.catalogue import Catalogue
from workbench.schema.layers import nest
from workbench.store import Best, RunStatus, RunWriter, Store
from workbench.taskfile import Example, TaskFile, save_task
from workbench.worker import launch

PATIENCE_MS = 300_000  # a worker loads torch last where cores are short
LEFT = Qt.MouseButton.LeftButton
SMALL: dict[str, Any] = {
    "dataset.name": "glyphs",
    "dataset.alphabets": 3,
    "dataset.characters": 6,
    "dataset.drawers": 6,
    "dataset.validation": 1,
    "dataset.test": 1,
    "task.queries": 3,
    "algorithm.name": "protonet",
    "backbone.width": 8,
    "training.meta_batch": 2,
    "training.steps": 4,
    "validation.every": 2,
    "validation.tasks": 4,
    "validation.save_every": 2,
    "evaluation.tasks": 16,
    "device": "cpu",
}
MakeRun = Callable[..., RunWriter]
MakePage = Callable[..., RunsPage]


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


@pytest.fixture
def engine(qtbot: QtBot, dressed: QApplication, store: Store) -> Iterator[EngineLink]:
    """A real worker, ready."""
    link = EngineLink(partial(launch, store.root))
    link.start()
    qtbot.waitUntil(lambda: link.state == "ready", timeout=PATIENCE_MS)
    yield link
    link.close()


@pytest.fixture
def make_run(store: Store, catalogue: Catalogue) -> Iterator[MakeRun]:
    """Writes a run as its trainer does, and lets go of it unless it is to stay alive."""
    writers: list[RunWriter] = []

    def make(
        status: RunStatus = RunStatus.DONE,
        best: float | None = 0.9,
        reason: str = "",
        saved: bool = True,
        **values: Any,
    ) -> RunWriter:
        config = nest(catalogue.complete({"training.steps": 100, **values}))
        writer = store.create(config, {"device": "cpu"})
        regression = config["dataset"]["name"] == "sinusoid"
        found = None if best is None else Best(20, best, 0.012, "accuracy")
        for step in (10, 20):
            seen = {"step": step, "tasks": 4 * step, "seconds": 2.0 * step}
            if best is not None:
                loss = math.nan if regression else 0.4
                row = {**seen, "value": best, "interval": 0.012, "before": 0.2, "loss": loss}
                writer.record("validation", row)
            writer.status(RunStatus.RUNNING, step=step, steps=100, best=found, last=found)
            if saved:
                writer.checkpoint(step, save_weights)
        writer.event("ended", status=status.value, reason=reason)
        alive = status in (RunStatus.RUNNING, RunStatus.PAUSED, RunStatus.DIED)
        said = RunStatus.RUNNING if status is RunStatus.DIED else status
        writer.status(said, reason, step=25, steps=100, duration_s=942.0, best=found, last=found)
        writers.append(writer)
        if not alive or status is RunStatus.DIED:
            writer.close()
        return writer

    yield make
    for writer in writers:
        writer.close()


@pytest.fixture
def make_page(
    qtbot: QtBot,
    open_window: Callable[[], MainWindow],
    store: Store,
    catalogue: Catalogue,
    idle: EngineLink,
) -> Iterator[MakePage]:
    """Opens a window with nothing but the Runs page, and waits until the runs are listed."""
    pages: list[RunsPage] = []

    def make(link: EngineLink = idle, width: int = 1440, height: int = 900) -> RunsPage:
        window = open_window()
        page = RunsPage(Context(link, store, catalogue, Draft(catalogue), window))
        window.add_page(page)
        window.resize(width, height)
        pages.append(page)
        qtbot.waitUntil(lambda: page.list.look is not None)
        return page

    yield make
    for page in pages:
        page.close_page()


def save_weights(file: BinaryIO) -> None:
    file.write(b"weights")


def numbers(page: RunsPage) -> list[int]:
    """The numbers in the table, from top to bottom."""
    model = page.table.runs
    return [int(model.cell(row, 2).text) for row in range(model.rowCount())]


def shows(page: RunsPage, found: list[int]) -> bool:
    return numbers(page) == found


def spot(page: RunsPage, number: int, column: str) -> QPoint:
    """Where a cell of a run's row lies in the viewport."""
    place = [c.key for c in COLUMNS].index(column)
    row = numbers(page).index(number)
    rect = page.table.visualRect(page.table.runs.index(row, place))
    return QPoint(rect.left() + 16, rect.center().y())


def click(page: RunsPage, number: int, column: str = "algorithm") -> None:
    QTest.mouseClick(page.table.viewport(), LEFT, pos=spot(page, number, column))


def text(page: RunsPage, number: int, column: str) -> str:
    row, place = numbers(page).index(number), [c.key for c in COLUMNS].index(column)
    return page.table.runs.cell(row, place).spoken()


def press(button: QPushButton) -> None:
    QTest.mouseClick(button, LEFT)


def link_to(page: RunsPage, words_on_it: str) -> Button:
    found = [b for b in page.panel.findChildren(Button) if b.text() == words_on_it]
    return next(button for button in found if not button.isHidden())


def hears(writer: RunWriter, heard: list[str]) -> list[str]:
    """All that a trainer was asked so far."""
    heard += writer.requests()
    return heard


# ------------------------------------------------------------------------------------------- table


def test_a_row_says_what_was_trained_how_it_stands_and_how_good_it_is(
    make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(best=0.956, **{"algorithm.name": "maml"})
    page = make_page()
    shown = [text(page, 1, c) for c in ("algorithm", "dataset", "task", "status", "best", "step")]
    assert shown == ["MAML", "Glyphs", "5 × 1", "Done", "95.6 ± 1.2 %", "20"]
    assert [text(page, 1, c) for c in ("last", "duration", "device")] == [
        "95.6",
        "15 min 42 s",
        "CPU",
    ]


def test_a_regression_shows_its_error_and_no_percentage(
    make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(best=0.412, **{"dataset.name": "sinusoid"})
    page = make_page()
    assert text(page, 1, "best") == "0.412 ± 0.012"
    assert text(page, 1, "task") == "10-shot"


def test_a_run_without_validation_has_dashes(make_page: MakePage, make_run: MakeRun) -> None:
    make_run(best=None)
    page = make_page()
    assert [text(page, 1, c) for c in ("best", "step", "last")] == ["–", "–", "–"]


def test_without_runs_the_page_says_what_belongs_here_and_leads_to_train(
    qtbot: QtBot, make_page: MakePage
) -> None:
    page = make_page()
    assert page.panel._none.isVisible()
    assert page.panel._none.sentence() == "No runs yet. Train one."
    with qtbot.waitSignal(page.train_asked):
        press(page.panel._none._button)


def test_the_filter_finds_by_name_tag_and_exact_setting(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, store: Store
) -> None:
    make_run(**{"algorithm.name": "maml", "algorithm.inner_steps": 5})
    make_run(**{"algorithm.name": "maml", "algorithm.inner_steps": 15})
    make_run(**{"algorithm.name": "reptile"})
    store.open("3").set_user(tags=["rates"])
    page = make_page()
    for typed, found in (("reptile", [3]), ("rates", [3]), ("inner_steps=5", [3, 1]), ("zzz", [])):
        page.panel.search.clear()
        QTest.keyClicks(page.panel.search, typed)
        qtbot.waitUntil(partial(shows, page, found))
    assert page.panel._nothing.isVisible()
    page.panel._nothing.acted.emit()
    assert numbers(page) == [3, 2, 1]


def test_the_states_are_counted_and_choosing_one_leaves_the_others_out(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    make_run()
    make_run(RunStatus.FAILED, reason="The loss became NaN.")
    make_run(RunStatus.DIED)
    make_run(RunStatus.RUNNING)
    page = make_page()
    labels = {b.key: b.text() for b in page.panel.status._buttons.values()}
    assert labels == {
        "all": "All 4",
        "running": "Running 1",
        "done": "Done 1",
        "paused": "Paused 0",
        "failed": "Failed 2",
        "stopped": "Stopped 0",
    }
    QTest.mouseClick(page.panel.status._buttons["failed"], LEFT)
    assert numbers(page) == [3, 2]


def test_a_click_on_a_head_sorts_and_what_has_no_value_stays_last(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    for best in (0.7, None, 0.9, 0.8):
        make_run(best=best)
    page = make_page()
    head = page.table.horizontalHeader()
    place = [c.key for c in COLUMNS].index("best")
    at = QPoint(head.sectionViewportPosition(place) + 40, head.height() // 2)
    assert numbers(page) == [4, 3, 2, 1]
    QTest.mouseClick(head.viewport(), LEFT, pos=at)
    assert numbers(page) == [3, 4, 1, 2]
    QTest.mouseClick(head.viewport(), LEFT, pos=at)
    assert numbers(page) == [1, 4, 3, 2]
    shown = page.table.runs.headerData(place, Qt.Orientation.Horizontal)
    assert shown == "Best validation ↑"


def test_a_run_started_elsewhere_appears_and_the_row_looked_at_stays(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    make_run()
    make_run()
    page = make_page()
    click(page, 1)
    make_run(RunStatus.RUNNING)
    qtbot.waitUntil(lambda: numbers(page) == [3, 2, 1], timeout=PATIENCE_MS)
    assert page.run.startswith("0001")
    assert text(page, 3, "status") == "Running, 25 %"


def test_while_another_page_is_shown_nobody_looks_at_the_store(
    make_page: MakePage, make_run: MakeRun
) -> None:
    make_run()
    page = make_page()
    assert page._look_timer.isActive()
    page._context.shell.show_page("Messages")
    assert not page._look_timer.isActive()


def test_a_star_is_kept_with_the_run(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, store: Store
) -> None:
    make_run()
    page = make_page()
    click(page, 1, "star")
    qtbot.waitUntil(lambda: store.open("1").summary().starred)
    qtbot.waitUntil(lambda: page.list.rows[0].summary.starred)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: not store.open("1").summary().starred)


def test_tags_and_notes_are_kept_for_the_run_they_were_typed_for(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, store: Store
) -> None:
    make_run()
    make_run()
    page = make_page()
    page.details.show_view("notes")
    qtbot.waitUntil(page.details.notes.isEnabled)
    QTest.keyClicks(page.details.notes.tags, "baseline, try")
    QTest.keyClicks(page.details.notes.notes, "Too slow")
    click(page, 1)
    qtbot.waitUntil(lambda: store.open("2").summary().notes == "Too slow")
    assert store.open("2").summary().tags == ("baseline", "try")
    assert store.open("1").summary().tags == ()
    qtbot.waitUntil(lambda: page.details.notes.tags.text() == "")


# -------------------------------------------------------------------------------------- comparison


def test_picked_runs_have_the_same_colour_in_table_plot_and_differences(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(**{"algorithm.name": "maml"})
    make_run(**{"algorithm.name": "protonet"})
    make_run(**{"algorithm.name": "reptile"})
    page = make_page()
    click(page, 3, "pick")
    page.table.set_current_run(page.list.rows[2].run)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    names = ["3 · Reptile", "1 · MAML"]
    qtbot.waitUntil(lambda: page.details.compare.plot.series_names() == names)
    place = [c.key for c in COLUMNS].index("algorithm")
    assert [page.table.runs.cell(row, place).series for row in range(3)] == [0, None, 1]
    assert [curve.index for curve in page.details.compare.plot.shown_curves()] == [0, 1]
    assert page.details.settings.model._series == [None, 0, 1]
    assert page.head.muted.text() == "3 runs, 2 compared"


def test_a_colour_stays_with_its_run_when_another_is_let_go() -> None:
    picks = Picks()
    for run in ("a", "b", "c"):
        picks.toggle(run)
    picks.toggle("a")
    assert picks.series == {"b": 1, "c": 2}
    picks.toggle("d")
    assert picks.series == {"b": 1, "c": 2, "d": 0}


def test_no_more_runs_are_compared_than_there_are_colours() -> None:
    picks = Picks()
    assert all(picks.toggle(str(i)) for i in range(MOST))
    assert not picks.toggle("one more")
    assert len(picks) == MOST


def test_curves_show_percent_with_their_interval_and_the_loss_on_demand(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(best=0.9, **{"algorithm.name": "maml"})
    page = make_page()
    plot = page.details.compare.plot
    qtbot.waitUntil(lambda: plot.series_names() == ["1 · MAML"])
    found = plot.numbers("1 · MAML")
    assert found.y.tolist() == pytest.approx([90, 90])
    assert found.low.tolist() == pytest.approx([88.8, 88.8])
    QTest.mouseClick(page.details.compare.measure._buttons["loss"], LEFT)
    assert plot.numbers("1 · MAML").y.tolist() == pytest.approx([0.4, 0.4])
    QTest.mouseClick(page.details.compare.axis._buttons["tasks"], LEFT)
    assert plot.numbers("1 · MAML").x.tolist() == [40, 80]


def test_errors_and_accuracies_do_not_share_an_axis(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(best=0.4, **{"dataset.name": "sinusoid"})
    make_run(best=0.9)
    page = make_page()
    click(page, 1, "pick")
    click(page, 2, "pick")
    qtbot.waitUntil(lambda: page.details.compare.muted.text() == "without 2: accuracy")
    assert page.details.compare.plot.series_names() == ["1 · MAML"]
    assert not page.details.compare.measure._buttons["loss"].isEnabled()


def test_differences_speak_the_words_of_the_form(catalogue: Catalogue) -> None:
    """The third run has no inner loop; two of three use 5 ways in training."""
    settings = [
        catalogue.complete({"algorithm.name": "maml", "training.n_way": 5}),
        catalogue.complete({"algorithm.name": "reptile", "training.n_way": 5}),
        catalogue.complete({"algorithm.name": "protonet", "training.n_way": 20}),
    ]
    found = {d.key: d for d in compare(settings, catalogue)}
    assert found["algorithm.name"].values == ("MAML", "Reptile", "Prototypical networks")
    assert found["training.n_way"].values == ("5", "5", "20")
    assert found["training.n_way"].odd == (False, False, True)
    assert found["algorithm.inner_lr"].symbol == "α"
    assert found["algorithm.inner_lr"].values[2] == "–"
    assert not found["task.k_shot"].differs


def test_one_run_alone_is_compared_with_the_defaults(catalogue: Catalogue) -> None:
    values = catalogue.complete({"algorithm.name": "reptile", "training.steps": 250})
    found = [d for d in against_defaults(values, catalogue) if d.differs]
    assert [(d.key, d.values) for d in found] == [("training.steps", ("1,000", "250"))]


def test_only_what_differs_is_listed_until_all_is_asked_for(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(**{"training.seed": 1})
    make_run(**{"training.seed": 2})
    page = make_page()
    click(page, 1, "pick")
    click(page, 2, "pick")
    assert page.details.settings.keys() == ["training.seed"]
    page.details.settings.only.click()
    assert len(page.details.settings.keys()) > 20


def test_in_a_small_window_the_differences_are_a_tab_of_compare(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    make_run()
    page = make_page(width=1280, height=720)
    assert page.details.compare.isVisible()
    assert not page.details.side.isVisible()
    tab = page.details._tabs[1]._buttons["differences"]
    QTest.mouseClick(tab, LEFT)
    assert page.details.side.isVisible()
    assert not page.details.compare.isVisible()
    page.window().resize(1440, 900)
    qtbot.waitUntil(lambda: page.details.compare.isVisible() and page.details.side.isVisible())


# ----------------------------------------------------------------------------- what is done to runs


def test_a_run_that_died_says_why_and_offers_to_resume(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(RunStatus.DIED)
    page = make_page()
    assert text(page, 1, "status") == "Died"
    assert page.panel.line() == (
        "Run 1 died near step 25: its process ended. Last good checkpoint: step 20."
    )
    assert page.panel.links() == ["Resume from 20", "Show log"]


def test_a_failed_run_says_its_reason_and_shows_its_log(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(RunStatus.FAILED, reason="The loss became NaN.", saved=False)
    page = make_page()
    assert page.panel.line() == (
        "Run 1 failed at step 25: the loss became NaN. It had saved no checkpoint."
    )
    press(link_to(page, "Show log"))
    qtbot.waitUntil(lambda: page.details.log.texts() == ["The loss became NaN."])
    assert page.panel.links()[0] == "Start it again"


def test_a_run_of_another_process_is_paused_continued_and_stopped_from_here(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    writer = make_run(RunStatus.RUNNING)
    page = make_page()
    assert page.panel.links() == ["Pause", "Stop after this step", "Show log"]
    press(link_to(page, "Pause"))
    heard: list[str] = []
    qtbot.waitUntil(lambda: hears(writer, heard) == ["pause"])
    assert text(page, 1, "status") == "Pausing"
    writer.status(RunStatus.PAUSED)
    qtbot.waitUntil(lambda: text(page, 1, "status") == "Paused", timeout=PATIENCE_MS)
    press(link_to(page, "Continue"))
    press(link_to(page, "Stop after this step"))
    qtbot.waitUntil(lambda: hears(writer, heard)[:2] == ["pause", "resume"])
    writer.status(RunStatus.STOPPED, "Stopped.")
    writer.close()
    qtbot.waitUntil(lambda: text(page, 1, "status") == "Stopped", timeout=PATIENCE_MS)
    assert page.deeds.asked == {}


def test_a_deleted_run_comes_back_with_undo(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, store: Store
) -> None:
    make_run()
    make_run()
    page = make_page()
    click(page, 1)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: numbers(page) == [2])
    assert [run[:4] for run in store.trashed()] == ["0001"]
    bar = page._context.shell.undo_bar
    qtbot.waitUntil(bar.isVisible)
    assert bar.text() == "Run 1 deleted"
    press(bar._button)
    qtbot.waitUntil(lambda: numbers(page) == [2, 1])
    assert page.run.startswith("0001")


def test_a_run_that_trains_cannot_be_deleted_and_the_button_says_so(
    make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(RunStatus.RUNNING)
    page = make_page()
    assert not page.buttons.delete.isEnabled()
    assert page.buttons.delete.toolTip() == "Run 1 trains: stop it first."


def test_cloning_makes_the_runs_changed_settings_the_draft(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(**{"algorithm.name": "reptile", "training.seed": 7})
    page = make_page()
    draft = page._context.draft
    draft.set("task.k_shot", 3)
    with qtbot.waitSignal(page.cloned):
        press(page.buttons.clone)
    assert draft.values == {
        "algorithm.name": "reptile",
        "training.seed": 7,
        "training.steps": 100,
    }
    press(page._context.shell.undo_bar._button)
    assert draft.values == {"task.k_shot": 3}


def test_buttons_and_enter_hand_the_run_on(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun
) -> None:
    run = make_run().run
    page = make_page()
    with qtbot.waitSignal(page.draw_asked) as drawn:
        press(page.buttons.draw)
    with qtbot.waitSignal(page.open_asked) as opened:
        press(page.buttons.open)
    with qtbot.waitSignal(page.open_asked) as entered:
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert drawn.args == opened.args == entered.args == [run]


def test_a_run_without_checkpoint_can_neither_be_drawn_with_nor_scored(
    make_page: MakePage, make_run: MakeRun
) -> None:
    make_run(RunStatus.FAILED, saved=False)
    page = make_page()
    for button in (page.buttons.draw, page.buttons.score):
        assert not button.isEnabled()
        assert button.toolTip() == "It has saved no checkpoint yet."


def test_the_palette_finds_runs_and_leads_to_them(make_page: MakePage, make_run: MakeRun) -> None:
    make_run(**{"algorithm.name": "reptile"})
    make_run()
    page = make_page()
    shell = page._context.shell
    titles = [command.title for command in shell._run_commands]
    assert titles[1] == "Run 1 · Reptile on Glyphs, 5-way 1-shot"
    shell.show_page("Messages")
    shell._run_commands[1].run()
    assert shell.current_page() == "Runs"
    assert page.run.startswith("0001")


def test_every_word_of_the_filter_must_occur(catalogue: Catalogue, make_run: MakeRun) -> None:
    run = make_run(**{"algorithm.name": "reptile"}).run
    store_row = words.row_of(_summary(run, make_run), catalogue)
    assert words.matches(store_row, "reptile 5-way")
    assert not words.matches(store_row, "reptile 20-way")


def _summary(run: str, make_run: MakeRun) -> Any:
    writer = make_run(**{"algorithm.name": "reptile"})
    return Store(writer.folder.parent.parent).open(run).summary()


# --------------------------------------------------------------------------------- with the engine


def test_a_run_that_died_goes_on_from_here_and_its_test_split_is_opened_once_asked(
    qtbot: QtBot, make_page: MakePage, engine: EngineLink, store: Store, catalogue: Catalogue
) -> None:
    writer = store.create(nest(catalogue.complete(SMALL)), {"device": "cpu"})
    writer.status(RunStatus.RUNNING, step=1, steps=4)
    writer.close()
    page = make_page(engine)
    assert text(page, 1, "status") == "Died"
    with qtbot.waitSignal(page.resumed, timeout=PATIENCE_MS):
        press(link_to(page, "Start it again"))
    qtbot.waitUntil(lambda: text(page, 1, "status") == "Done", timeout=PATIENCE_MS)

    run, blocks = page.run, page.details.scores.blocks
    press(page.buttons.score)
    assert page.details.view == "scores"
    press(blocks["validation"].button)
    qtbot.waitUntil(lambda: "validation" in page.details.scorer.of(run), timeout=PATIENCE_MS)
    assert blocks["validation"].figures["tasks"].value.text() == "16"
    assert blocks["validation"].figures["inductive"].suffix.text().startswith("± ")
    press(blocks["test"].button)
    assert page.details.scores.question.isVisible()
    assert not page.details.scorer.run, "nothing is scored before the answer"
    press(page.details.scores.question.yes)
    qtbot.waitUntil(lambda: "test" in page.details.scorer.of(run), timeout=PATIENCE_MS)
    press(blocks["test"].button)
    assert not page.details.scores.question.isVisible()
    assert page.details.scorer.run == run
    press(page.details.scores.progress.cancel)
    qtbot.waitUntil(lambda: not page.details.scorer.run, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: load(store.root / FILE).get(run, {}).keys() == {"validation", "test"})

    path = store.root / "five.json"
    engine.request(
        SaveTasks, lambda _: None, values=SMALL, split="validation", count=5, path=str(path)
    )
    qtbot.waitUntil(path.exists, timeout=PATIENCE_MS)
    assert blocks["list"].isVisibleTo(page)
    page.details.score_list(str(path))
    qtbot.waitUntil(lambda: "list" in page.details.scorer.of(run), timeout=PATIENCE_MS)
    assert blocks["list"].figures["tasks"].value.text() == "5"
    listed = page.details.scorer.of(run)["list"]
    assert (listed.source, listed.note) == ("five.json", "")

    pixels = np.random.default_rng(0).integers(0, 256, (4, 1, 20, 20), np.uint8)
    one, two, three, four = (Example(each) for each in pixels)
    path = store.root / "drawn.fewshot"
    save_task(TaskFile(("a", "b"), ((one,), (two,)), ((three, 0), (four, 1))), path)
    page.details.score_list(str(path))
    qtbot.waitUntil(
        lambda: page.details.scorer.of(run)["list"].source == path.name, timeout=PATIENCE_MS
    )
    assert blocks["list"].figures["tasks"].value.text() == "1"
