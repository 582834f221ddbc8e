"""What tests of the window share: the dressed program, and settings of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.app.theme import apply
from workbench.app.window import MainWindow


@pytest.fixture(autouse=True)
def closed_windows_are_gone() -> Iterator[None]:
    """Destroy what a test closed; without an event loop Qt would keep it for all later tests."""
    yield
    if QApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    """The program in the light scheme at 100 %; tests that change the look leave it so."""
    apply(qapp, "light", 100)
    yield qapp
    apply(qapp, "light", 100)


@pytest.fixture
def window_settings(tmp_path: Path) -> QSettings:
    """Settings in a file of this test's own."""
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    settings.setValue("scheme", "light")
    return settings


@pytest.fixture
def open_window(
    qtbot: QtBot, dressed: QApplication, window_settings: QSettings, tmp_path: Path
) -> Callable[[], MainWindow]:
    """Opens a shown window; windows opened one after the other share their settings."""

    def open_one() -> MainWindow:
        window = MainWindow(window_settings, tmp_path)
        qtbot.addWidget(window)
        window.show()
        return window

    return open_one
