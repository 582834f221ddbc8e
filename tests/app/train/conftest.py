"""A Train page in a window of its own, runs in a store, and an engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.app.train.worlds import (
    PATIENCE_MS,
    MakePage,
    MakeRun,
    fill,
)
from workbench.app.context import Context
from workbench.app.draft import Draft
from workbench.app.engine_link import EngineLink
from workbench.app.pages.train import TrainPage
from workbench.app.window import MainWindow
from workbench.schema.catalogue import Catalogue
from workbench.schema.layers import nest
from workbench.store import RunWriter, Store
from workbench.worker import launch


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
