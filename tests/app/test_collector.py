"""Garbage is collected on the GUI thread only, and never for longer than a frame."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from workbench.app.collector import Collector


class Knot:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.myself = self


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[Collector]:
    made = Collector()
    made.start()
    yield made
    made.stop()


def test_python_does_not_collect_by_itself_while_the_window_is_open(collector: Collector) -> None:
    knot = weakref.ref(Knot())
    made = [[] for _ in range(10 * gc.get_threshold()[0])]  # else more than enough to begin
    assert knot() is not None
    collector.collect()
    assert knot() is None
    assert len(made) > gc.get_threshold()[0]


def test_little_garbage_waits(collector: Collector) -> None:
    collector.collect()
    knot = weakref.ref(Knot())
    collector.collect()
    assert knot() is not None


def test_what_stands_when_the_pages_are_there_is_not_looked_at_again(collector: Collector) -> None:
    pages = [[] for _ in range(1_000)]
    collector.settle()
    looked_at = {id(thing) for thing in gc.get_objects()}
    assert not looked_at & {id(page) for page in pages}


def test_python_collects_by_itself_again_after_the_window_has_gone(qapp: QApplication) -> None:
    made = Collector()
    made.start()
    made.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
