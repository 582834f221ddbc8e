"""Curves: what is drawn of them, what is said of them, and how they are looked at."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.app.plots import CurvePlot, link_plots, smoothed
from workbench.app.plots.decimate import peaks
from workbench.app.plots.overlay import EndLabel, placed
from workbench.app.plots.ticks import (
    interval_text,
    linear_ticks,
    log_ticks,
    number_text,
    short_text,
)
from workbench.app.theme import apply
from workbench.app.theme.tokens import DARK, LIGHT
from workbench.errors import StoreError

pytestmark = pytest.mark.usefixtures("dressed")


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    made = CurvePlot("Accuracy", y_title="Accuracy", unit="%")
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    return made


def plain_average(y: np.ndarray, weight: float) -> np.ndarray:
    total, norm, out = 0.0, 0.0, []
    for value in y:
        total, norm = weight * total + (1 - weight) * value, weight * norm + (1 - weight)
        out.append(total / norm)
    return np.array(out)


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("weight", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("count", [1, 7, 10_000])
def test_smoothing_in_blocks_is_the_plain_loop(weight: float, count: int) -> None:
    y = np.random.default_rng(0).normal(size=count)
    assert smoothed(y, weight) == pytest.approx(plain_average(y, weight), rel=1e-9, abs=1e-12)


def test_smoothing_leaves_gaps_as_gaps() -> None:
    y = np.array([1.0, np.nan, 1.0, 1.0])
    assert smoothed(y, 0.9) == pytest.approx([1.0, np.nan, 1.0, 1.0], nan_ok=True)


def test_a_constant_curve_is_not_pulled_towards_zero() -> None:
    assert smoothed(np.full(50, 3.0), 0.99) == pytest.approx(np.full(50, 3.0))


def test_no_peak_is_lost_when_a_long_curve_is_thinned() -> None:
    y = np.zeros(100_000)
    y[54_321], y[12_345] = 7.0, -3.0
    xs, ys = peaks(np.arange(100_000.0), y, 0, 100_000, 800)
    assert (ys.max(), ys.min()) == (7.0, -3.0)
    assert len(xs) <= 2 * 800 + 2
    assert (np.diff(xs) >= 0).all()


def test_a_gap_longer_than_a_pixel_stays_a_gap_when_thinned() -> None:
    y = np.ones(100_000)
    y[40_000:60_000] = np.nan
    xs, ys = peaks(np.arange(100_000.0), y, 0, 100_000, 500)
    inside = (xs > 41_000) & (xs < 59_000)
    assert np.isnan(ys[inside]).all()
    assert np.isfinite(ys[~inside & ((xs < 39_000) | (xs > 61_000))]).all()


def test_a_line_reaches_the_edges_of_what_is_looked_at() -> None:
    xs, _ = peaks(np.arange(100.0), np.arange(100.0), 40.5, 50.5, 100)
    assert (xs[0], xs[-1]) == (40, 51)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 20_000), (0, 1), (-3, 3), (75, 100), (1e-6, 5e-6), (0, 12_480)]
)
def test_there_are_never_more_than_nine_ticks(low: float, high: float) -> None:
    ticks = linear_ticks(low, high)
    assert 3 <= len(ticks) <= 9
    assert all(low - 1e-9 <= t <= high + 1e-9 for t in ticks)


def test_steps_are_counted_in_whole_numbers() -> None:
    assert linear_ticks(0, 10, 6, whole=True) == [0, 2, 4, 6, 8, 10][: len(linear_ticks(0, 10, 6))]
    assert linear_ticks(0, 3, 9, whole=True) == [0, 1, 2, 3]


def test_a_logarithmic_axis_has_ticks_at_one_two_and_five() -> None:
    values = [round(10**t, 6) for t in log_ticks(np.log10(0.08), np.log10(3))]
    assert values == [0.1, 0.2, 0.5, 1, 2]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.184, "0.184"),
        (95.6, "95.6"),
        (1204, "1,204"),
        (0, "0"),
        (100, "100.0"),
        (1e-5, "1.00e-05"),
    ],
)
def test_a_last_value_has_three_digits(value: float, text: str) -> None:
    assert short_text(value) == text


def test_a_number_that_is_none_is_a_dash() -> None:
    assert short_text(float("nan")) == number_text(float("inf")) == "–"


def test_mean_and_interval_have_the_same_decimals() -> None:
    assert interval_text(95.6, 0.91) == "95.6 ± 0.9"


# ---------------------------------------------------------------- labels


def test_labels_never_cover_each_other_and_stay_inside() -> None:
    labels = [EndLabel(500, y, "Train 97.1", QColor("#000000")) for y in (95, 96, 99, 99, 99.5)]
    heights = [label.y for label in placed(labels, 0, 100, 18)]
    assert all(b - a >= 18 for a, b in pairwise(heights))
    assert heights[0] >= 9
    assert heights[-1] <= 91


def test_labels_far_apart_in_x_stay_where_their_curves_end() -> None:
    labels = [
        EndLabel(50, 40, "ProtoNet 97.5", QColor("#000000")),
        EndLabel(500, 41, "MAML++ 97.0", QColor("#000000")),
    ]
    assert [label.y for label in placed(labels, 0, 100, 18)] == [40, 41]


# ---------------------------------------------------------------- the plot


def test_a_plot_says_last_value_and_range_of_each_curve(plot: CurvePlot) -> None:
    assert plot.accessibleDescription() == "Accuracy, %. No data yet"
    plot.set_series("Validation", [500, 1000, 12_000], [70.0, np.nan, 95.6])
    plot.refresh()
    assert (
        plot.accessibleDescription()
        == "Accuracy, %. Validation: 95.6 at step 12,000, from 70.0 to 95.6"
    )


def test_nothing_is_drawn_before_refresh(plot: CurvePlot) -> None:
    plot.set_series("Train", [0, 1], [1, 2])
    assert "No data" in plot.accessibleDescription()


def test_x_reaches_to_the_end_of_training(plot: CurvePlot) -> None:
    plot.set_series("Train", np.arange(100), np.arange(100))
    plot.set_future(100, 20_000)
    plot.refresh()
    left, right = plot.getViewBox().viewRange()[0]
    assert left == 0
    assert 20_000 <= right < 20_400


def test_a_zoomed_view_stays_while_data_come_in_and_zero_shows_all(plot: CurvePlot) -> None:
    plot.set_series("Train", np.arange(100), np.arange(100))
    plot.refresh()
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    zoomed = plot.getViewBox().viewRange()[0]
    plot.set_series("Train", np.arange(500), np.arange(500))
    plot.refresh()
    assert plot.getViewBox().viewRange()[0] == zoomed
    QTest.keyClick(plot, Qt.Key.Key_0)
    assert plot.getViewBox().viewRange()[0][1] >= 499


def test_y_fits_what_is_in_view_not_what_is_beside_it(plot: CurvePlot) -> None:
    y = np.ones(1000)
    y[0] = 1e6
    plot.set_series("Train", np.arange(1000), y)
    plot.refresh()
    plot.setXRange(500, 600, padding=0)
    assert plot.getViewBox().viewRange()[1][1] < 10


def test_a_diverged_curve_is_shown_up_to_where_it_diverged(plot: CurvePlot) -> None:
    y = np.linspace(2, 1, 1000)
    y[700:] = np.nan
    plot.set_series("Train", np.arange(1000), y, noisy=True)
    plot.set_smoothing(0.9)
    plot.refresh()
    plot.grab()
    assert "at step 699" in plot.accessibleDescription()


def test_infinite_and_negative_values_do_not_break_a_logarithmic_plot(plot: CurvePlot) -> None:
    plot.set_series("Train", np.arange(4), [np.inf, -1, 0, 2.0])
    plot.set_log(True)
    plot.grab()
    low, high = plot.getViewBox().viewRange()[1]
    assert np.isfinite([low, high]).all()


def test_an_empty_curve_is_no_trouble(plot: CurvePlot) -> None:
    plot.set_series("Train", [], [])
    plot.refresh()
    plot.grab()
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert plot.crosshair.x is None


def test_a_hidden_plot_does_not_shift_the_range_of_those_it_is_linked_to(qtbot: QtBot) -> None:
    loss, accuracy, rates = (CurvePlot(name) for name in ("Loss", "Accuracy", "Rates"))
    link_plots([rates, loss, accuracy])
    for plot, width in ((loss, 600), (accuracy, 600), (rates, 90)):
        qtbot.addWidget(plot)
        plot.resize(width, 200)
    loss.show()
    accuracy.show()
    loss.set_series("Train", [1, 50, 83], [3.0, 2.0, 1.0])
    loss.set_future(83, 600)
    loss.refresh()
    for plot in (loss, accuracy, rates):
        left, right = plot.getViewBox().viewRange()[0]
        assert left == 0
        assert 600 <= right < 610


def test_linked_plots_share_range_and_crosshair(qtbot: QtBot) -> None:
    loss, accuracy = CurvePlot("Loss", y_title="Loss"), CurvePlot("Accuracy", y_title="Accuracy")
    link_plots([loss, accuracy])
    for one in (loss, accuracy):
        qtbot.addWidget(one)
        one.resize(600, 250)
        one.set_series("Train", np.arange(0, 1000, 10), np.linspace(1, 2, 100))
        one.show()
        one.refresh()
    QTest.keyClick(accuracy, Qt.Key.Key_Right)
    assert loss.crosshair is accuracy.crosshair
    assert loss.crosshair.x == 990
    QTest.keyClick(accuracy, Qt.Key.Key_Left)
    assert loss.crosshair.x == 980
    QTest.keyClick(accuracy, Qt.Key.Key_Plus)
    assert loss.getViewBox().viewRange()[0] == accuracy.getViewBox().viewRange()[0]
    loss.grab()
    accuracy.grab()


def test_keys_switch_logarithm_and_crosshair(plot: CurvePlot, qtbot: QtBot) -> None:
    with qtbot.waitSignal(plot.log_changed) as told:
        QTest.keyClick(plot, Qt.Key.Key_L)
    assert told.args == [True]
    with qtbot.waitSignal(plot.crosshair_changed) as told:
        QTest.keyClick(plot, Qt.Key.Key_C)
    assert told.args == [False]


def test_a_plot_follows_the_theme(plot: CurvePlot, dressed: QApplication) -> None:
    plot.clearFocus()
    corner = plot.grab().toImage().pixelColor(2, 2).name().upper()
    apply(dressed, "dark", 100)
    assert corner == LIGHT.panel
    assert plot.grab().toImage().pixelColor(2, 2).name().upper() == DARK.panel


# ---------------------------------------------------------------- export


def test_a_table_holds_every_value_and_leaves_gaps_empty(plot: CurvePlot, tmp_path: Path) -> None:
    plot.set_series("Validation", [500, 1000], [70.5, np.nan], [70.0, np.nan], [71.0, np.nan])
    plot.refresh()
    plot.export(tmp_path / "plot.csv")
    text = (tmp_path / "plot.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert rows == [
        ["series", "step", "value", "low", "high"],
        ["Validation", "500", "70.5", "70", "71"],
        ["Validation", "1000", "", "", ""],
    ]


@pytest.mark.parametrize(("name", "opening"), [("p.png", b"\x89PNG"), ("p.svg", b"<?xml")])
def test_pictures_are_of_the_kind_their_ending_says(
    plot: CurvePlot, tmp_path: Path, name: str, opening: bytes
) -> None:
    plot.set_series("Train", np.arange(50), np.arange(50))
    plot.refresh()
    plot.export(tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(opening)


@pytest.mark.parametrize(
    ("name", "message"),
    [("p.bmp", "A plot cannot be saved as .bmp."), ("p", "A plot cannot be saved as")],
)
def test_an_unknown_ending_is_refused_with_those_that_work(
    plot: CurvePlot, tmp_path: Path, name: str, message: str
) -> None:
    with pytest.raises(StoreError, match=message) as caught:
        plot.export(tmp_path / name)
    assert caught.value.hint == "Use .png, .svg or .csv."


@pytest.mark.parametrize("name", ["p.csv", "p.svg", "p.png"])
def test_a_folder_that_is_not_there_is_said_plainly(
    plot: CurvePlot, tmp_path: Path, name: str
) -> None:
    with pytest.raises(StoreError, match="cannot be written") as caught:
        plot.export(tmp_path / "nowhere" / name)
    assert caught.value.hint == "Choose another folder."
