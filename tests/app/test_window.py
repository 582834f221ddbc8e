"""The shell: pages, keys, palette, messages, and what it remembers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton
from pytestqt.qtbot import QtBot

from workbench.app.shell.palette import Command, ranked
from workbench.app.theme import theme
from workbench.app.widgets import Button, IntBox, Page, Panel, Splitter
from workbench.app.window import MainWindow, RunState

Opener = Callable[[], MainWindow]
TITLES = ("Data", "Train", "Draw", "Runs")
ICONS = ("database", "sliders-horizontal", "pen-tool", "list")


def with_pages(window: MainWindow) -> MainWindow:
    for title, icon in zip(TITLES, ICONS, strict=True):
        page = Page(title, icon, f"The page of {title}")
        splitter = Splitter("horizontal", f"{title}-main", [1, 1])
        for name in ("Left", "Right"):
            panel = Panel(name)
            panel.body.addWidget(IntBox(1, 9, 5, name=name))
            splitter.add(panel)
        page.content.addWidget(splitter, 1)
        window.add_page(page)
    return window


@pytest.fixture
def window(open_window: Opener) -> MainWindow:
    return with_pages(open_window())


def press(window: MainWindow, key: Qt.Key, control: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(window, key, modifier)


def test_the_first_page_is_shown_and_keys_lead_to_the_others(window: MainWindow) -> None:
    assert window.current_page() == "Data"
    press(window, Qt.Key.Key_3, control=True)
    assert window.current_page() == "Draw"


def test_it_fits_the_smallest_screen_without_cutting_anything_off(window: MainWindow) -> None:
    window.resize(1280, 720)
    hint = window.minimumSizeHint()
    assert (hint.width() <= 1280, hint.height() <= 720) == (True, True)
    assert window.rail.is_narrow()
    assert window.rail.width() == 56


def test_a_page_that_needs_more_room_scrolls_and_is_not_pressed(window: MainWindow) -> None:
    window.resize(1280, 720)
    page = window.page("Data").widget
    page.setMinimumHeight(1500)
    window.resize(1300, 730)
    holder = page.parentWidget().parentWidget()
    assert page.height() == 1500
    assert page.width() <= holder.width()
    page.setMinimumHeight(0)
    window.resize(1280, 720)
    assert page.height() == holder.height()


def test_another_scale_reaches_lengths_that_were_set_while_a_page_was_built(
    window: MainWindow,
) -> None:
    panel = window.page("Data").widget.findChildren(Panel)[0]
    box = panel.findChildren(IntBox)[0]
    box.setFixedWidth(80)
    row = QHBoxLayout()
    row.setSpacing(12)
    panel.body.addLayout(row)
    window.set_look("light", 200, False)
    assert (box.width(), row.spacing(), panel.body.contentsMargins().left()) == (160, 24, 32)
    window.set_look("light", 100, False)
    assert (box.maximumWidth(), row.spacing(), panel.head.height()) == (80, 12, 40)


def test_a_wide_window_has_words_in_its_rail(window: MainWindow) -> None:
    window.resize(1440, 900)
    assert not window.rail.is_narrow()
    assert window.rail.width() == 80


def test_a_run_shows_in_the_status_bar_and_as_a_dot_on_train(window: MainWindow) -> None:
    window.set_run_state(
        RunState("Run 42 · MAML", "running", "step 12,480 of 20,000", 0.62, "9 min 28 s left")
    )
    texts = window.status.texts()
    assert texts[:3] == ["Run 42 · MAML", "step 12,480 of 20,000", "9 min 28 s left"]
    assert window.rail.dot("Train") == "ok"
    window.set_run_state(None)
    assert window.status.texts()[0] == "No run in progress"
    assert window.rail.dot("Train") == ""


def test_a_paused_run_says_so_in_words(window: MainWindow) -> None:
    window.set_run_state(RunState("Run 42 · MAML", "paused", "step 9,000 of 20,000", 0.45))
    assert "paused, step 9,000 of 20,000" in window.status.texts()
    assert window.rail.dot("Train") == "warn"


def test_restart_is_offered_only_when_the_engine_has_stopped(
    window: MainWindow, qtbot: QtBot
) -> None:
    button = next(b for b in window.status.findChildren(Button) if b.text() == "Restart")
    window.set_engine_state("ready")
    assert not button.isVisible()
    window.set_engine_state("stopped")
    with qtbot.waitSignal(window.engine_restart_requested):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "Engine stopped" in window.status.texts()


def test_messages_are_counted_until_they_are_read(window: MainWindow) -> None:
    window.add_message("Checkpoint saved at step 12,000", "ok")
    window.add_message("The loss became NaN at step 1,180.", "bad", "Lower the rate.")
    assert "2 new messages" in window.status.texts()
    assert window.rail.dot("Messages") == "bad"
    window.show_page("Messages")
    assert "No new messages" in window.status.texts()
    assert window.rail.dot("Messages") == ""


def test_all_messages_can_be_copied_oldest_first(window: MainWindow) -> None:
    window.add_message("First")
    window.add_message("Second", "warn", "Do this.")
    window.show_page("Messages")
    copy = next(b for b in window.findChildren(QPushButton) if b.text() == "Copy all")
    QTest.mouseClick(copy, Qt.MouseButton.LeftButton)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == ["First", "Second Do this."]


def test_escape_leads_back_from_settings(window: MainWindow) -> None:
    window.show_page("Runs")
    press(window, Qt.Key.Key_Comma, control=True)
    assert window.current_page() == "Settings"
    press(window, Qt.Key.Key_Escape)
    assert window.current_page() == "Runs"


def test_f6_walks_through_the_panels_of_the_page(window: MainWindow) -> None:
    window.activateWindow()
    seen = []
    for _ in range(3):
        window.focus_next_panel()
        focus = QApplication.focusWidget()
        seen.append(focus.accessibleName() if focus is not None else "")
    assert seen == ["Left", "Right", "Left"]


def test_the_palette_finds_pages_actions_and_runs_and_does_them(window: MainWindow) -> None:
    done: list[str] = []
    window.add_command("Start training", lambda: done.append("start"), "Ctrl+Return")
    window.set_run_commands([("Run 42 · MAML on Omniglot", lambda: done.append("42"))])
    window.open_palette()
    box = window.palette_box
    QTest.keyClicks(box.field, "omni")
    assert box.titles() == ["Run 42 · MAML on Omniglot"]
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert done == ["42"]
    assert not box.isVisible()
    window.open_palette()
    QTest.keyClicks(box.field, "draw")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert window.current_page() == "Draw"


def test_a_slow_command_leaves_no_picture_of_the_palette_standing(
    qtbot: QtBot, window: MainWindow
) -> None:
    class Eye(QObject):
        painted = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.painted += event.type() == QEvent.Type.Paint
            return False

    eye, seen = Eye(), []
    window.add_command("Take your time", lambda: seen.append(eye.painted))
    window.open_palette()
    qtbot.waitUntil(window.palette_box.isVisible)
    QApplication.processEvents()
    QTest.keyClicks(window.palette_box.field, "take your")
    QApplication.processEvents()
    window.centralWidget().installEventFilter(eye)
    QTest.keyClick(window.palette_box.field, Qt.Key.Key_Return)
    assert seen == [1]


def test_every_page_head_opens_the_palette(window: MainWindow) -> None:
    page = window.page("Train").widget
    assert isinstance(page, Page)
    window.show_page("Train")
    QTest.mouseClick(page.head.find_button, Qt.MouseButton.LeftButton)
    assert window.palette_box.isVisible()
    QTest.keyClick(window.palette_box.field, Qt.Key.Key_Escape)
    assert not window.palette_box.isVisible()


def test_a_match_at_the_start_comes_before_one_inside() -> None:
    commands = [Command(t, "Action", lambda: None) for t in ("Restart", "The start", "Start")]
    assert [c.title for c in ranked(commands, "start")] == ["Start", "The start", "Restart"]
    assert ranked(commands, "nothing like it") == []


def test_page_splitters_and_look_are_remembered(
    open_window: Opener, window_settings: QSettings
) -> None:
    first = with_pages(open_window())
    first.resize(1440, 900)
    first.show_page("Runs")
    splitter = first.page("Runs").widget.findChildren(Splitter)[0]
    splitter.setSizes([300, 900])
    first.set_look("dark", 110, True)
    share = splitter.sizes()[0] / sum(splitter.sizes())
    first.close()

    second = with_pages(open_window())
    assert second.current_page() == "Runs"
    assert theme().dark
    assert (theme().scale, theme().reduced_motion) == (110, True)
    sizes = second.page("Runs").widget.findChildren(Splitter)[0].sizes()
    assert sizes[0] / sum(sizes) == pytest.approx(share, abs=0.03)


def test_settings_that_somebody_spoilt_do_not_keep_the_window_from_opening(
    open_window: Opener, window_settings: QSettings
) -> None:
    for key, value in {"scale": "huge", "geometry": "x", "page": "Nowhere"}.items():
        window_settings.setValue(key, value)
    window_settings.setValue("splitters/Data-main", "broken")
    assert with_pages(open_window()).current_page() == "Data"
    assert theme().scale == 100


def test_reset_layout_brings_the_panels_back(window: MainWindow) -> None:
    splitter = window.page("Data").widget.findChildren(Splitter)[0]
    splitter.setSizes([100, 1100])
    window.reset_layout()
    left, right = splitter.sizes()
    assert left == pytest.approx(right, abs=2)


def test_what_was_done_can_be_undone(window: MainWindow) -> None:
    back: list[int] = []
    window.offer_undo("Deleted run 42", lambda: back.append(42))
    assert window.undo_bar.text() == "Deleted run 42"
    undo = next(b for b in window.undo_bar.findChildren(QPushButton) if b.text() == "Undo")
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert back == [42]


def test_closing_is_told_to_who_owns_the_engine(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closing):
        window.close()
