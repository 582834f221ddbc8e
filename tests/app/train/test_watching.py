"""Watching a run that somebody trains, and looking at one that has ended."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.app.train.worlds import (
    MakePage,
    MakeRun,
    figure,
    visible_buttons,
)
from workbench.app.engine_link import EngineLink
from workbench.app.pages.train.legend import CurveLegend
from workbench.app.widgets.inputs import Slider
from workbench.schema.catalogue import Catalogue
from workbench.schema.layers import nest
from workbench.store import RunStatus, Store


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
    panel = page.running.insight.adaptation
    assert panel.before.value.text() == "20.0 %"
    assert panel.after.value.text() == "90.0"
    assert panel.gain.value.text() == "+70.0"
    assert panel.plot.numbers("Validation").x.tolist() == [0, 1, 5]
    np.testing.assert_allclose(panel.plot.numbers("Validation").y, [20, 70, 90])


def test_an_error_that_falls_is_called_a_change_and_not_a_gain(
    make_page: MakePage, store: Store, catalogue: Catalogue, idle: EngineLink
) -> None:
    values = {"dataset.name": "sinusoid", "training.steps": 9}
    with store.create(nest(catalogue.complete(values)), {}) as writer:
        row = {"step": 3, "tasks": 3, "seconds": 3.0, "loss": 1.0}
        writer.record("train", row)
        trace = {"trace_0": 3.5, "trace_1": 0.75}
        judged = {"value": 0.75, "interval": 0.02, "before": 3.5}
        writer.record("validation", row | judged | trace)
        page = make_page(idle)
        page.open_run(writer.run)
        gain = page.running.insight.adaptation.gain
        assert gain.accessibleName() == "Change: -2.75"


def test_a_method_without_an_inner_loop_shows_its_answer_alone(
    make_page: MakePage, store: Store, catalogue: Catalogue, idle: EngineLink
) -> None:
    values = {"algorithm.name": "protonet", "training.steps": 9}
    with store.create(nest(catalogue.complete(values)), {}) as writer:
        row = {"step": 3, "tasks": 3, "seconds": 3.0, "loss": 1.0, "accuracy": 0.5}
        writer.record("train", row)
        judged = {"value": 0.9, "interval": 0.02, "before": math.nan, "trace_0": 0.9}
        writer.record("validation", row | judged)
        page = make_page(idle)
        page.open_run(writer.run)
        panel = page.running.insight.adaptation
        assert panel.after.value.text() == "90.0"
        assert not panel.before.isVisibleTo(page)
        assert not panel.gain.isVisibleTo(page)
        assert not page.running.curves.checks["Before adaptation"].isVisibleTo(page)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"training.n_way": 20}, "Train, 20-way"),
        ({"training.n_way": 20, "training.k_shot": 10}, "Train, 20-way 10-shot"),
        ({"training.n_way": 5, "training.k_shot": 1}, "Train"),
        ({}, "Train"),
    ],
)
def test_training_on_other_tasks_than_the_validation_is_said_beside_its_curve(
    values: dict[str, int],
    words: str,
    make_page: MakePage,
    store: Store,
    catalogue: Catalogue,
    idle: EngineLink,
) -> None:
    chosen = {"algorithm.name": "maml", "task.n_way": 5, "task.k_shot": 1} | values
    with store.create(nest(catalogue.complete(chosen)), {}) as writer:
        page = make_page(idle)
        page.open_run(writer.run)
        assert page.running.curves.checks["Train"].text() == words


@pytest.mark.usefixtures("dressed")
def test_a_legend_short_of_room_gives_up_first_what_says_least(qtbot: QtBot) -> None:
    legend = CurveLegend()
    row = QWidget()
    qtbot.addWidget(row)
    row.setLayout(legend)
    said = []
    for width in range(1200, 200, -20):
        legend.fit(width, 200, "10-shot")
        words = tuple(legend.checks[name].text() for name in ("Train", "Validation"))
        if words not in said:
            said.append(words)
    assert said == [
        ("Train, 10-shot", "Validation, 95 % interval of 200 tasks"),
        ("Train, 10-shot", "Validation ± 95 %"),
        ("Train, 10-shot", "Validation"),
        ("Train", "Validation"),
    ]


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


def test_a_regression_stays_wholly_in_view_when_the_window_changes_its_size(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    """40 steps and half a marker: 0.8 % more."""
    page = make_page(idle)
    page.open_run(make_run(**{"dataset.name": "sinusoid"}).run)
    loss = page.running.curves.loss
    wide = loss.width()
    page.window().resize(1280, 720)
    qtbot.waitUntil(lambda: loss.width() < wide, timeout=5_000)
    QApplication.processEvents()
    assert loss.getViewBox().viewRange()[0] == pytest.approx([0, 40.32])


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


def test_the_curves_of_an_ended_run_can_still_be_drawn_otherwise(
    qtbot: QtBot, make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    page = make_page(idle)
    writer = make_run(20, 40)
    writer.status(RunStatus.DONE, step=20)
    writer.close()
    page.open_run(writer.run)
    curves = page.running.curves
    smooth = curves.loss.grab().toImage()
    qtbot.keyClick(curves.findChild(Slider), Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: curves.loss.grab().toImage() != smooth)
    curves.choose_axis("tasks")
    qtbot.waitUntil(lambda: curves.loss.numbers("Train").x[-1] == 80)


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
