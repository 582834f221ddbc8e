"""A window with the Data page, and the real worker behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from tests.app.data.worlds import PATIENCE_MS, SMALL, choose
from workbench.app.main import Workbench
from workbench.app.pages.data import DataPage
from workbench.worker import launch


@pytest.fixture(scope="module")
def workbench(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One window for all tests, with a few glyphs in its draft."""
    home = tmp_path_factory.mktemp("home")
    (home / "draft.json").write_text(json.dumps({"version": 1, "values": SMALL}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEWSHOT_WORKBENCH_HOME", str(home))
        made = Workbench(lambda: launch(home), home)
        made.window.resize(1440, 900)
        try:
            with SignalBlocker(timeout=PATIENCE_MS) as blocker:
                blocker.connect(made.completed)
                made.show()
            yield made
        finally:
            made.window.close()
            made.close()


@pytest.fixture
def page(qtbot: QtBot, workbench: Workbench) -> Iterator[DataPage]:
    """The Data page as it is at the start."""
    made, draft = workbench.data, workbench.draft
    workbench.window.show_page("Data")
    choose(made, "glyphs")
    qtbot.waitUntil(
        lambda: made.sets.shown.ready is not None and made.preview.sheet.shown() > 0,
        timeout=PATIENCE_MS,
    )
    yield made
    draft.replace(SMALL)
    made.groups.search.clear()
    workbench.window.resize(1440, 900)
