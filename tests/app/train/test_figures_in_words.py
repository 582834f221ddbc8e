"""Figures of a run in words, and its rows."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.app.train.worlds import (
    MakeRun,
)
from workbench.app.pages.train import figures as words
from workbench.app.pages.train.feed import Columns, RunFeed
from workbench.app.pages.train.watch import RunWatch
from workbench.schema.catalogue import Catalogue
from workbench.store import RunStatus, Store


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
